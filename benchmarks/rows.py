"""Ticket rows as instances send them: 80 of the record's 835 fields, spread over all of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

FIELDS = 80

MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "int": lambda r: r.randrange(100_000),
    "float": lambda r: round(r.random() * 1000, 2),
    "bool": lambda r: r.random() < 0.5,
    "str": lambda r: "the printer on floor two is out of paper"[: r.randrange(4, 40)],
    "DateTime": lambda r: (
        f"2024-{r.randrange(1, 13):02}-11T08:15:{r.randrange(60):02}.{r.randrange(1000):03}"
    ),
}


def kinds() -> dict[str, str]:
    """Return the kind (a key of `MAKERS`) of every plain field of a ticket, in the record's order."""
    from halo_async.models import Ticket

    found = {name: text.split(" ")[0] for name, text in Ticket.__annotations__.items()}
    return {name: kind for name, kind in found.items() if kind in MAKERS}


def names(fields: int = FIELDS) -> list[str]:
    """Return the fields that the rows have: `id`, `summary`, and others chosen once and for all.

    Those with `_` at an end are left out: flags for writing, and fields with a different name in JSON.
    """
    known = kinds()
    others = [name for name in known if name not in ("id", "summary") and name == name.strip("_")]
    drawn = ["id", "summary", *random.Random(1).sample(others, fields - 2)]
    return sorted(drawn, key=list(known).index)


def ticket_rows(count: int, *, shuffled: bool = False, fields: int = FIELDS) -> list[dict[str, Any]]:
    """Return rows with ids from 1; `shuffled`: each has its keys in an order of its own."""
    known, wanted = kinds(), names(fields)
    return [_row(wanted, known, number, shuffled) for number in range(1, count + 1)]


def _row(wanted: list[str], known: dict[str, str], number: int, shuffled: bool) -> dict[str, Any]:
    r = random.Random(number)
    row = {name: number if name == "id" else MAKERS[known[name]](r) for name in wanted}
    return {name: row[name] for name in r.sample(wanted, len(wanted))} if shuffled else row


def encoded(rows: list[dict[str, Any]]) -> bytes:
    """Encode JSON as Halo does: without whitespace."""
    return json.dumps(rows, separators=(",", ":")).encode()
