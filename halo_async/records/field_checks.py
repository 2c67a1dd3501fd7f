"""Checks of what is to be written: the fields that are set in a record, and mappings in place of records.

A record that came from Halo is not looked at, whatever it holds: it can be sent back as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from halo_async.records.fields import declared
from halo_async.records.mismatch import Misfit, WrongValueError, told
from halo_async.records.type_checks import Check, check_of

if TYPE_CHECKING:
    from halo_async.records.record import Record

_MANY = 1000
"""Names that no document knows, and that are remembered as nobody's typing error."""
_FEW = 3
"""Fields of a schema up to which it is only the outline of one (see the overlay's own schemas)."""


class FieldChecks:
    """Checks of the fields of one record class, made at its first write."""

    def __init__(self, cls: type[Record]) -> None:
        self.cls = cls
        self.by_name: dict[str, Check | None] = {}
        """By the name in Python."""
        self.by_wire: dict[str, Check | None] = {}
        """By the name in JSON."""
        self._python: dict[str, str] = {}
        for name, field, text in declared(cls):
            check = check_of(text, cls if field is None else field.owner)
            wire = name if field is None else field.wire
            self.by_name[name] = self.by_wire[wire] = check
            if name != wire:
                self._python[name] = wire
        self._folded: dict[str, str] = {}
        self._unknown: set[str] = set()
        self._custom = hasattr(cls, "custom") and "custom" not in self.by_wire

    def of(self, wire: str) -> Check | None:
        """The check of a field of a mapping; Halo reads names in any case.

        :raises TypeError: it is not a field, but so near to one that it was meant.
        """
        if wire in self.by_wire:
            return self.by_wire[wire]
        if wire == "id" or wire in self._unknown or (wire == "custom" and self._custom):
            return None
        if not self._folded:
            self._folded = {name.lower(): name for name in self.by_wire}
        known = self._folded.get(wire.lower())
        if known is not None:
            return self.by_wire[known]
        meant = self._python.get(wire) or self._near(wire)
        if meant is not None:
            raise WrongValueError(
                f"{self.cls.__name__} has no field {wire!r}. Did you mean {meant!r}? If the instance has such a "
                f"field, set it in a record: record[{wire!r}] = value."
            )
        if len(self._unknown) < _MANY:
            self._unknown.add(wire)
        return None

    def _near(self, wire: str) -> str | None:
        from halo_async.records.misspellings import slip_of

        return slip_of(wire, self.by_wire) if len(self.by_wire) > _FEW else None


_known: dict[type[Any], FieldChecks] = {}


def checks_of(cls: type[Record]) -> FieldChecks:
    """The checks of a class, made once."""
    found = _known.get(cls)
    if found is None:
        found = _known[cls] = FieldChecks(cls)
    return found


def check_field(cls: type[Record], name: str, value: Any) -> Any:
    """Return what to keep of a value that is set under a field's Python name.

    :raises TypeError: it has the wrong type.
    """
    check = checks_of(cls).by_name.get(name)
    if check is None or value is None:
        return value
    try:
        return check(value)
    except Misfit as misfit:
        raise told(cls.__name__, name, misfit) from None


def check_fields(cls: type[Record], values: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """A mapping in place of a record, as it is to be sent.

    :raises Misfit: a value has the wrong type.
    :raises TypeError: a name is not a field, but near to one.
    """
    checks = checks_of(cls)
    changed = {name: new for name, value, new in _check_values(checks, values) if new is not value}
    return {**values, **changed} if changed else values


def _check_values(checks: FieldChecks, values: Mapping[Any, Any]) -> Iterator[tuple[Any, Any, Any]]:
    for name, value in values.items():
        if not isinstance(name, str):
            continue
        check = checks.by_wire[name] if name in checks.by_wire else checks.of(name)
        if check is not None and value is not None:
            try:
                yield name, value, check(value)
            except Misfit as misfit:
                raise misfit.at(f".{name}") from None


class CheckedFields(dict[str, Any]):
    """Fields that were looked at already, or came out of a record: they are sent as they are."""

    __slots__ = ()


def check_mapping(cls: type[Record], values: Mapping[Any, Any]) -> None:
    """Look at a mapping that is to be written in place of a record.

    :raises TypeError: a value has the wrong type, or a name is not a field but near to one.
    """
    try:
        check_fields(cls, values)
    except Misfit as misfit:
        name, wrong = misfit.where.removeprefix("."), Misfit(misfit.wanted, misfit.value, misfit.mend)
        raise told(cls.__name__, name, wrong) from None
