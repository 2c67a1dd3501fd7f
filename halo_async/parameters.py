"""The parts of a declaration that most programs never look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attr import frozen

if TYPE_CHECKING:
    from halo_async.declaration import Operation


@frozen
class Parameter:
    """One argument of an operation."""

    name: str
    """Halo's name; that of the argument for a body."""
    python_name: str
    location: str
    """`path`, `query` or `body`."""
    required: bool
    type: str
    """The text of its annotation."""


@frozen
class Continuation:
    """How a proxy is asked for more rows."""

    kind: str
    """`page` (a number from 1), `offset` (rows to skip) or `token` (a value found in the last answer)."""
    parameter: str
    """The query parameter that carries it."""
    switch: str | None = None
    """The query parameter that turns paging on, where one must."""
    size: str | None = None
    """The query parameter that sets the rows a page, where there is one."""
    also: str | None = None
    """A second parameter for tokens: what an answer has under this name goes back under this name."""
    rows: str | None = None
    """Where an answer has its rows, as a dotted path, where that is known."""


def parameters_of(operation: Operation) -> tuple[Parameter, ...]:
    """Every argument of an operation that is sent, in the order of its signature."""
    return tuple(_parameter(operation, name) for name in (*operation.positional, *operation.keywords))


def _parameter(operation: Operation, name: str) -> Parameter:
    in_path = "path" if name in operation.places else "body"
    return Parameter(
        name=operation.wire(name),
        python_name=name,
        location=in_path if name in operation.positional else "query",
        required=name in operation.required,
        type=str(operation.stub.__annotations__.get(name, "Any")),
    )
