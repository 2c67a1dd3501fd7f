"""List responses: page and shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.reply import Reply, json_reply
from halo_async.emulator.schema import stated_schema
from halo_async.emulator.selection import select
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.table import Table

# Measured: a page holds at most 100 rows whatever is requested; 50 on /Asset.
CAP = 100
CAPS = {"/Asset": 50}
# Size given by an agent's own setting if a caller does not page (likely).
UNPAGED_ROWS = 50
# Not in the schema of rows, but accepted as filters and orders.
EXTRA_FIELDS = {"/Asset": ("user_id",)}


@attrs.define
class ListLimits:
    """Maximum number of rows per page."""

    cap: int = CAP
    caps: Mapping[str, int] = attrs.field(factory=lambda: dict(CAPS))

    def of(self, path: str) -> int:
        """Return the cap of one collection: a lower general one wins."""
        return min(self.cap, self.caps.get(path, self.cap))


def fields_of(world: EmulatorState, table: Table) -> frozenset[str]:
    """Return the names that a filter or an order may use on a collection."""
    return world.fields(table.path) | frozenset(EXTRA_FIELDS.get(table.path, ()))


def respond(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return the response to a list operation."""
    path = call.operation.path
    table = world.table(path)
    ids = select(table, call, fields_of(world, table))
    if call.flag("idonly"):
        return shaped(world, call, [{"id": table.core(id)["id"]} for id in ids], len(ids))
    page = window(call, len(ids), limits.of(path))
    if call.behaviour.past_the_end == "last page" and page.page_size and page.start >= len(ids) > 0:
        length = page.stop - page.start
        start = (len(ids) - 1) // length * length
        page = attrs.evolve(page, start=start, stop=start + length)
    rows = [_build_row(table, id) for id in ids[page.start : page.stop]]
    return shaped(world, call, rows, len(ids), page)


def _build_row(table: Table, id: int) -> Mapping[str, Any]:
    row = table.trash[id] if id in table.trash else table.row(id)
    return without_nulls(row)


def without_nulls(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Omit null properties from every object that is sent (measured)."""
    return {name: value for name, value in row.items() if value is not None} if None in row.values() else row


@attrs.frozen
class PageWindow:
    """Return the rows to send, and their page if the caller asked for one."""

    start: int
    stop: int
    page_no: int | None = None
    page_size: int | None = None


def paging(call: EmulatorCall) -> bool:
    """Return whether a call pages: it needs both ``pageinate=true`` and a page number (measured)."""
    allowed = call.behaviour.pageinate
    turned_on = call.flag("pageinate") or allowed == "optional"
    return (
        turned_on and call.has("page_no") and allowed != "ignored" and call.operation.hints.get("paged", True)
    )


def window(call: EmulatorCall, total: int, cap: int) -> PageWindow:
    """Return the range of the ``total`` rows for a call."""
    asked = call.number("page_size", UNPAGED_ROWS)
    number = max(1, call.number("page_no", 1))
    if paging(call):
        # The envelope has the requested size, not the actual one: a caller that divides by it loses rows.
        size = min(asked, cap) if asked > 0 else UNPAGED_ROWS
        return PageWindow((number - 1) * size, number * size, number, asked)
    count = call.number("count")
    if count > 0:
        return PageWindow(0, count)
    asked_for_all = call.behaviour.pageinate == "ignored" and call.flag("pageinate")
    return PageWindow(0, UNPAGED_ROWS if _defaults_to_a_page(call) and not asked_for_all else total)


def _defaults_to_a_page(call: EmulatorCall) -> bool:
    hints = call.operation.hints
    return hints.get("shape") == "envelope" and bool(hints.get("paged", True)) and "unpaged" not in hints


def shaped(
    world: EmulatorState,
    call: EmulatorCall,
    rows: Sequence[Mapping[str, Any]],
    total: int,
    page: PageWindow | None = None,
) -> Reply:
    """Wrap rows as the operation does: in an envelope, or as a bare array."""
    hints = call.operation.hints
    bare = hints.get("shape") != "envelope" or (
        hints.get("unpaged") == "array" and not call.flag("pageinate")
    )
    if bare:
        return json_reply(rows)
    return json_reply(envelope(world, call, rows, total, page))


def envelope(
    world: EmulatorState,
    call: EmulatorCall,
    rows: Sequence[Mapping[str, Any]],
    total: int,
    page: PageWindow | None,
) -> dict[str, Any]:
    """Return the object around a list. Past the end of the rows ``record_count`` is 0 (measured)."""
    body: dict[str, Any] = {}
    if page is not None and page.page_no is not None:
        body |= {"page_no": page.page_no, "page_size": page.page_size}
    past = page is not None and page.start > 0 and not rows and call.behaviour.past_the_end != "total"
    body["record_count"] = 0 if past else total
    body[str(call.operation.hints.get("rows_key", "results"))] = rows
    if _is_grid(world, call):
        body |= {"columns_id": 1, "columns_tilehtml": "", "columns": columns(rows)}
    if call.operation.path == "/Attachment":
        body["folders"] = [{"id": 1, "name": "General"}]
    return body


def _is_grid(world: EmulatorState, call: EmulatorCall) -> bool:
    """Return whether columns stand beside the rows: as the document states it, else where it can be asked for them."""
    stated = stated_schema(call.operation.raw)
    if stated is None:
        return "includecolumns" in call.operation.query_names()
    return "columns" in world.schemas.properties(stated)


def columns(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the second list of a grid's envelope: its columns. It is longer than a short page of rows."""
    shown = ("id", "name", "summary", "client_name", "site_name", "status_name", "inventory_number")
    present = {name for row in rows for name in shown if name in row}
    names = [name for name in shown if name in present] or ["id"]
    return [
        {"id": 900 + at, "columns_id": 1, "column_name": name, "column_seq": at, "width": 120}
        for at, name in enumerate(names, 1)
    ]
