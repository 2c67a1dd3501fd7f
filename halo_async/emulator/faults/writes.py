"""Responses to writes that were executed, and that say less of them, or something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import msgspec

from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.reply import Reply, json_reply

Rewrite = Callable[[Reply, Fault], Reply]
Rows = list[dict[str, Any]]
REASON = "No more licences are available."


def _change_rows(change: Callable[[Rows, Fault], Any]) -> Rewrite:
    """Change the records in a response; a refusal passes unchanged."""

    def rewrite(reply: Reply, fault: Fault) -> Reply:
        try:
            value = msgspec.json.decode(reply.body)
        except msgspec.DecodeError:
            return reply
        if reply.status >= 300 or not isinstance(value, list | dict):
            return reply
        rows = value if isinstance(value, list) else [value]
        return attrs.evolve(json_reply(change(rows, fault), reply.status), headers=reply.headers)

    return rewrite


def _say_error(value: Any) -> Rewrite:
    """An error with a status of success; the option ``reason`` is what it says."""

    def rewrite(reply: Reply, fault: Fault) -> Reply:
        text = msgspec.json.encode(value).replace(
            REASON.encode(), str(fault.option("reason", REASON)).encode()
        )
        return attrs.evolve(json_reply(None, 200), body=text, headers=reply.headers)

    return rewrite


def _send_nothing(status: int) -> Rewrite:
    return lambda reply, fault: Reply(status)


def _shuffled(rows: Rows, fault: Fault) -> Any:
    """By ``by`` places to the left; turned round if that is not given."""
    by = fault.option("by", None)
    return rows[::-1] if by is None else rows[int(by) :] + rows[: int(by)]


def _fewer(rows: Rows, fault: Fault) -> Any:
    return rows[int(fault.option("rows", 1)) :]


def _more(rows: Rows, fault: Fault) -> Any:
    """First one that nobody sent."""
    return [{"id": int(fault.option("id", 999_999)), "summary": "of somebody else"}, *rows]


def _without_ids(rows: Rows, fault: Fault) -> Any:
    return [{name: value for name, value in row.items() if name != "id"} for row in rows]


def _only_ids(rows: Rows, fault: Fault) -> Any:
    return [{name: value for name, value in row.items() if name == "id"} for row in rows]


def _left_out(rows: Rows, fault: Fault) -> Any:
    """Without the fields ``names``, separated by commas."""
    names = str(fault.option("names", "summary,details,name")).split(",")
    return [{name: value for name, value in row.items() if name not in names} for row in rows]


def _text_ids(rows: Rows, fault: Fault) -> Any:
    return [{**row, "id": str(row["id"])} if "id" in row else row for row in rows]


def _of_others(rows: Rows, fault: Fault) -> Any:
    """With the ids of the records, and texts that nobody sent."""
    return [{**row, "summary": f"of somebody else, {number}"} for number, row in enumerate(rows)]


def _written_otherwise(rows: Rows, fault: Fault) -> Any:
    """Trimmed, upper case, in another order, with a default that nobody set."""
    return [
        {"defaulted": 1, **{name: _otherwise(value) for name, value in row.items()}} for row in rows[::-1]
    ]


def _otherwise(value: Any) -> Any:
    return " ".join(value.split()).upper() if isinstance(value, str) else value


def _one_refused(rows: Rows, fault: Fault) -> Any:
    """An error in the place of the first record."""
    return [{"error": str(fault.option("reason", REASON))}, *rows[1:]]


FAULTS: dict[str, dict[str, Rewrite]] = {
    "F60": {
        "empty": _send_nothing(200),
        "204": _send_nothing(204),
        "null": lambda reply, fault: attrs.evolve(json_reply(None, 200), headers=reply.headers),
        "empty_list": _change_rows(lambda rows, fault: []),
        "no_ids": _change_rows(_without_ids),
        "only_ids": _change_rows(_only_ids),
        "left_out": _change_rows(_left_out),
    },
    "F61": {
        "shuffled": _change_rows(_shuffled),
        "last": _change_rows(lambda rows, fault: rows[-1]),
        "last_each": _change_rows(lambda rows, fault: rows[-1:] * len(rows)),
        "fewer": _change_rows(_fewer),
        "more": _change_rows(_more),
        "otherwise": _change_rows(_written_otherwise),
        "others": _change_rows(_of_others),
        "text_ids": _change_rows(_text_ids),
    },
    "F62": {
        "error": _say_error({"error": REASON}),
        "errors": _say_error([{"error": REASON}]),
        "exception": _say_error({"ClassName": "System.Exception", "Message": REASON, "InnerException": None}),
        "result_code": _say_error({"resultCode": 7, "errorMessage": REASON}),
        "one": _change_rows(_one_refused),
    },
}
