"""One request as the handlers see it: names are case-insensitive, as on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._utils.byte_order_mark import strip_bom
from halo_async.emulator.behaviour import USUAL, Behaviour

if TYPE_CHECKING:
    from halo_async.emulator.routes import EmulatedOperation


@attrs.define(eq=False)
class EmulatorCall:
    """A request that was matched to an operation."""

    operation: EmulatedOperation
    path_values: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: bytes = b""
    headers: Mapping[str, str] = attrs.field(factory=dict)
    agent_id: int = 1
    behaviour: Behaviour = USUAL
    _folded: dict[str, str] | None = None
    used: set[str] = attrs.field(factory=set)

    def _fold_values(self) -> dict[str, str]:
        if self._folded is None:
            # Reversed, so that the first of repeated names wins.
            self._folded = {name.lower(): value for name, value in reversed(self.query)}
        return self._folded

    def has(self, name: str) -> bool:
        """Return whether the query contains this parameter."""
        return name.lower() in self._fold_values()

    def text(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        self.used.add(name.lower())
        return self._fold_values().get(name.lower(), default)

    def texts(self, name: str) -> str:
        """Every value of a query parameter that the document has as a list, separated by commas."""
        self.used.add(name.lower())
        return ",".join([value for given, value in self.query if given.lower() == name.lower() and value])

    def every(self, name: str) -> tuple[str, ...]:
        """Return every value of a repeated query parameter."""
        self.used.add(name.lower())
        return tuple(value for given, value in self.query if given.lower() == name.lower() and value)

    def flag(self, name: str) -> bool:
        """Return whether a parameter is the literal ``true``: ``1`` is not (measured on ``orderdesc``)."""
        return self.text(name).lower() == "true"

    def number(self, name: str, default: int = 0) -> int:
        """Return a parameter as an integer; a value that is not an integer counts as missing."""
        try:
            return int(self.text(name) or default)
        except ValueError:
            return default

    def given(self) -> list[str]:
        """Return the distinct lower-case names in the query."""
        return list(self._fold_values())

    def path_value(self) -> str:
        """Return the value of the last path parameter."""
        return list(self.path_values.values())[-1]

    def json(self) -> Any:
        """Return the body as plain Python.

        :raises ValueError: the body is not valid JSON (a byte order mark is tolerated).
        """
        import msgspec

        from halo_async._utils.json_depth import decode

        try:
            return decode(strip_bom(self.body))
        except (msgspec.DecodeError, RecursionError) as error:
            raise ValueError(str(error)) from None
