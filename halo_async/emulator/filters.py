"""What the query of a list call selects: equality on fields, named filters, dates, text, advanced_search.

Parameters that mean nothing here are ignored, as an instance ignores what it does not know: a misspelt filter
gives everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from halo_async.emulator.advanced import advanced
from halo_async.emulator.call import Call
from halo_async.emulator.data.desk import CLOSED_STATUSES
from halo_async.emulator.data.source import Row

Test = Callable[[Mapping[str, Any]], bool]

# Never filters: they steer paging, order and the width of rows.
CONTROLS = frozenset(
    [
        "pageinate",
        "page_no",
        "page_size",
        "count",
        "idonly",
        "ticketidonly",
        "deleted",
        "columns_id",
        "includecolumns",
    ]
    + [f"{word}{number}" for word in ("order", "orderdesc") for number in ("", 2, 3, 4, 5)]
)
# Query names that mean a field of another name.
ALIASES = {
    "requesttype_id": "tickettype_id",
    "requesttype": "tickettype_id",
    "tickettype": "tickettype_id",
    "status": "status_id",
    "priority": "priority_id",
    "sla": "sla_id",
    "agent": "agent_id",
    "client_ids": "client_id",
    "ticketids": "id",
    "assettype": "assettype_id",
    "assettypes": "assettype_id",
    "assetstatuses": "status_id",
    "team_name": "team",
    "username": "user_name",
    "search_user_name": "user_name",
    "site": "site_id",
}
SEARCHED = (
    "name",
    "summary",
    "inventory_number",
    "emailaddress",
    "email",
    "ref",
    "subject",
    "client_name",
    "key_field",
)
_DATE_FIELDS = {"dateoccured": "dateoccurred", "dateclosed": "dateclosed", "lastactiondate": "last_update"}


def tests(call: Call, fields: Iterable[str]) -> list[tuple[object, Test]]:
    """The conditions of a call, each with what makes it equal to another (for the cache of selections).

    :param fields: the names that rows of this collection can have.
    """
    known, declared = set(fields), call.operation.query_names()
    found: list[tuple[object, Test]] = []
    for name in call.given():
        if name in CONTROLS:
            call.used.add(name)
            continue
        if name not in declared:
            continue
        value = call.text(name)
        test = _test(name, value, call, known)
        if test is None:
            call.used.discard(name)
        else:
            found.append(((name, value), test))
    return found


def _test(name: str, value: str, call: Call, known: set[str]) -> Test | None:
    if value == "":
        return None
    if name in _SPECIAL:
        return _SPECIAL[name](value, call)
    if name.startswith("search_"):
        return _contains(ALIASES.get(name, name.removeprefix("search_")), value)
    field = ALIASES.get(name, name)
    if field not in known or (field.endswith("_id") and value in {"0", "-1"}):
        return None
    return _one_of(field, value)


def _one_of(field: str, value: str) -> Test:
    wanted = {part.strip().lower() for part in value.split(",")}
    numbers = {float(part) for part in wanted if _numeric(part)}

    def test(row: Mapping[str, Any]) -> bool:
        held = row.get(field)
        if isinstance(held, bool):
            return str(held).lower() in wanted
        if isinstance(held, int | float):
            return held in numbers
        return held is not None and str(held).lower() in wanted

    return test


def _numeric(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _contains(field: str, value: str) -> Test:
    wanted = value.lower()
    return lambda row: wanted in str(row.get(field, "")).lower()


def _search(value: str, _: Call) -> Test:
    wanted = value.lower()

    def test(row: Mapping[str, Any]) -> bool:
        texts = (row.get(field) for field in SEARCHED)
        return str(row.get("id")) == wanted or any(text and wanted in str(text).lower() for text in texts)

    return test


def is_open(row: Mapping[str, Any]) -> bool:
    """Whether a ticket is open: by its status, since that is what a write changes."""
    return row.get("status_id") not in CLOSED_STATUSES


def _open_only(value: str, _: Call) -> Test | None:
    return is_open if value.lower() == "true" else None


def _closed_only(value: str, _: Call) -> Test | None:
    return (lambda row: not is_open(row)) if value.lower() == "true" else None


def _include_closed(value: str, _: Call) -> Test | None:
    return is_open if value.lower() == "false" else None


def _mine(value: str, call: Call) -> Test | None:
    return (lambda row: row.get("agent_id") == call.agent_id) if value.lower() == "true" else None


def _moment(text: str) -> str:
    # Zone-less text sorts as time does; a bare day means its first moment.
    return text.strip().removesuffix("Z").replace(" ", "T")


def _since(value: str, call: Call) -> Test:
    field, start = _date_field(call, "startdate"), _moment(value)
    return lambda row: str(row.get(field, "")) >= start


def _until(value: str, call: Call) -> Test:
    field, end = _date_field(call, "enddate"), _moment(value)
    # A day without a time means the whole of it.
    return lambda row: str(row.get(field, "9"))[: len(end)] <= end


def _date_field(call: Call, own: str) -> str:
    chosen = call.text("datesearch").lower() or "dateoccurred"
    return _DATE_FIELDS.get(chosen, chosen)


def _updated_since(value: str, _: Call) -> Test:
    start = _moment(value)
    return lambda row: _updated(row) >= start


def _updated_until(value: str, _: Call) -> Test:
    end = _moment(value)
    return lambda row: _updated(row)[: len(end)] <= end


def _updated(row: Mapping[str, Any]) -> str:
    return str(row.get("last_update") or row.get("last_modified") or row.get("dlastupdate") or "")


def _advanced(value: str, _: Call) -> Test | None:
    return advanced(value)


def _nothing(value: str, _: Call) -> Test | None:
    return None


def _include_inactive(value: str, _: Call) -> Test | None:
    return (lambda row: not row.get("inactive")) if value.lower() == "false" else None


_SPECIAL: dict[str, Callable[[str, Call], Test | None]] = {
    "search": _search,
    "open_only": _open_only,
    "closed_only": _closed_only,
    "includeclosed": _include_closed,
    "includeinactive": _include_inactive,
    "mine": _mine,
    "startdate": _since,
    "enddate": _until,
    "datesearch": _nothing,
    "lastupdatefromdate": _updated_since,
    "lastupdatetodate": _updated_until,
    "advanced_search": _advanced,
}


def column(row: Row | Mapping[str, Any], name: str) -> tuple[bool, bool, Any]:
    """A key to sort by: nulls first, then numbers, then text without case."""
    value = row.get(name)
    if value is None:
        return (False, False, 0)
    if isinstance(value, int | float):
        return (True, False, value)
    return (True, True, str(value).lower())
