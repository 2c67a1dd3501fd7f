"""Operation declared by a generated stub: one operation of the API, read from its signature on demand."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Any

import msgspec

from halo_async._utils.private_struct import PrivateStruct

_PLACE = re.compile(r"\{([^{}]*)\}")
OVERLAP = timedelta(minutes=5)
"""Overlap subtracted from `changed_since`: clocks differ, and a change takes a while to show."""
_INACTIVE_SWITCHES = frozenset(
    {"includeinactive", "includedisabled", "includeapiagents", "showinactive", "showdisabled"}
)
"""Halo's names of the parameters that bring the rows which a list leaves out unless asked."""
READING = frozenset({"pageinate", "page_no", "page_size", "order", "orderdesc", "count"})
"""Parameters that say how a list is read: whoever reads it whole sets them."""
_CLIENT_OPTIONS: Mapping[str, frozenset[str]] = {
    "list": frozenset({"on_incomplete"}),
    "changes": frozenset({"on_incomplete", "when", "overlap"}),
    "proxy": frozenset({"on_incomplete", "rows_path", "next_path"}),
}


class Operation(PrivateStruct, frozen=True, eq=False, dict=True):
    """One operation of the API: method, path and the contents of its stub's signature."""

    method: str
    path: str
    """Path template relative to `/api`, with its parameters: `/Tickets/{id}`."""
    kind: str
    """`list`, `get`, `delete`, `upsert`, `call`, `get_raw` or `proxy`; `changes` for a list's changed rows."""
    stub: Callable[..., Any]
    names: Mapping[str, str] = {}
    """Halo's names of parameters that are spelled differently in Python."""
    body: str | None = None
    """`json`, `multipart`, or another media type of the body: `text/plain`."""
    rows_key: str | None = None
    """Key of the rows in an envelope; None: a bare array, or unknown."""
    unpaged: str | None = None
    """`array`: without paging the response is a bare array."""
    paged: bool = False
    """True if page numbers are sent."""
    paging: str | None = None
    """Parameter that reads whole a list that repeats page 1: `count` or `older_than_id`; None for any other."""
    cursor: CursorParameters | None = None
    identity: tuple[str, ...] = ("id",)
    """Fields that identify a row of a list."""
    since: str | None = None
    """Parameter that requests the changes since a point in time."""
    stamp: str | None = None
    """Field with the time of a row's last change."""

    @cached_property
    def name(self) -> str:
        """Name in Python: `tickets.list`, `integration_data.ninja_rmm.get`."""
        _, _, resource = f".{self.stub.__module__}".rpartition(".api.")
        return f"{resource.lstrip('.')}.{self.stub.__name__}"

    @property
    def resource(self) -> str:
        """Name of its resource: `tickets`, `integration_data.ninja_rmm`."""
        return self.name.rpartition(".")[0]

    @cached_property
    def positional(self) -> tuple[str, ...]:
        """Arguments that may be positional: those of the path, then the body."""
        code = self.stub.__code__
        return code.co_varnames[1 : code.co_argcount]

    @cached_property
    def keywords(self) -> tuple[str, ...]:
        """Keyword-only arguments: the query."""
        code = self.stub.__code__
        names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        options = _CLIENT_OPTIONS.get(self.kind)
        return tuple([name for name in names if name not in options]) if options else names

    @cached_property
    def client_options(self) -> frozenset[str]:
        """Arguments for the client that are never sent, such as `on_incomplete`."""
        code = self.stub.__code__
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        return _CLIENT_OPTIONS.get(self.kind, frozenset()).intersection(names)

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Required arguments."""
        optional = len(self.stub.__defaults__ or ())
        with_default = self.stub.__kwdefaults__ or {}
        positional = self.positional[: len(self.positional) - optional]
        return (*positional, *(name for name in self.keywords if name not in with_default))

    @cached_property
    def argument_names(self) -> frozenset[str]:
        """All argument names."""
        return self.client_options.union(self.positional, self.keywords)

    @cached_property
    def inactive_switches(self) -> Mapping[str, bool | str]:
        """The query arguments that bring inactive, disabled and API-only rows, with what turns each on."""
        types = self.stub.__annotations__
        return {
            name: True if "bool" in str(types.get(name)) else "true"
            for name in self.keywords
            if self.api_name(name).lower() in _INACTIVE_SWITCHES
        }

    @cached_property
    def path_params(self) -> tuple[str, ...]:
        """Argument names of the path parameters, in order."""
        own = self.positional  # a filter may have the name of a path parameter
        by_api_name = {api_name: name for name, api_name in self.names.items() if name in own}
        places: list[str] = _PLACE.findall(self.path)
        return tuple(by_api_name.get(place, place) for place in places)

    @cached_property
    def path_segments(self) -> tuple[str, ...]:
        """Literal parts of the path around its parameters."""
        return tuple(_PLACE.split(self.path)[::2])

    @cached_property
    def body_name(self) -> str | None:
        """Argument that becomes the body."""
        rest = [
            name
            for name in self.positional
            if name not in self.path_params and name not in self.client_options
        ]
        return rest[0] if rest else None

    @cached_property
    def result(self) -> str:
        """Result type as a string, such as `models.Ticket` or `Pages[Any]`."""
        return str(self.stub.__annotations__.get("return", "Any"))

    @cached_property
    def doc(self) -> str:
        """First line of the docstring."""
        return (self.stub.__doc__ or "").strip().partition("\n")[0]

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every argument that is sent, in the order of the signature."""
        return parameters_of(self)

    @cached_property
    def checks(self) -> Mapping[str, Callable[[Any], Any]]:
        """The check of each argument that has one, made from its annotation."""
        from halo_async._operations.argument_checks import checks_of_arguments

        return checks_of_arguments(self)

    def api_name(self, name: str) -> str:
        """Return Halo's name of an argument.

        :param name: the Python name.
        """
        return self.names.get(name, name)

    def __repr__(self) -> str:
        return f"<Operation {self.name}: {self.method} {self.path}>"


def bind(operation: Operation, args: tuple[Any, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, checked as Python checks them.

    Halo ignores parameters that it does not know, and values that it cannot read, so a misspelt filter would return
    everything.

    :raises TypeError: an argument is unknown, missing, given twice or of the wrong type.
    :raises InvalidRequestError: a list of values is empty, or one of them would read as several.
    """
    positional = operation.positional
    if len(args) > len(positional):
        from halo_async._operations.common_mistakes import by_position

        raise TypeError(
            f"{operation.name}() takes {by_position(positional)}, not {len(args)}. Pass the others by name."
        )
    arguments = dict(zip(positional, args, strict=False))
    for name, value in given.items():
        if name in arguments:
            raise TypeError(f"{operation.name}() got two values for {name!r}. Give it once.")
        if name not in operation.argument_names:
            raise TypeError(_unknown(operation, name))
        arguments[name] = value
    if missing := [name for name in operation.required if name not in arguments]:
        from halo_async._operations.common_mistakes import call_form

        raise TypeError(f"{operation.name}() requires {', '.join(missing)}. Call {call_form(operation)}.")
    if not arguments:
        return arguments
    from halo_async._operations.argument_checks import check_arguments

    return check_arguments(operation, arguments)


def _unknown(operation: Operation, name: str) -> str:
    from halo_async._operations.common_mistakes import field_mend, option_mend, renamed
    from halo_async._utils.names import did_you_mean

    near = (
        option_mend(name, operation.argument_names)
        or field_mend(name, operation)
        or did_you_mean(name, operation.argument_names, renamed(operation.argument_names))
        or ". Send others by with_options(params=...)."
    )
    return f"{operation.name}() has no parameter {name!r}{near}"


# The parts of an operation that most programs never look at.


class Parameter(msgspec.Struct, frozen=True):
    """One argument of an operation."""

    name: str
    """Halo's name; that of the argument for a body."""
    python_name: str
    location: str
    """`path`, `query` or `body`."""
    required: bool
    type: str
    """Source text of its annotation."""


class CursorParameters(msgspec.Struct, frozen=True):
    """Method of requesting more rows from a proxy."""

    kind: str
    """`page` (a number from 1), `offset` (rows to skip) or `token` (a value from the last response)."""
    parameter: str
    """Query parameter that carries it."""
    paging_flag: str | None = None
    """Query parameter that enables paging, if one is required."""
    size: str | None = None
    """Query parameter for the number of rows per page, if there is one."""
    secondary_parameter: str | None = None
    """Second parameter for tokens: the response's value of this name is sent back under the same name."""
    rows: str | None = None
    """Dotted path to the rows in a response, if known."""


def parameters_of(operation: Operation) -> tuple[Parameter, ...]:
    """Return every argument of an operation that is sent, in the order of its signature."""
    return tuple(_parameter(operation, name) for name in (*operation.positional, *operation.keywords))


def _parameter(operation: Operation, name: str) -> Parameter:
    in_path = "path" if name in operation.path_params else "body"
    return Parameter(
        name=operation.api_name(name),
        python_name=name,
        location=in_path if name in operation.positional else "query",
        required=name in operation.required,
        type=str(operation.stub.__annotations__.get(name, "Any")),
    )
