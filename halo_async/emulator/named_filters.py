"""Filters that are more than a field's own name: states, dates, search strings, advanced_search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from halo_async.emulator.advanced import advanced
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.conditions import FilterCondition, on
from halo_async.emulator.data.dataset import CLOSED_STATUSES

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
_DATE_FIELDS = {"dateoccured": "dateoccurred", "lastactiondate": "last_update"}
# The time of a row's last change has a different name in every collection that can be filtered by it.
_UPDATED = ("last_update", "alastupdate", "slastupdate", "ulastupdate", "dlastupdate")


def _match_text(value: str, _: EmulatorCall) -> FilterCondition:
    """Match a string in the core fields of a row, or the id itself."""
    wanted = value.lower()

    def test(row: Mapping[str, Any]) -> bool:
        if str(row.get("id")) == wanted:
            return True
        return any(wanted in str(row[field]).lower() for field in SEARCHED if field in row)

    return FilterCondition(test)


def is_open(row: Mapping[str, Any]) -> bool:
    """Return whether a ticket is open: by its status, since that is what a write changes."""
    return row.get("status_id") not in CLOSED_STATUSES


def _match_open(value: str, _: EmulatorCall) -> FilterCondition | None:
    return on("status_id", is_open) if value.lower() == "true" else None


def _closed(value: str, _: EmulatorCall) -> FilterCondition | None:
    return on("status_id", lambda row: not is_open(row)) if value.lower() == "true" else None


def _include_closed(value: str, _: EmulatorCall) -> FilterCondition | None:
    return on("status_id", is_open) if value.lower() == "false" else None


def _include_inactive(value: str, _: EmulatorCall) -> FilterCondition | None:
    return on("inactive", lambda row: not row.get("inactive")) if value.lower() == "false" else None


def _mine(value: str, call: EmulatorCall) -> FilterCondition | None:
    mine = call.agent_id
    return on("agent_id", lambda row: row.get("agent_id") == mine) if value.lower() == "true" else None


def _complete_date(text: str) -> str:
    # Zone-less text sorts as time does; a day without a time is its first moment (likely).
    text = text.strip().removesuffix("Z").replace(" ", "T")
    return f"{text}T00:00:00" if len(text) == len("2026-05-31") else text


def _date_field(call: EmulatorCall) -> str:
    chosen = call.text("datesearch").lower() or "dateoccurred"
    return _DATE_FIELDS.get(chosen, chosen)


def _about_no_date(call: EmulatorCall) -> bool:
    """Return where a list has ``datesearch``, the range does nothing without it (likely)."""
    return "datesearch" in call.operation.query_names() and not call.text("datesearch")


def _since(value: str, call: EmulatorCall) -> FilterCondition | None:
    if _about_no_date(call):
        return None
    field, start = _date_field(call), _complete_date(value)
    return on(field, lambda row: str(row.get(field) or "") >= start)


def _until(value: str, call: EmulatorCall) -> FilterCondition | None:
    if _about_no_date(call):
        return None
    field, end = _date_field(call), _complete_date(value)
    # A moment without a fraction means the whole of its second.
    return on(field, lambda row: str(row.get(field) or "9")[: len(end)] <= end)


def _updated(row: Mapping[str, Any]) -> str:
    return next((str(row[field]) for field in _UPDATED if row.get(field)), "")


def _updated_since(value: str, _: EmulatorCall) -> FilterCondition:
    start = _complete_date(value)
    return FilterCondition(lambda row: _updated(row) >= start, frozenset(_UPDATED[:1]))


def _updated_until(value: str, _: EmulatorCall) -> FilterCondition:
    end = _complete_date(value)
    return FilterCondition(lambda row: _updated(row)[: len(end)] <= end, frozenset(_UPDATED[:1]))


def _accept_any(value: str, _: EmulatorCall) -> FilterCondition | None:
    """Accept parameters that only control others."""
    return FilterCondition(lambda row: True)


NAMED: dict[str, Callable[[str, EmulatorCall], FilterCondition | None]] = {
    "search": _match_text,
    "open_only": _match_open,
    "closed_only": _closed,
    "includeclosed": _include_closed,
    "includeinactive": _include_inactive,
    "mine": _mine,
    "startdate": _since,
    "enddate": _until,
    "datesearch": _accept_any,
    "lastupdatefromdate": _updated_since,
    "lastupdatetodate": _updated_until,
    "advanced_search": lambda value, call: advanced(value, call.behaviour.id_filter),
}
