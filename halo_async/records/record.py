"""Records: typed views over JSON objects, without work per field.

The decoded JSON object *is* the record's `__dict__`, at the latest when that is needed (see
`storage`): plain fields read at native speed, unknown fields and big integers stay as received. Only
dates, nested records, lists of them and renamed fields have descriptors. A record has no public methods,
since any name may be one of Halo's fields (`items`, `json`, `validate` are); the functions here operate on
it.
"""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

from halo_async.records.change_log import (
    changed_fields,
    forget_change,
    note_change,
    plain_json,
    settle_value,
    was_touched,
)
from halo_async.records.field_tables import AttrsTable, FieldTable, NameTable
from halo_async.records.fields import Field, absent, prepare
from halo_async.records.storage import (
    DataclassGuard,
    StoredFields,
    filled_dict,
    put_changes,
    put_dict,
    put_row,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Literal

__all__ = ["Record", "absent", "asdict", "changes", "field_named", "is_set", "replace", "wrap"]

R = TypeVar("R", bound="Record")


def field_named(wire: str) -> Any:
    """Return the default of a field whose name in JSON is not a valid Python name: `from_` for `from`.

    :param wire: the name in JSON.
    """
    return Field(wire)


@dataclass_transform(kw_only_default=True)
class Record(StoredFields):
    """One JSON object as an attrs class whose fields are keyword-only.

    - A nullable field that did not come reads as None; one that is never null raises AttributeError.
    - `"name" in record`, `record["name"]` and `record["name"] = value` work with the names in JSON and reach
      fields that no schema knows. `record["name"]` of a date is the text as it came.
    - Constructing and setting refuse names that are not fields, and values of the wrong type (TypeError); what is set
      by the name in JSON is not looked at.
    - A date without a zone is UTC; an empty text reads as None; a nested list reads as a tuple.
    - A value that came with the wrong type raises `DecodeError` when that field is read; plain fields are not checked.
    - Setting a field is remembered as a change, so is setting a field of a nested record (the nested value
      is then sent whole). Changing a plain list or dict in place is not noticed: set it anew.

    :param values: fields by Python name.
    :raises TypeError: a name is not a field, or a value has the wrong type.
    """

    __slots__ = ()
    __match_args__ = ()
    __hash__ = None  # type: ignore[assignment]
    __iter__ = None  # `__getitem__` alone would make a record look like a sequence
    __attrs_attrs__ = AttrsTable()
    __halo_fields__ = FieldTable()
    __halo_names__ = NameTable()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        prepare(cls)
        if cls.__base__ is not Record:  # otherwise a table cached by the parent would be found first
            for name in ("__attrs_attrs__", "__halo_fields__", "__halo_names__"):
                type.__setattr__(cls, name, vars(Record)[name])

    if not TYPE_CHECKING:  # a visible __setattr__ would let type checkers accept any name
        __dict__ = property(filled_dict)
        __dataclass_fields__ = DataclassGuard()

        def __init__(self, /, **values: Any) -> None:
            fields = type(self).__halo_fields__
            for name, value in values.items():
                if name not in fields:
                    raise TypeError(_explain_unknown(type(self), name, "make"))
                _put(self, name, fields[name], _check_value(type(self), name, value))

        def __setattr__(self, name: str, value: Any) -> None:
            fields = type(self).__halo_fields__
            if name not in fields:
                raise AttributeError(_explain_unknown(type(self), name, "set"), name=name)
            _put(self, name, fields[name], _check_value(type(self), name, value))

        def __delattr__(self, name: str) -> None:
            wire = _wire(type(self), name)
            before = self.__dict__.get(wire, ...)
            object.__delattr__(self, name)
            note_change(self, wire, before)

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __getitem__(self, name: str) -> Any:
        value = filled_dict(self)[name]
        cls = type(self)
        field = cls.__halo_fields__.get(cls.__halo_names__.get(name, ""))
        return value if field is None else field.item(self, value)

    def __setitem__(self, name: str, value: Any) -> None:
        cls = type(self)
        python_name = cls.__halo_names__.get(name, name)
        _put(self, name, cls.__halo_fields__.get(python_name), value)

    def __delitem__(self, name: str) -> None:
        note_change(self, name, self.__dict__.pop(name))

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        ours, theirs = self.__dict__, other.__dict__
        return ours == theirs or plain_json(ours) == plain_json(theirs)

    def __repr__(self) -> str:
        from halo_async.records.repr import repr_of

        return repr_of(self)

    def _repr_html_(self) -> str:
        from halo_async.records.html import html_of_record

        return html_of_record(self)

    def __rich_repr__(self) -> Iterable[tuple[str, Any]]:
        from halo_async.records.repr import shown_fields

        return shown_fields(self)

    def __copy__(self: R) -> R:
        return _restore(type(self), dict(self.__dict__), changed_fields(self))

    def __replace__(self: R, /, **values: Any) -> R:
        return replace(self, **values)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.__dict__, changed_fields(self))

    @classmethod
    def __halo_part__(cls, name: str, value: Any) -> Any:
        """Return what to send of a field that was not set itself, but was changed inside."""
        return plain_json(value)


_new = object.__new__


def from_json(cls: type[R], row: dict[str, Any]) -> R:
    """Return the record over a decoded JSON object, which it takes over."""
    record = _new(cls)
    put_dict(record, row)
    return record


def from_json_list(cls: type[R], rows: Sequence[dict[str, Any]]) -> list[R]:
    """`from_json` for a page of rows, without a step of Python code a row.

    :raises TypeError: a row is not a JSON object.
    """
    records: list[R] = list(map(_new, repeat(cls, len(rows))))
    any(map(put_dict, records, rows))  # consumes all of them: setting returns None
    return records


def from_json_rows(
    cls: type[R], rows: Sequence[Any], part: Callable[[Any], dict[str, Any]] | None = None
) -> list[R]:
    """Return the records over a page of rows (see `storage`) whose fields the class can read.

    :param part: returns those fields of a row that the `__dict__` of its record shall have.
    """
    records: list[R] = list(map(_new, repeat(cls, len(rows))))
    any(map(put_row, records, rows))
    if part is not None:
        any(map(put_dict, records, map(part, rows)))
    return records


def wrap(cls: type[R], mapping: Mapping[str, Any]) -> R:
    """Return a record over a JSON object received from Halo, with no changes recorded.

    A dict is taken over, not copied: what is set on the record is set in it.

    :param cls: the class of the record.
    :param mapping: the object, with Halo's names.
    """
    return from_json(cls, mapping if type(mapping) is dict else dict(mapping))


def asdict(record: Record) -> dict[str, Any]:
    """Return the JSON object of a record, with Halo's names and every field that is set, known or not.

    Dates are strings, nested records dicts. It shares no dict or list with the record.

    :param record: any record; it is not changed.
    """
    return {name: plain_json(value) for name, value in record.__dict__.items()}


def replace(record: R, /, **values: Any) -> R:
    """Return a copy of a record with some fields set, which count as changes.

    :param record: the record to copy; it is not changed.
    :param values: new values by Python name.
    :raises TypeError: a name is not a field.
    """
    copy = record.__copy__()
    for name, value in values.items():
        try:
            setattr(copy, name, value)
        except AttributeError as error:
            raise TypeError(str(error)) from None
    return copy


def changes(record: Record) -> dict[str, Any]:
    """Return the fields set since the record was received, as JSON with Halo's names.

    A nested value in which something was set is included as a whole; of custom fields only those that were
    set. Every field given to a constructor is a change, since Halo does not have it yet.

    :param record: a record that was received or constructed.
    """
    names, part = changed_fields(record), type(record).__halo_part__
    return {
        name: plain_json(value) if name in names else part(name, value)
        for name, value in record.__dict__.items()
        if name in names or was_touched(value)
    }


def is_set(record: Record, name: str) -> bool:
    """Return whether a field is set, null or not; `name` is the Python name.

    :param record: any record.
    """
    return _wire(type(record), name) in record.__dict__


def mark_saved(record: Record, sent: Mapping[str, Any]) -> None:
    """Discard the changes that Halo has accepted; a field changed again meanwhile stays changed."""
    unsent = changes(record)
    for name, value in sent.items():
        if name in unsent and unsent[name] == value:
            settle_value(record.__dict__[name])
            forget_change(record, name)


def _check_value(cls: type[Record], name: str, value: Any) -> Any:
    from halo_async.records.field_checks import check_field  # not before something is to be written

    return check_field(cls, name, value)


def _put(record: Record, name: str, field: Field | None, value: Any) -> None:
    wire = name if field is None else field.wire
    before = record.__dict__.get(wire, ...)
    if field is None:
        record.__dict__[wire] = value
    else:
        field.put(record, value)
    note_change(record, wire, before)


def _wire(cls: type[Record], name: str) -> str:
    field = cls.__halo_fields__.get(name)
    return name if field is None else field.wire


def _explain_unknown(cls: type[Record], name: str, wanted: Literal["set", "make"]) -> str:
    from halo_async._utils.names import did_you_mean
    from halo_async.records.summary import lacking

    mend = lacking(cls, name, wanted)
    return mend or f"{cls.__name__} has no field {name!r}{did_you_mean(name, cls.__halo_fields__) or '.'}"


def _restore(cls: type[R], values: dict[str, Any], changed: dict[str, Any]) -> R:
    record = from_json(cls, values)
    if changed:
        put_changes(record, dict(changed))
    return record
