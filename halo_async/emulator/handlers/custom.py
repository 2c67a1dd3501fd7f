"""Operations with special behaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from halo_async.emulator import reports
from halo_async.emulator.binding import posted
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.errors import Refused, sentence, system_exception
from halo_async.emulator.files import attachments
from halo_async.emulator.lists import (
    UNPAGED_ROWS,
    ListLimits,
    envelope,
    fields_of,
    respond,
    shaped,
    window,
    without_nulls,
)
from halo_async.emulator.reply import Reply, empty, json_reply, text_reply
from halo_async.emulator.schema import body_schema
from halo_async.emulator.selection import select
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.writes import has_id, reply_with_rows, write

Handler = Callable[[EmulatorState, ListLimits, EmulatorCall], Reply]
# Above this many tickets an unfiltered list of all actions is not returned (measured: it times out).
PATIENCE = 20_000
VERSION = "2.236.133"


def list_actions(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """List actions of one ticket; without a ticket those of all, or the gateway's 504 for too many."""
    if call.has("ticket_id"):
        rows = world.actions.of(call.number("ticket_id"))
    elif len(world.table("/Tickets")) > PATIENCE:
        return text_reply("<html><body>504 Gateway Time-out</body></html>", 504, "text/html")
    else:
        rows = list(islice(world.actions.newest(), call.number("count") or None))
    if call.flag("excludeprivate"):
        rows = [row for row in rows if not row.get("hiddenfromuser")]
    page = window(call, len(rows), limits.of("/Actions"))
    if not call.flag("pageinate") and not call.number("count"):
        return shaped(world, call, [without_nulls(row) for row in rows], len(rows))
    shown = [without_nulls(row) for row in rows[page.start : page.stop]]
    return shaped(world, call, shown, len(rows), page)


def _action(world: EmulatorState, call: EmulatorCall, *, needs_ticket: bool) -> tuple[int, int]:
    number = int(call.path_value())
    ticket = call.number("ticket_id")
    if not ticket and not needs_ticket:
        # The id alone matches any ticket's action: the first that has one with this number.
        tickets = world.table("/Tickets").ids
        ticket = next((id for id in tickets if world.actions.exists(id, number)), 0) if number < 99 else 0
    if not world.actions.exists(ticket, number):
        raise Refused(empty(404))
    return ticket, number


def get_action(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return one action of a ticket."""
    return json_reply(without_nulls(world.actions.get(*_action(world, call, needs_ticket=False))))


def delete_action(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Delete an action; requires ``?ticket_id=`` (measured)."""
    ticket, number = _action(world, call, needs_ticket=True)
    gone = world.actions.remove(ticket, number)
    _date_ticket(world, call, ticket, is_new=False)
    return json_reply(without_nulls(gone))


def _date_ticket(world: EmulatorState, call: EmulatorCall, ticket: int, *, is_new: bool) -> None:
    """A new action dates its ticket (likely); whether edits and deletions do is not known."""
    touching = call.behaviour.actions_touch
    if touching == "every" or (touching == "new" and is_new):
        now = world.now()
        world.table("/Tickets").change(ticket, {"last_update": now, "lastactiondate": now})


def post_actions(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Actions are added to tickets that exist. Of several the last comes back, unless all are asked for (likely)."""
    body = posted(world.schemas, call, body_schema(call.operation.raw) or {"type": "array", "items": {}})
    rows = [_post_action(world, call, element if isinstance(element, dict) else {}) for element in body]
    return reply_with_rows(world, rows if call.flag("returnall") else rows[-1:])


def _post_action(world: EmulatorState, call: EmulatorCall, element: Mapping[str, Any]) -> Mapping[str, Any]:
    ticket = element.get("ticket_id")
    if not isinstance(ticket, int) or ticket not in world.table("/Tickets").ids:
        raise Refused(sentence("Ticket does not exist"))
    fields = {name: value for name, value in element.items() if not name.startswith("_")}
    actions = world.actions
    if has_id(element):
        if not actions.exists(ticket, element["id"]):
            raise Refused(system_exception(f"No action {element['id']} exists on this ticket."))
        actions.change(ticket, element["id"], fields)
        number = int(element["id"])
    else:
        now = world.now()
        number = actions.insert(
            ticket, {"datetime": now, "actiondatecreated": now, "who_agentid": 1, **fields}
        )
    _date_ticket(world, call, ticket, is_new=not has_id(element))
    return actions.get(ticket, number)


def create_ticket(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Create the one ticket that another instance sends, and return it (guess)."""
    body = posted(world.schemas, call, body_schema(call.operation.raw) or {})
    return reply_with_rows(world, [write(world, world.table("/Tickets"), body)])


def create_action(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Add the one action that another instance sends to its ticket, and return it (guess)."""
    body = posted(world.schemas, call, body_schema(call.operation.raw) or {})
    return reply_with_rows(world, [_post_action(world, call, body)])


def feed(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return page 1 of /Feed for every page number (measured); ``count`` and ``older_than_id`` advance."""
    table = world.table("/Feed")
    older, newer = call.number("older_than_id"), call.number("newer_than_id")
    ids = [id for id in sorted(table.ids, reverse=True) if (not older or id < older) and id > newer]
    rows = [without_nulls(table.row(id)) for id in ids[: call.number("count") or 50]]
    return json_reply(envelope(world, call, rows, len(ids), None))


def crm_notes(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """/CRMNote gives page 1 whatever page is asked (likely); only ``count`` gives more rows."""
    table = world.table("/CRMNote")
    ids = select(table, call, fields_of(world, table))
    length = min(call.number("page_size") or UNPAGED_ROWS, limits.of(table.path))
    rows = [without_nulls(table.row(id)) for id in ids[: call.number("count") or length]]
    return json_reply(envelope(world, call, rows, len(ids), None))


def needs(name: str) -> Handler:
    """Return the handler of a list that rejects requests without one of its filters."""

    def handler(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
        if not call.number(name):
            return sentence(f"Parameter {name} must be included")
        return respond(world, limits, call)

    return handler


def me(path: str) -> Handler:
    """Handle ``/Agent/me`` and its kin: the first row stands for the caller."""

    def handler(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
        table = world.table(path)
        return json_reply(without_nulls(table.full(table.ids.at(0))))

    return handler


def instance_info(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return information about the instance."""
    origin = call.headers.get("host", "127.0.0.1")
    urls = {name: f"http://{origin}/{part}" for name, part in
            (("auth_url", "auth"), ("agent_url", ""), ("portal_url", "portal"))}  # fmt: skip
    return json_reply({"app_version": VERSION, "tenant_id": world.tenant or "", **urls})


def invoice_lines(call: EmulatorCall) -> Reply:
    """Handle ``/Invoice/lines`` where no document has it: needs a client (measured), returns nothing (guess)."""
    if not call.number("client_id"):
        return sentence("Parameter client_id must be included")
    return json_reply([])


def beyond(call: EmulatorCall) -> Reply | None:
    """Return the response of paths that the document lacks and that instances have."""
    if call.operation.path == "/Invoice/{id}" and call.path_value().lower() == "lines":
        return invoice_lines(call)
    return None


HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/Actions"): list_actions,
    ("POST", "/Actions"): post_actions,
    ("GET", "/Actions/{id}"): get_action,
    ("DELETE", "/Actions/{id}"): delete_action,
    ("POST", "/HaloIntegration/CreateAction"): create_action,
    ("POST", "/HaloIntegration/CreateTicket"): create_ticket,
    ("GET", "/Feed"): feed,
    ("GET", "/CRMNote"): crm_notes,
    ("GET", "/AssetChange"): needs("asset_id"),
    ("GET", "/AssetSoftware"): needs("device_id"),
    ("GET", "/Invoice/lines"): needs("client_id"),
    ("GET", "/Agent/me"): me("/Agent"),
    ("GET", "/Users/me"): me("/Users"),
    ("GET", "/Client/me"): me("/Client"),
    ("GET", "/InstanceInfo"): instance_info,
    ("GET", "/Report/{id}"): reports.report,
    ("POST", "/Report"): reports.post_report,
    **attachments.HANDLERS,
}
