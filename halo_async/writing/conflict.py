"""Optimistic concurrency: comparison of a record with its state when it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from halo_async._utils.dates import parse_date
from halo_async._utils.secret import is_secret
from halo_async._utils.validation import article
from halo_async.errors import ConflictError, InvalidRequestError
from halo_async.records.change_tracking import original_value, was_loaded
from halo_async.records.record import Record

STAMPS = (
    "last_update",
    "alastupdate",
    "slastupdate",
    "ulastupdate",
    "dlastupdate",
    "last_modified",
    "last_updated",
)
"""Fields with the time of a record's last change: of tickets, clients, sites, users, assets."""
_BY_ID = frozenset({"customfields", "fields"})
"""Lists of which only the elements sent are written, each by its id."""
_LONGEST = 80


def read_current(resource: Any, key: Mapping[str, Any]) -> Callable[[], Any]:
    """Return the call that reads the record with this key, with as many fields as possible.

    :raises InvalidRequestError: there is no operation that reads one.
    """
    operation = getattr(getattr(type(resource), "get", None), "operation", None)
    if operation is None or "id" not in operation.path_params:
        raise InvalidRequestError(
            f"{type(resource).__name__} has no operation that reads one record, so if_unchanged cannot be checked."
        )
    options = {
        name: value for name, value in key.items() if name in operation.argument_names and name != "id"
    }
    if "includedetails" in operation.argument_names:
        options["includedetails"] = True
    id = key["id"]
    number = (
        int(id) if isinstance(id, str) and id.strip().isdecimal() else id
    )  # `update` takes an id as a text too
    return lambda: resource.get(number, **options)


def to_compare(record: Record, if_unchanged: bool | Record) -> Record:
    """Return the record to compare with.

    :raises InvalidRequestError: a record is to be compared with its loaded state, but was not loaded.
    """
    if isinstance(if_unchanged, Record):
        return if_unchanged
    if not was_loaded(record):
        raise InvalidRequestError(
            "if_unchanged=True compares with the record as it was loaded, and this one was not loaded."
        )
    return record


def check_conflict(
    what: str, key: Mapping[str, Any], read: Record, now: Record, sent: Mapping[str, Any]
) -> None:
    """Compare the fields to be changed, and the timestamp if both have one, with the state that was read.

    :raises ConflictError: naming the first field that differs, and both values.
    :raises InvalidRequestError: one of the two is another record.
    """
    if not isinstance(read, Record):
        raise TypeError(f"{what}: if_unchanged must be the record as it was read, not {article(read)}.")
    before = original_value(read) or read.__dict__
    for name, value in key.items():
        if any(str(fields.get(name, value)) != str(value) for fields in (before, now.__dict__)):
            raise InvalidRequestError(
                f"{what}: The record to compare with is another one (its {name} differs)."
            )
    present = original_value(now)
    for name in _choose_fields(sent, before, present):
        ours, theirs = (_choose_part(name, fields.get(name), sent.get(name)) for fields in (before, present))
        if _differ(ours, theirs):
            raise _conflict(what, name, ours, theirs, known=name in before)


def _choose_fields(
    sent: Mapping[str, Any], before: Mapping[str, Any], now: Mapping[str, Any]
) -> Iterable[str]:
    """Yield the fields to compare; those with a leading underscore are request flags, not record fields."""
    yield from (name for name in sent if not name.startswith("_"))
    yield from (name for name in STAMPS if name in before and name in now and name not in sent)


def _choose_part(name: str, value: Any, sent: Any) -> Any:
    if name not in _BY_ID or not isinstance(sent, list) or not isinstance(value, list):
        return value
    wanted = [item.get("id") for item in sent if isinstance(item, dict)]
    found = {item.get("id"): item.get("value") for item in value if isinstance(item, dict)}
    return {id: found.get(id) for id in wanted}


def _differ(ours: Any, theirs: Any) -> bool:
    if ours == theirs:
        return False
    if isinstance(ours, str) and isinstance(theirs, str):
        return not _same_moment(ours, theirs)
    return not (_is_nothing(ours) and _is_nothing(theirs))


def _same_moment(ours: str, theirs: str) -> bool:
    """Return whether both are the same time: lists and single records may differ in precision."""
    if not (ours[:4].isdecimal() and theirs[:4].isdecimal()):
        return False
    try:
        return parse_date(ours) == parse_date(theirs)
    except ValueError:
        return False


def _is_nothing(value: Any) -> bool:
    """Return whether a value is null: rows omit nulls, and an absent custom field is null too."""
    if isinstance(value, dict):
        return all(map(_is_nothing, value.values()))
    return value is None


def _conflict(what: str, name: str, ours: Any, theirs: Any, *, known: bool) -> ConflictError:
    where = "" if known else " (it was not among the fields that were read)"
    message = (
        f"{what}: {name} was {_format_value(name, ours)} when it was read{where} "
        f"and is {_format_value(name, theirs)} now. Nothing was sent. Read the record again."
    )
    return ConflictError(message, field=name, before=ours, now=theirs)


def _format_value(name: str, value: Any) -> str:
    if is_secret(name):
        return "***"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
