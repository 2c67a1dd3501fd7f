"""Common mistakes in calls: the words of other libraries, and what they are called here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_Function = Callable[_Arguments, Coroutine[Any, Any, _Result]]

RENAMED = {"width": "concurrency", "explode": "flatten"}
"""By the earlier name of an option: its present one."""

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


def option_mend(name: str, known: frozenset[str]) -> str:
    """Return where an argument is given that is not a parameter; nothing where that is not known."""
    mend = _OPTIONS.get(name) or (_PAGING.get(name) if {"page_no", "pageinate"} & known else None)
    return f". Use {mend}." if mend else ""


def field_mend(name: str, operation: Operation) -> str:
    """Return how a field of a record is given to `upsert`; nothing for any other operation or name."""
    from halo_async._operations.response_decoding import decode_as

    item = operation.result.removeprefix("Sequence[").removesuffix("]")
    if operation.kind != "upsert" or not item.startswith("models."):
        return ""
    record = decode_as(item, operation.stub.__module__)
    if name not in record.__halo_fields__:
        return ""
    return f". Use upsert([{record.__name__}({name}=...)])."


def operation_mend(name: str, resource: type[object]) -> str:
    """Return `". Did you mean 'list'?"` for the method that is meant, or a full stop."""
    from halo_async._utils.names import did_you_mean

    verb = _VERBS.get(name)
    if verb is not None and hasattr(resource, verb):
        return f". Use {verb}()."
    public = [one for one in dir(resource) if not one.startswith("_")]
    return did_you_mean(name, public) or "."


def with_suggestions(function: _Function[_Arguments, _Result]) -> _Function[_Arguments, _Result]:
    """Decorate a function so that an unknown option is refused with the one that is meant."""
    code = getattr(function, "__code__")  # noqa: B009 - a callable in general has none
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    @wraps(function)
    async def checked(*args: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
        for name in options:
            if name not in known:
                from halo_async._utils.names import did_you_mean

                hint = did_you_mean(name, known, RENAMED) or "."
                raise TypeError(f"{function.__name__}() has no option {name!r}{hint}")
        return await function(*args, **options)

    return checked
