"""Signatures of a resource's writing methods with its own record in them, for `help()` and editors at run time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import FunctionType
from typing import Any, get_args

_RECORD = re.compile(r"\bR\b")


def show_record(resource: type[Any], generic: type[Any], names: Sequence[str]) -> None:
    """Give a resource copies of methods whose annotations name its record in place of the type variable.

    :param resource: a class with the record as a parameter of its base; without one nothing happens.
    :param generic: the class that has the methods.
    """
    record = _record_of(resource, generic)
    if record is None:
        return
    for name in names:
        if name not in vars(resource):
            setattr(resource, name, _copy(vars(generic)[name], record))


def _record_of(resource: type[Any], generic: type[Any]) -> str | None:
    for base in vars(resource).get("__orig_bases__", ()):
        if getattr(base, "__origin__", None) is generic:
            (argument,) = get_args(base)
            found = getattr(argument, "__forward_arg__", None) or getattr(argument, "__qualname__", None)
            return None if found is None else str(found)
    return None


def _copy(function: FunctionType, record: str) -> FunctionType:
    copied = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copied.__kwdefaults__ = function.__kwdefaults__
    copied.__dict__.update(function.__dict__)
    copied.__doc__, copied.__module__ = function.__doc__, function.__module__
    copied.__qualname__ = function.__qualname__
    copied.__annotations__ = {
        name: _RECORD.sub(record, annotation) if isinstance(annotation, str) else annotation
        for name, annotation in function.__annotations__.items()
    }
    wrapped = function.__dict__.get("__wrapped__")
    if isinstance(wrapped, FunctionType):
        copied.__dict__["__wrapped__"] = _copy(wrapped, record)
    return copied
