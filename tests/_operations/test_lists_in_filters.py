"""Several values in one filter go as one text, and none of them is lost on the way."""

from __future__ import annotations

import json
from collections import deque
from datetime import UTC, date, datetime
from enum import Enum, IntEnum, StrEnum
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_async import Fleet, Halo, InvalidRequestError
from halo_async._operations.operation import bind
from halo_async._operations.resource import operations
from halo_async.api.agent import Agent
from halo_async.api.tickets import Tickets
from halo_async.emulator import Emulator


class Team(IntEnum):
    FIRST = 1
    SECOND = 2


class Name(StrEnum):
    DESK = "Desk"


class Plain(Enum):
    ONE = 1


class Index:
    """As numpy's integers are: no int, but good for one."""

    def __index__(self) -> int:
        return 7


def sent(value: object, *, name: str = "client_ids", operation: object = Tickets.list) -> object:
    return bind(operation.operation, (), {name: value})[name]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, 2], "1,2"),
        ([2, 1], "2,1"),
        ((3,), "3"),
        ({10, 9, 2}, "2,9,10"),
        ([Team.SECOND, Plain.ONE, Index()], "2,1,7"),
        (["1", " 2 "], "1,2"),
        ({5: "x"}.keys(), "5"),
        ([-1], "-1"),
        ("1,2", "1,2"),
        (5, 5),
        (None, None),
    ],
)
def test_several_ids_are_one_text(value, text):
    assert sent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["Support", "Sales"], "Support,Sales"),
        ({"b", "10", "a", "9"}, "9,10,a,b"),
        ([Name.DESK, 3], "Desk,3"),
        ([True, False], "true,false"),
        ([UUID(int=1)], "00000000-0000-0000-0000-000000000001"),
        (
            [date(2026, 1, 2), datetime(2026, 1, 2, 3, tzinfo=UTC)],
            "2026-01-02T00:00:00Z,2026-01-02T03:00:00Z",
        ),
    ],
)
def test_several_texts_are_one_text(value, text):
    assert sent(value, name="departments", operation=Agent.list) == text


@pytest.mark.parametrize("name", ["search", "domain"])
def test_a_parameter_that_is_only_typed_text_takes_several_too(name):
    """`domain` has words that documents list, `search` has any text."""
    assert sent(["a", "b"], name=name) == "a,b"
    assert sent({3, 1, 2}, name=name) == "1,2,3"


async def ids_of_both(halo: Halo) -> set[int]:
    """The tickets of clients 1 and 2, each asked for by itself."""
    return {ticket.id for number in (1, 2) for ticket in await halo.tickets.list(client_id=number).all()}


@pytest.mark.parametrize("empty", [[], (), set(), frozenset(), "", " , "])
@pytest.mark.parametrize("name", ["client_ids", "status", "category_1"])
def test_no_value_at_all_is_never_sent_as_no_filter(name, empty):
    with pytest.raises(
        InvalidRequestError, match=f"{name} of .*An empty .* would filter nothing. Leave the filter out"
    ):
        sent(empty, name=name)


def test_an_empty_list_is_refused_wherever_one_can_be_given(halo):
    for name in ("domain", "advanced_search"):
        with pytest.raises(InvalidRequestError, match="would filter nothing"):
            sent([], name=name)
    with pytest.raises(InvalidRequestError, match="would filter nothing"):
        halo.invoice.list(paymentstatuses=[])
    with pytest.raises(InvalidRequestError, match="would filter nothing"):
        halo.tickets.with_options(params={"newer_ids": []})


@pytest.mark.parametrize("bad", [["a,b"], ["x", ""], {"a,b"}])
def test_a_value_that_would_read_as_several_or_none_is_refused(bad):
    with pytest.raises(InvalidRequestError, match="Request that value by itself"):
        sent(bad, name="departments", operation=Agent.list)


@pytest.mark.parametrize("bad", [[1.0], [True], [None], [[1]], ["x"], [b"1"], ["1,2"], [1, 2, "3.0"], {1.5}])
def test_an_id_of_the_wrong_type_is_named_with_its_place(bad):
    with pytest.raises(TypeError, match=rf"client_ids\[{len(bad) - 1}\] takes an int, not "):
        sent(bad)


@pytest.mark.parametrize("bad", [range(1, 3), iter([1]), deque([1]), {1: 2}, {"a": 1}])
def test_what_could_be_made_a_list_is_told_to_be_given_as_one(bad):
    with pytest.raises(
        TypeError, match=r"client_ids takes a str or a list, not .* Give a list, a tuple or a set"
    ):
        sent(bad)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sets(st.integers(-(2**31), 2**31), min_size=1, max_size=8),
    st.sets(st.text("abc", min_size=1, max_size=3), max_size=8),
)
def test_a_set_goes_the_same_way_however_it_was_made(numbers, texts):
    values = [*map(str, sorted(numbers)), *sorted(texts)]
    for given_values in (numbers | texts, set(values), frozenset(reversed(values))):
        assert sent(given_values, name="departments", operation=Agent.list) == ",".join(values)


def test_the_documents_say_of_144_parameters_on_22_operations_that_they_take_several():
    found = [
        (operation.name, name)
        for operation in operations()
        for name in operation.keywords
        if str(operation.stub.__annotations__[name]).startswith("Many[")
    ]
    assert len(found) == 144
    assert len({operation for operation, _ in found}) == 22


async def test_every_ticket_of_every_client_that_was_asked_for_comes(halo: Halo, halo_emulator: Emulator):
    wanted = await ids_of_both(halo)
    for value in ([1, 2], [2, 1], {1, 2}, "1,2", ("1", "2")):
        assert {ticket.id for ticket in await halo.tickets.list(client_ids=value).all()} == wanted
    assert dict(halo_emulator.requests("GET /Tickets")[-1].query)["client_ids"] == "1,2"


async def test_of_a_repeated_name_an_instance_reads_the_first(halo: Halo, halo_emulator: Emulator):
    first = await halo.request("GET", "/Tickets", params={"client_ids": "1"})
    sender = halo.transport
    from halo_async._operations.response_decoding import decode_any
    from halo_async.transport.types import Request

    twice = Request("GET", "/Tickets", query=(("client_ids", "1"), ("client_ids", "2")))
    assert (await sender.send(twice, decode_any))["record_count"] == first["record_count"]
    both = await halo.request("GET", "/Tickets", params={"client_ids": [1, 2]})
    assert both["record_count"] > first["record_count"]


async def test_parameters_that_no_document_knows_go_as_one_text_too(halo: Halo, halo_emulator: Emulator):
    await halo.tickets.with_options(params={"client_ids": [1, 2], "newer": {"b", "a"}}).list().first()
    query = dict(halo_emulator.requests("GET /Tickets")[-1].query)
    assert (query["client_ids"], query["newer"]) == ("1,2", "a,b")
    with pytest.raises(InvalidRequestError, match="contains a comma"):
        halo.tickets.with_options(params={"newer": ["a,b"]})


async def test_what_the_document_has_as_a_list_repeats_its_name(halo: Halo, halo_emulator: Emulator):
    await halo.invoice.list(paymentstatuses={2, 1}).first()
    await halo.invoice.with_options(params={"paymentstatuses": [1, 2]}).list().first()
    for request in halo_emulator.requests("GET /Invoice"):
        assert [value for name, value in request.query if name == "paymentstatuses"] == ["1", "2"]
    with pytest.raises(TypeError, match="paymentstatuses takes a list"):
        halo.invoice.list(paymentstatuses="1,2")


async def test_an_export_and_changes_have_every_row_of_the_filter(halo: Halo, tmp_path):
    wanted = await ids_of_both(halo)
    report = await halo.export(["tickets"], tmp_path / "a", filters={"tickets": {"client_ids": [1, 2]}})
    rows = [json.loads(line) for line in (tmp_path / "a" / "tickets.jsonl").read_text().splitlines()]
    assert report.complete
    assert {row["id"] for row in rows} == wanted
    changed = halo.tickets.changed_since(date(2000, 1, 1), client_ids=[1, 2])
    assert {ticket.id for ticket in await changed.all()} == wanted
    with pytest.raises(InvalidRequestError, match=r"client_ids of tickets\.list.*An empty list"):
        await halo.export(["tickets"], tmp_path / "b", filters={"tickets": {"client_ids": []}})
    with pytest.raises(TypeError, match="client_id takes an int"):
        await halo.export(["tickets"], tmp_path / "b", filters={"tickets": {"client_id": "abc"}})
    assert not (tmp_path / "b").exists()


async def test_a_fleet_has_every_row_of_the_filter(halo: Halo, tmp_path):
    wanted = len(await ids_of_both(halo))
    fleet = Fleet({"one": halo})
    result = await fleet.export(["tickets"], tmp_path, filters={"tickets": {"client_ids": {1, 2}}})
    assert result["one"].unwrap().resources[0].rows == wanted


async def test_a_watch_has_every_row_of_the_filter(halo: Halo):
    wanted = await ids_of_both(halo)
    changes = halo.tickets.watch(since=date(2000, 1, 1), once=True, client_ids=(2, 1))
    assert {change.id async for change in changes} == wanted


def test_a_proxys_parameters_take_several(halo: Halo):
    from halo_async.api.integration_data.intune import Intune

    assert bind(Intune.get.operation, (), {"datatype": ["a", "b"]}) == {"datatype": "a,b"}
    with pytest.raises(InvalidRequestError, match="would filter nothing"):
        halo.integration_data.intune.get(datatype=[])
