"""Common mistakes in calls: the words of other libraries, and what they are called here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_ANY_OPTION, _COROUTINE = 0x08, 0x80
"""Flags of a code object: it takes any argument by name; calling it makes a coroutine."""

RENAMED = {
    "width": "concurrency",
    "explode": "flatten",
    "records": "rows_path",
    "continuation": "next_path",
}
"""By the earlier name of an option or argument: its present one."""

_OPTIONS = {
    "timeout": "with_options(timeout=…)",
    "deadline": "with_options(timeout=…)",
    "headers": "with_options(headers=…)",
    "params": "with_options(params=…)",
    "retry": "with_options(retry=…)",
    "retries": "with_options(retry='never')",
}
"""By the argument of a call that is not a parameter of the operation: where it is given."""
_PAGING = {
    "limit": "list(…).limit(…)",
    "max_rows": "list(…).limit(…)",
    "per_page": "page_size=…",
    "page": "page_no=…, or `async for`, which reads all pages",
    "sort": "order=…",
    "order_by": "order=…",
    "filter": "the filter's own name, such as open_only=True",
    "filters": "the filter's own name, such as open_only=True",
}
_VERBS = {
    **dict.fromkeys(("all", "filter", "find", "search", "query", "fetch_all", "get_all", "iter"), "list"),
    **dict.fromkeys(("add", "new", "insert", "post"), "create"),
    **dict.fromkeys(("edit", "patch", "put", "modify", "change", "set"), "update"),
    **dict.fromkeys(("remove", "destroy", "drop", "archive"), "delete"),
    **dict.fromkeys(("retrieve", "read", "fetch", "find_one", "one", "by_id", "get_by_id", "show"), "get"),
    **dict.fromkeys(("bulk", "bulk_create", "create_many", "bulk_update"), "bulk_upsert"),
}
"""By the method of other clients: what it is called here."""


_WRITES: Mapping[str, str] = dict.fromkeys(("create", "update", "bulk_upsert"), "upsert")


def meant_operation(name: str, known: Container[str]) -> str | None:
    """Return the operation that a name such as `tickets.update` stands for, if it is a usual name of its method."""
    resource, _, method = name.rpartition(".")
    method = _VERBS.get(method, method)
    meant = f"{resource}.{_WRITES.get(method, method)}"
    return meant if meant in known else None


def renamed(known: Container[str]) -> dict[str, str]:
    """Return the earlier names of these options and arguments, each with its present one."""
    return {old: new for old, new in RENAMED.items() if new in known}


def option_mend(name: str, known: frozenset[str]) -> str:
    """Return where an argument is given that is not a parameter; nothing where that is not known."""
    mend = _OPTIONS.get(name) or (_PAGING.get(name) if {"page_no", "pageinate"} & known else None)
    return f". Use {mend}." if mend else ""


def field_mend(name: str, operation: Operation) -> str:
    """Return how a field of a record is given to `upsert`; nothing for any other operation or name."""
    record = _written_record(operation)
    if record is None or name not in record.__halo_fields__:
        return ""
    return f". Use upsert([{record.__name__}({name}=...)])."


def call_form(operation: Operation) -> str:
    """Return a call with what an operation requires, such as `tickets.get(id)` or `tickets.upsert([Ticket(...)])`."""
    record = _written_record(operation)
    if record is not None:
        return f"{operation.name}([{record.__name__}(...)])"
    given = [name if name in operation.positional else f"{name}=..." for name in operation.required]
    return f"{operation.name}({', '.join(given)})"


def _written_record(operation: Operation) -> Any:
    """Return the class of the records that `upsert` takes; None for any other operation."""
    from halo_async._operations.response_decoding import decode_as

    item = operation.result.removeprefix("Sequence[").removesuffix("]")
    is_upsert = operation.kind == "upsert" and item.startswith("models.")
    return decode_as(item, operation.stub.__module__) if is_upsert else None


def resource_mend(name: str, known: Iterable[str], other_numbers: Mapping[str, str]) -> str:
    """Return which resource is meant, or how to find it; a full stop for a private name."""
    from halo_async._utils.names import did_you_mean

    if name in _VERBS or name in {*_VERBS.values(), "upsert"}:
        return ". Use one of its resources, such as `….tickets.list()`."
    near = did_you_mean(name, known, other_numbers)
    return near or ("." if name.startswith("_") else f". Find it with `halo-async operations {name}`.")


def operation_mend(name: str, resource: type[object]) -> str:
    """Return `". Did you mean 'list'?"` for the method that is meant, or a full stop."""
    from halo_async._utils.names import did_you_mean

    if name in ("watch", "changed_since"):
        return f". Only lists with a filter for changes have it: {', '.join(lists_with_changes())}."
    verb = _VERBS.get(name)
    if verb is not None and hasattr(resource, verb):
        return f". Use {verb}()."
    public = [one for one in dir(resource) if not one.startswith("_")]
    return did_you_mean(name, public) or "."


def lists_with_changes() -> list[str]:
    """Return the names of the resources whose lists can be asked for changes, such as `tickets`."""
    from halo_async._operations.resource import operations

    listed = (item for item in operations() if item.kind == "list")
    return [item.resource for item in listed if "lastupdatefromdate" in item.argument_names]


def by_position(names: Sequence[str]) -> str:
    """Return how many arguments there are by position, and their names."""
    listed = f" ({', '.join(names)})" if names else ""
    return f"{len(names) or 'no'} argument{'' if len(names) == 1 else 's'} by position{listed}"


def called_as(example: str) -> Callable[[Callable[_Arguments, _Result]], Callable[_Arguments, _Result]]:
    """Decorate a function so that arguments that do not fit are refused with the option that is meant, or a call.

    :param example: a call, such as `resolve("agent", "Jane Doe")`.
    """

    def decorate(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
        accepted = _Accepted(function, example)

        @wraps(function)
        def checked(*args: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
            if wrong := accepted.wrong(len(args), options):
                del args, options
                raise TypeError(wrong)
            try:
                return function(*args, **options)
            except BaseException:
                del args, options  # tracebacks show locals
                raise

        @wraps(function)
        async def checked_later(*args: _Arguments.args, **options: _Arguments.kwargs) -> Any:
            if wrong := accepted.wrong(len(args), options):
                del args, options
                raise TypeError(wrong)
            result: Any = None
            try:
                result = function(*args, **options)
                return await result
            except BaseException:
                del args, options, result
                raise

        return cast(Callable[_Arguments, _Result], checked_later) if accepted.is_coroutine else checked

    return decorate


class _Accepted:
    """The arguments that a function accepts. `inspect` would tell, but takes 10 ms to import."""

    def __init__(self, function: Callable[..., Any], example: str) -> None:
        about: Any = function
        code = about.__code__
        names, count = code.co_varnames, code.co_argcount
        self._name = about.__name__
        self._example = example
        self._positional = names[:count]
        self._own = 1 if names[:1] in (("self",), ("halo",)) else 0  # `halo`: also a function of a client
        self._required = names[self._own : count - len(about.__defaults__ or ())]
        self._by_position_alone = frozenset(names[: code.co_posonlyargcount])
        self._options = names[count : count + code.co_kwonlyargcount]
        self._required_options = [name for name in self._options if name not in (about.__kwdefaults__ or {})]
        self._any_option = bool(code.co_flags & _ANY_OPTION)
        self.is_coroutine = bool(code.co_flags & _COROUTINE)

    def wrong(self, count: int, options: Mapping[str, Any]) -> str:
        """Return what is wrong with `count` arguments by position and others by name; empty if nothing is."""
        known = {*self._positional[self._own :], *self._options} - self._by_position_alone
        unknown = next((name for name in options if name not in known and not self._any_option), None)
        if unknown is not None:
            return f"{self._name}() has no option {unknown!r}{self._mend(unknown, known)}"
        if count > len(self._positional):
            own = self._positional[self._own :]
            return f"{self._name}() takes {by_position(own)}, not {count - self._own}. Call {self._example}."
        required = (*self._required[max(0, count - self._own) :], *self._required_options)
        missing = [name for name in required if name not in options]
        return f"{self._name}() requires {', '.join(missing)}. Call {self._example}." if missing else ""

    def _mend(self, name: str, known: Collection[str]) -> str:
        from halo_async._utils.names import did_you_mean

        return did_you_mean(name, known, renamed(known)) or f". Call {self._example}."
