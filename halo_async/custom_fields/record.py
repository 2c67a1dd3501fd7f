"""Records with custom fields: `ticket.custom` holds an instance's fields, as `Ticket` holds Halo's own.

The generator makes `RecordWithCustomFields` the base of every record with a field `customfields`, unless
Halo gives that record a field `custom` of its own: a field of the API is never hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, overload

from halo_async.records.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halo_async.custom_fields.view import CustomFields


class CustomFieldsAttribute:
    """Descriptor of the attribute `custom`: a view over the record, created on access."""

    __slots__ = ()

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> CustomFields: ...
    def __get__(self, record: Record | None, owner: type) -> CustomFields | Self:
        if record is None:
            return self
        from halo_async.custom_fields.view import CustomFields

        return CustomFields(record)

    def __set__(self, record: Record, values: Mapping[str, Any]) -> None:
        """Set the given custom fields; the others stay."""
        self.__get__(record, type(record)).update(values)

    def __delete__(self, record: Record) -> None:
        raise AttributeError(
            "Custom fields cannot be removed from a record. Clear one by record.custom[name] = None."
        )


class RecordWithCustomFields(Record):
    """A record whose custom fields are at `record.custom["Asset tag"]`: see `CustomFields`."""

    __slots__ = ()

    if TYPE_CHECKING:
        custom: CustomFieldsAttribute = CustomFieldsAttribute()
    else:  # no annotation: not a field of the record
        custom = CustomFieldsAttribute()

        def __init__(self, /, **values: Any) -> None:
            custom = values.pop("custom", None) if _is_view(type(self)) else None
            _refuse_names(type(self), values)
            super().__init__(**values)
            if custom is not None:
                self.custom = custom

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "custom" and _is_view(type(self)):
                object.__setattr__(self, name, value)
            else:
                if isinstance(value, dict):
                    _refuse_names(type(self), {name: value})
                super().__setattr__(name, value)

    @classmethod
    def __halo_part__(cls, name: str, value: Any) -> Any:
        from halo_async.custom_fields.entries import part

        return part(cls, name, value)


def _is_view(cls: type[Record]) -> bool:
    return "custom" not in cls.__halo_fields__


def _refuse_names(cls: type[Record], values: Mapping[str, Any]) -> None:
    """Reject names in the list `customfields`, which has no names; `custom` is probably meant."""
    for name in ("customfields", "fields"):
        if isinstance(values.get(name), dict) and cls.__halo_fields__.get(name) is not None:
            raise TypeError(
                f"{cls.__name__}.{name} is a list of {{id, value}}. Pass names and values as custom={{…}}."
            )
