"""The custom fields of one record as a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from datetime import date, datetime
from typing import Any, TypeGuard

from halo_async._utils.dates import format_date, parse_date
from halo_async._utils.names import match_names
from halo_async._utils.validation import article
from halo_async.custom_fields.entries import CustomFieldEntry, PendingName, entries, is_asset, item_class
from halo_async.custom_fields.wording import ambiguous, not_a_name, unknown
from halo_async.errors import DecodeError, InvalidRequestError
from halo_async.records.change_tracking import was_loaded
from halo_async.records.converters import is_record
from halo_async.records.record import Record


class CustomFields(Mapping[str, Any]):
    """`record.custom`: the values of a record's custom fields by label or name, or by id.

    An exact match is tried first, then one that ignores case and spaces. Each access reads the record's own
    JSON and stores nothing, so two views of a record agree. A value is as in the JSON: `date` reads a date,
    `display` returns the displayed text of a selection.

    Setting a field changes the record: `save` sends the id and the custom fields that were set. A name that
    the record did not include is looked up then. None clears a field. `del` reverts what was set here and
    not sent; a field received from Halo stays.

    ```python
    ticket = await halo.tickets.get(7, includedetails=True)
    ticket.custom["Asset tag"] = "PC-0042"
    ticket = await halo.tickets.save(ticket)
    ```

    :raises UnknownNameError: (reading) the record has no such field; it is a KeyError.
    :raises AmbiguousNameError: several fields have the name.
    :raises TypeError: the key is neither a string nor an id.
    :raises InvalidRequestError: (setting) an empty string, or an id below 1.
    """

    __slots__ = ("_names", "_record")

    def __init__(self, record: Record, names: Mapping[tuple[str, str], Iterable[str]] | None = None) -> None:
        """Created by `record.custom` and `halo.custom_fields(record)`.

        :param names: additional names that the record did not include, by the `key` of an entry.
        """
        self._record = record
        self._names = names or {}

    def __getitem__(self, name: str | int) -> Any:
        return self._find_entry(name).json.get("value")

    def __setitem__(self, name: str | int, value: Any) -> None:
        if found := self._find(name):
            self._change(self._sole(name, found), value)
        else:
            self._append(name, value)

    def __delitem__(self, name: str | int) -> None:
        entry = self._find_entry(name)
        held = self._record.__dict__[entry.where]
        if not is_record(held[entry.place]) or was_loaded(held[entry.place]):
            raise TypeError(f"The custom field {name!r} was received and cannot be removed. Set it to None.")
        self._hold(entry.where, (*held[: entry.place], *held[entry.place + 1 :]))

    def __contains__(self, name: object) -> bool:
        return _may_name(name) and bool(self._find(name))

    def __iter__(self) -> Iterator[str]:
        known = [(entry.key, self._handles(entry)) for entry in entries(self._record)]
        owners: dict[str, set[tuple[str, str]]] = {}
        for owner, handles in known:
            for handle in handles:
                owners.setdefault(handle, set()).add(owner)
        alone = (next((h for h in handles if len(owners[h]) == 1), None) for _, handles in known)
        return iter(dict.fromkeys(key for key in alone if key is not None))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        from halo_async._utils.secret import is_secret
        from halo_async.records.repr import shorten

        shown = (f"{key!r}: {'***' if is_secret(key) else shorten(value)}" for key, value in self.items())
        return f"<CustomFields of {type(self._record).__name__} {{{', '.join(shown)}}}>"

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several; the others stay.

        :param values: values by label, name or id of the field.
        :raises TypeError: the argument is not a mapping.
        :raises AmbiguousNameError: several fields have one of the names.
        """
        if not isinstance(values, Mapping):
            raise TypeError(f"Custom fields must be a mapping of names to values, not {article(values)}.")
        for name, value in values.items():
            self[name] = value

    def date(self, name: str | int) -> datetime | None:
        """Return a date, aware and in UTC; None if there is none.

        :param name: label, name or id of the field.
        :raises DecodeError: the value is something else.
        :raises UnknownNameError: the record has no such field.
        :raises AmbiguousNameError: several fields have that name.
        """
        value = self[name]
        try:
            return None if value is None else parse_date(value)
        except (TypeError, ValueError) as cause:
            raise DecodeError(
                f"{type(self._record).__name__}.custom[{name!r}] contains {article(value)} that is not a date. "
                f"Read the received value as record.custom[{name!r}]."
            ) from cause

    def display(self, name: str | int) -> str | None:
        """Return the displayed text of a value, such as a selection; None if Halo did not send it.

        :param name: label, name or id of the field.
        :raises UnknownNameError: the record has no such field.
        :raises AmbiguousNameError: several fields have that name.
        """
        shown: str | None = self._find_entry(name).json.get("display")
        return shown

    def _find(self, name: str | int) -> list[CustomFieldEntry]:
        if not _may_name(name):
            raise TypeError(not_a_name(name))
        if isinstance(name, int):
            return [entry for entry in entries(self._record) if entry.json.get("id", entry.pending) == name]
        return match_names(name, entries(self._record), self._handles)

    def _handles(self, entry: CustomFieldEntry) -> list[str]:
        return [*self._names.get(entry.key, ()), *entry.handles()]

    def _find_entry(self, name: str | int) -> CustomFieldEntry:
        found = self._find(name)
        if not found:
            raise unknown(name, self._record, [self._handles(entry) for entry in entries(self._record)])
        return self._sole(name, found)

    def _sole(self, name: str | int, found: list[CustomFieldEntry]) -> CustomFieldEntry:
        if len({entry.key for entry in found}) > 1:
            raise ambiguous(name, type(self._record).__name__, [entry.json for entry in found])
        return found[0]

    def _change(self, entry: CustomFieldEntry, value: Any) -> None:
        """Set a value in a copy of the entry: a copy of the record shares the entries."""
        held = getattr(self._record, entry.where)
        changed = copy(held[entry.place])
        changed["value"] = _to_json(value)
        self._hold(entry.where, (*held[: entry.place], changed, *held[entry.place + 1 :]))

    def _hold(self, where: str, held: tuple[Any, ...]) -> None:
        if held:
            self._record.__dict__[where] = held
        else:
            del self._record.__dict__[where]

    def _append(self, name: str | int, value: Any) -> None:
        if not (name.strip() if isinstance(name, str) else name > 0):
            raise InvalidRequestError(not_a_name(name))
        record = self._record
        known = getattr(record, "customfields", None) or ()
        # The list that an asset's id belongs to has to be looked up as well.
        is_id = isinstance(name, int) and not is_asset(type(record))
        made = {"id": name} if is_id else {"name": PendingName(name)}
        entry = item_class(type(record), "customfields")(**made, value=_to_json(value))
        self._hold("customfields", (*known, entry))


def _may_name(name: object) -> TypeGuard[str | int]:
    return isinstance(name, str | int) and not isinstance(name, bool)


def _to_json(value: Any) -> Any:
    """Convert a value that a user set to its JSON form."""
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, Mapping):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_to_json(item) for item in value]
    return value
