"""Sentences for a command line that does not fit: what is wrong with it, and what would fit."""

from __future__ import annotations

import re
from typing import Any

_REFUSED = re.compile(r"(?P<value>.+?) is not (?:one of|a valid|in the range) ", re.DOTALL)
"""Beginning of the parser's messages that quote a value which an option does not take."""


def refusal(error: Any) -> str | None:
    """Return what an option or argument takes, and what was given; None for any other error.

    :param error: an exception of the command line's parser.
    """
    parameter = getattr(error, "param", None)
    given = _REFUSED.match(getattr(error, "message", None) or "")
    if parameter is None or given is None:
        return None
    wanted = _wanted(parameter.type)
    return wanted and f"{_name_parameter(parameter)} must be {wanted}, not {given['value']}."


def _name_parameter(parameter: Any) -> str:
    """Return `--for` of an option, and `FILE` of an argument."""
    long = [option for option in parameter.opts if option.startswith("-")]
    return max(long, key=len) if long else str(parameter.make_metavar(None))


def _wanted(kind: Any) -> str | None:
    choices = getattr(kind, "choices", None)
    if choices:
        *others, last = [str(getattr(choice, "value", choice)) for choice in choices]
        return f"{', '.join(others)} or {last}" if others else last
    number = {"int": "an integer", "integer": "an integer", "float": "a number"}.get(_base(kind))
    return number and f"{number}{_range(kind)}"


def _base(kind: Any) -> str:
    return str(kind.name).removesuffix(" range")


def _range(kind: Any) -> str:
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" of {low} or more" if low is not None else ""
