"""No call sends an update that has lost its id, whatever was done to the record or given for the id."""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import Halo
from halo_async._operations.operation import Operation
from halo_async._operations.resource import member_class
from halo_async.api.actions import Actions
from halo_async.api.tickets import Tickets
from halo_async.errors import HaloError
from halo_async.models import Action, Client, Ticket, TicketSummary
from halo_async.records.record import replace, wrap
from halo_async.writing.record_keys import keys_of, record_class
from tests.support.calls_kit import Sender, respond
from tests.support.examples import examples
from tests.support.writes_kit import UPSERTS, sample_field

NO_IDS = [
    None,
    0,
    -1,
    "",
    "  ",
    "0",
    "-7",
    "0.0",
    "0e7",
    "nan",
    -(10**400),
    True,
    False,
    5.0,
    0.0,
    b"5",
    [5],
    {},
    object(),
]


def echo() -> Sender:
    """Takes every write and gives it back, what was created with an id."""
    numbers = count(1001)

    def written(query: dict[str, str]) -> Any:
        rows = json.loads(sender.requests[-1].body)
        return respond([row if "id" in row else {**row, "id": next(numbers)} for row in rows], status=201)

    sender = Sender(written)
    return sender


def sent(sender: Sender) -> list[dict[str, Any]]:
    return [element for request in sender.requests for element in json.loads(request.body)]


def resource_class(operation: Operation) -> type[Any]:
    return member_class(Halo, operation.name.split(".")[0])


async def attempt(call: Any) -> BaseException | None:
    try:
        await call
    except (HaloError, TypeError, ValueError) as error:
        return error
    return None


@pytest.mark.parametrize("no_id", NO_IDS, ids=range(len(NO_IDS)))
async def test_on_no_resource_is_anything_sent_for_what_is_no_id(no_id):
    for operation in UPSERTS:
        cls, sender = resource_class(operation), echo()
        resource, keys = cls(sender), keys_of(cls)
        name, values = sample_field(cls)
        fields = {name: values[0], **dict.fromkeys(keys.within, 7)}
        if name in record_class(cls).__halo_fields__:
            assert await attempt(resource.update(no_id, **fields)), operation
            assert await attempt(resource.with_options(params={"id": 5}).update(no_id, **fields)), operation
        record = wrap(record_class(cls), {"id": no_id, **fields})
        record[name] = values[1]
        assert await attempt(resource.save(record)), operation
        if keys.by_id:
            assert await attempt(resource.upsert([record])), operation
            assert await attempt(resource.upsert([{"id": no_id, **fields}])), operation
        assert sender.requests == [], operation


async def test_on_no_resource_is_a_record_saved_whose_id_is_gone():
    for operation in UPSERTS:
        cls, sender = resource_class(operation), echo()
        resource, keys = cls(sender), keys_of(cls)
        name, values = sample_field(cls)
        record = wrap(record_class(cls), {"id": 5, name: values[0]})
        del record["id"]
        record[name] = values[1]
        assert await attempt(resource.save(record)), operation
        if keys.by_id:
            assert await attempt(resource.upsert([{"id": 1, **dict.fromkeys(keys.within, 7)}, record])), (
                operation
            )
        assert sender.requests == [], operation


async def test_an_id_of_an_action_is_nothing_without_its_ticket():
    sender = echo()
    actions = Actions(sender)
    assert "ticket_id" in str(await attempt(actions.update(3, note="x")))
    assert await attempt(actions.update(3, note="x", ticket_id=None))
    assert await attempt(actions.save(wrap(Action, {"id": 3})))
    action = wrap(Action, {"id": 3, "ticket_id": 9, "note": "a"})
    action.note = "b"
    await actions.save(action)
    action.ticket_id = 10
    assert "loaded with ticket_id 9" in str(await attempt(actions.save(action)))
    assert sent(sender) == [{"id": 3, "ticket_id": 9, "note": "b"}]


STEPS = {
    "delete": lambda record: record.__delitem__("id") if "id" in record else None,
    "delete attribute": lambda record: delattr(record, "id") if "id" in record else None,
    "another": lambda record: setattr(record, "id", 6),
    "none": lambda record: setattr(record, "id", None),
    "zero": lambda record: record.__setitem__("id", 0),
    "other case": lambda record: record.__setitem__("ID", 6),
    "back": lambda record: setattr(record, "id", 5),
    "field": lambda record: setattr(record, "summary", "changed"),
    "nested": lambda record: setattr(record, "customfields", [{"id": 7, "value": "x"}]),
}


@settings(max_examples=examples(150), deadline=None)
@given(
    steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=6),
    cls=st.sampled_from([Ticket, TicketSummary]),
    copied=st.booleans(),
    options=st.sampled_from([{}, {"params": {"id": "5"}}, {"headers": {"X-Id": "5"}}]),
    how=st.sampled_from(["save", "upsert", "bulk"]),
)
async def test_whatever_was_done_to_a_record_only_its_own_id_is_sent(steps, cls, copied, options, how):
    sender = echo()
    record = wrap(cls, {"id": 5, "summary": "as it came"})
    if copied:
        record = replace(record, summary="copied")
    for step in steps:
        STEPS[step](record)
    tickets = Tickets(sender).with_options(**options)
    if how == "save":
        await attempt(tickets.save(record))
    elif how == "upsert":
        await attempt(tickets.upsert([record, {"id": 1}]))
    else:
        [_ async for _ in tickets.bulk_upsert([record, {"id": 1}], on_error="continue")]
    assert {element["id"] for element in sent(sender)} <= {5, 1}
    assert all("ID" not in element for element in sent(sender))


JSON = st.one_of(st.none(), st.booleans(), st.integers(-3, 9), st.text("05 -x", max_size=3), st.floats())


@settings(max_examples=examples(200), deadline=None)
@given(given_id=JSON, name=st.sampled_from(["id", "Id", "ID", "iD"]))
async def test_whatever_stands_for_an_id_it_is_sent_as_it_is_or_not_at_all(given_id, name):
    sender = echo()
    tickets = Tickets(sender)
    await attempt(tickets.update(given_id, summary="x"))
    await attempt(tickets.upsert([{name: given_id, "summary": "x"}]))
    for element in sent(sender):
        assert element["id"] == given_id
        assert isinstance(given_id, str) or given_id > 0
        assert str(given_id).strip().lstrip("0")


@pytest.mark.parametrize(
    "record", [Ticket(id=5), {"id": 5}, {"id": 0}, {"ID": 5}, {"Id": None}, Client(name="x"), 5]
)
async def test_create_takes_nothing_that_has_an_id(record):
    sender = echo()
    assert await attempt(Tickets(sender).create(record))
    assert sender.requests == []


async def test_create_makes_a_copy_of_a_record_whose_id_was_taken_out():
    sender = echo()
    ticket = wrap(Ticket, {"id": 5, "summary": "x"})
    del ticket.id
    await Tickets(sender).create(ticket)
    assert sent(sender) == [{"summary": "x"}]


async def test_a_record_of_another_resource_is_not_written():
    sender = echo()
    client = wrap(Client, {"id": 5, "name": "a"})
    client.name = "b"
    for call in (
        Tickets(sender).save(client),
        Tickets(sender).upsert([client]),
        Tickets(sender).create(client),
    ):
        assert isinstance(await attempt(call), TypeError)
    assert sender.requests == []


async def test_the_row_of_a_list_can_be_saved():
    sender = echo()
    row = wrap(TicketSummary, {"id": 5, "summary": "a"})
    row.summary = "b"
    await Tickets(sender).save(row)
    assert sent(sender) == [{"id": 5, "summary": "b"}]
