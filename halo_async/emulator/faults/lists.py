"""Complete list responses that are well formed but wrong: other shapes, other keys, inconsistent counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import attrs
import msgspec

from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.reply import Reply, json_reply

Rewrite = Callable[[Reply, Fault], Reply]
Change = Callable[[Any, Fault], Any]


def _change_json(change: Change) -> Rewrite:
    """Apply a change to the decoded body; responses that are not JSON are unchanged."""

    def rewrite(reply: Reply, fault: Fault) -> Reply:
        try:
            value = msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            return reply
        return attrs.evolve(json_reply(change(value, fault), reply.status), headers=reply.headers)

    return rewrite


def _list_key(envelope: dict[str, Any]) -> str | None:
    lists = [
        name
        for name, value in envelope.items()
        if isinstance(value, list) and name not in ("columns", "folders")
    ]
    return lists[0] if lists else None


def _flip(value: Any, fault: Fault) -> Any:
    if isinstance(value, list):
        return {"record_count": len(value), str(fault.option("key", "results")): value}
    key = _list_key(value) if isinstance(value, dict) else None
    return value if key is None else value[key]


def _rename(value: Any, fault: Fault) -> Any:
    key = _list_key(value) if isinstance(value, dict) else None
    if key is None:
        return value
    return {
        str(fault.option("key", "renamed")) if name == key else name: part for name, part in value.items()
    }


def _sidecar(value: Any, fault: Fault) -> Any:
    return {"columns": [{"id": n} for n in range(120)], **value} if isinstance(value, dict) else value


def _change_count(change: Callable[[Any, Fault], Any]) -> Change:
    def changed(value: Any, fault: Fault) -> Any:
        if not isinstance(value, dict) or "record_count" not in value:
            return value
        count = change(value["record_count"], fault)
        rest = {name: part for name, part in value.items() if name != "record_count"}
        return rest if count is None else {**rest, "record_count": count}

    return changed


def _cut(value: Any, fault: Fault) -> Any:
    """The first ``rows`` (37) of a page, and a count that says that these are all."""
    most = int(fault.option("rows", 37))
    if isinstance(value, list):
        return value[:most]
    key = _list_key(value) if isinstance(value, dict) else None
    if key is None or len(value[key]) <= most:
        return value
    return {**value, "record_count": most, key: value[key][:most]}


def _own_count(value: Any, fault: Fault) -> Any:
    """The count is that of the page, as where paging is not fully on."""
    key = _list_key(value) if isinstance(value, dict) else None
    return value if key is None else {**value, "record_count": len(value[key])}


def _no_rows(value: Any, fault: Fault) -> Any:
    """A list without its rows that counts none, in its usual shape."""
    key = _list_key(value) if isinstance(value, dict) else None
    if key is None:
        return [] if isinstance(value, list) else value
    return {**value, "record_count": 0, key: []}


def _odd_rows(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    def changed(value: Any, fault: Fault) -> Any:
        if isinstance(value, list):
            return [change(row) if isinstance(row, dict) else row for row in value]
        key = _list_key(value) if isinstance(value, dict) else None
        if key is not None:
            return {**value, key: [change(row) for row in value[key]]}
        return change(value) if isinstance(value, dict) else value

    return changed


def _drifted(row: dict[str, Any]) -> dict[str, Any]:
    return (
        {**row, "drift_new_column": "x", "summary": 5}
        if "summary" in row
        else {**row, "drift_new_column": "x"}
    )


def _mistyped(row: dict[str, Any]) -> dict[str, Any]:
    """Insert disallowed nulls, a string for a number, an unknown field, a placeholder date."""
    first = {"id": str(row["id"])} if "id" in row else {}
    return {
        **row,
        **first,
        "unknown_field": {"a": [1]},
        "inactive": None,
        "dateoccurred": "0001-01-01T00:00:00",
    }


def _oddly_named(row: dict[str, Any]) -> dict[str, Any]:
    """Fields whose names have a quote, a backslash, a control character, nothing, or another case."""
    return {**row, 'a"b': 1, "a\\b": 2, "a\x01b": 3, "": 4, "ID": 5}


def _never(row: dict[str, Any]) -> dict[str, Any]:
    """Dates that stand for none: the least and greatest of .NET, the zeros of OLE and of SQL Server."""
    id = row.get("id")
    number = id if isinstance(id, int) else 0
    return {**row, "dateoccurred": NEVER[number % len(NEVER)]}


def _cursor(value: Any, fault: Fault, token: str) -> Any:
    """Return the response with its cursor replaced, wherever it stands."""
    if not isinstance(value, dict):
        return value
    return {**value, str(fault.option("key", "nextLink")): str(fault.option("value", token))}


def _cycle(value: Any, fault: Fault) -> Any:
    """Return the first page again after the last."""
    missing = isinstance(value, dict) and str(fault.option("key", "nextLink")) not in value
    return _cursor(value, fault, "t-0") if missing else value


def _ever_new(value: Any, fault: Fault) -> Any:
    """Return another token each time, and the same rows."""
    return _cursor(value, fault, f"x{next(_NUMBERS)}-0")


_NUMBERS = count()
NEVER = (
    "0001-01-01T00:00:00",
    "1899-12-30T00:00:00",
    "1900-01-01T00:00:00",
    "9999-12-31T23:59:59.9999999",
)
_FOREIGN = "http://169.254.169.254/latest/meta-data"
FAULTS: dict[str, dict[str, Rewrite]] = {
    "F11": {
        "flipped": _change_json(_flip),
        "renamed": _change_json(_rename),
        "sidecar": _change_json(_sidecar),
    },
    "F37": {
        "itself": _change_json(lambda value, fault: _cursor(value, fault, "t-0")),
        "cycle": _change_json(_cycle),
        "ever_new": _change_json(_ever_new),
    },
    "F38": {"foreign": _change_json(lambda value, fault: _cursor(value, fault, _FOREIGN))},
    "F39": {"relative": _change_json(lambda value, fault: _cursor(value, fault, "/api/Tickets?page_no=2"))},
    "F41": {
        "missing": _change_json(_change_count(lambda count, fault: None)),
        "zero": _change_json(_change_count(lambda count, fault: 0)),
        "text": _change_json(_change_count(lambda count, fault: str(count))),
        "low": _change_json(_change_count(lambda count, fault: count - int(fault.option("by", 1)))),
        "high": _change_json(_change_count(lambda count, fault: count + int(fault.option("by", 1)))),
        "cut": _change_json(_cut),
        "own": _change_json(_own_count),
        "none": _change_json(_no_rows),
    },
    "F48": {
        "mistyped": _change_json(_odd_rows(_mistyped)),
        "names": _change_json(_odd_rows(_oddly_named)),
        "never": _change_json(_odd_rows(_never)),
    },
    "F56": {"drift": _change_json(_odd_rows(_drifted))},
}
