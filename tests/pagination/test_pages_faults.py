"""Reading lists through the client while the emulator misbehaves, by the numbers of its faults."""

from __future__ import annotations

import json

import pytest

from halo_async import ClientCredentials, Halo, models
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.errors import DecodeError, IncompleteError, PaginationLoopError
from halo_async.pagination.line_reading import lines_reader
from halo_async.pagination.list_reading import list_reader
from halo_async.pagination.pages import PaginationWarning
from halo_async.transport import Response
from tests.support.calls_kit import collect, resources, rows

TICKETS = "GET /Tickets"


def emulator(*faults: Fault, **options) -> Emulator:
    return Emulator(**{"seed": 1, "tickets": 250, "rate_limit": None, "faults": faults, **options})


def client(running: Emulator) -> Halo:
    credentials = ClientCredentials(running.client_id, running.client_secret)
    clock = VirtualClock(auto_advance=True)
    return Halo(running.url, credentials, tenant=running.tenant, rate_limit=None, clock=clock)


def asked(running: Emulator) -> int:
    return len(running.requests(TICKETS))


@pytest.mark.parametrize("churn", [Churn(insert=0.8), Churn(delete=0.8), Churn(insert=0.5, delete=0.5)])
async def test_f32_rows_that_come_and_go_are_never_lost_without_a_word(churn):
    async with emulator(tickets=2000, churn=churn) as running, client(running) as halo:
        seen: list[int] = []
        try:
            async for ticket in halo.tickets.list(order="id"):
                seen.append(ticket.id)
        except IncompleteError:
            assert churn.delete
        else:
            assert set(running.truth()) <= set(seen)
        assert len(seen) == len(set(seen))


async def test_f32_rows_that_came_again_are_left_out_and_say_that_others_moved():
    held = rows(30)

    def handler(query):
        number = int(query["page_no"])
        if number == 2:
            held.insert(0, held.pop(17))  # an update moves a row that was not yet read to the front
        return {"record_count": len(held), "parcels": held[(number - 1) * 10 : number * 10]}

    group, _ = resources(handler)
    seen: list[int] = []
    with pytest.raises(IncompleteError, match=r"Rows were received again during the reading \(1\)"):
        await collect(group.parcels.list(), seen)
    assert seen == [number for number in range(1, 31) if number != 18]


async def test_f32_rows_that_came_at_the_front_are_no_loss():
    held = rows(30)

    def handler(query):
        number = int(query["page_no"])
        if number == 2 and len(held) == 30:
            held[:0] = rows(3, start=100)
        return {"record_count": len(held), "parcels": held[(number - 1) * 10 : number * 10]}

    group, _ = resources(handler)
    assert [row.id async for row in group.parcels.list()] == list(range(1, 31))


async def test_f32_total_that_falls_and_rises_again_is_told():
    held = rows(40)

    def handler(query):
        number = int(query["page_no"])
        if number == 2:
            del held[0]
        if number == 3:
            held.append({"id": 99, "label": "new"})
        return {"record_count": len(held), "parcels": held[(number - 1) * 10 : number * 10]}

    group, _ = resources(handler)
    with pytest.raises(IncompleteError, match="decreased by 1"):
        await group.parcels.list().all()
    held[:] = rows(40)
    with pytest.warns(PaginationWarning, match="decreased by 1"):
        assert len(await group.parcels.list(on_incomplete="warn").all()) == 40


async def test_f33_order_that_is_ignored_loses_no_row():
    async with emulator(Fault("F33", TICKETS)) as running, client(running) as halo:
        ids = [ticket.id async for ticket in halo.tickets.list(order="id")]
        assert len(set(ids)) == len(ids) == 250
        assert ids != sorted(ids)


@pytest.mark.parametrize("cap", [50, 30, 7])
async def test_f34_page_length_is_learned_from_the_first_page(cap):
    async with emulator(Fault("F34", TICKETS, options={"cap": cap})) as running, client(running) as halo:
        assert len(await halo.tickets.list(page_size=100).all()) == 250
        assert asked(running) <= -(-250 // cap) + 1


async def test_f34_717_rows_behind_a_cap_of_100_take_8_requests():
    async with emulator(tickets=717) as running, client(running) as halo:
        ids = [ticket.id async for ticket in halo.tickets.list(page_size=500)]
        assert len(set(ids)) == len(ids) == 717
        assert asked(running) == 8


async def test_f35_response_that_ignores_page_size_is_taken_once_as_the_whole():
    async with emulator(Fault("F35", TICKETS)) as running, client(running) as halo:
        assert len(await halo.tickets.list(page_size=10).prefetch(4).all()) == 250
        assert asked(running) == 1


async def test_f36_first_page_for_ever_ends_after_two_requests():
    async with emulator(Fault("F36", TICKETS)) as running, client(running) as halo:
        with pytest.raises(PaginationLoopError, match="Page 2 is the same as page 1"):
            await halo.tickets.list().all()
        assert asked(running) == 2


@pytest.mark.parametrize(("variant", "requests"), [("itself", 2), ("cycle", 4), ("ever_new", 2)])
async def test_f37_continuations_that_never_end_are_loops(variant, requests):
    path = "GET /IntegrationData/Get/Intune"
    async with emulator(Fault("F37", path, variant)) as running, client(running) as halo:
        with pytest.raises(PaginationLoopError):
            await halo.integration_data.intune.get(datatype="users").all()
        assert len(running.requests(path)) <= requests


@pytest.mark.parametrize("variant", ["missing", "zero", "text", "low"])
async def test_f41_total_that_does_not_hold_loses_no_row(variant):
    async with emulator(Fault("F41", TICKETS, variant)) as running, client(running) as halo:
        assert len(await halo.tickets.list().all()) == 250
        assert asked(running) <= 4


async def test_f41_total_that_is_too_high_is_told_by_error_or_warning():
    async with emulator(Fault("F41", TICKETS, "high")) as running, client(running) as halo:
        with pytest.raises(IncompleteError, match="250 of 251 rows"):
            await halo.tickets.list().all()
        with pytest.warns(PaginationWarning, match=r"tickets\.list: Received 250 of 251 rows"):
            assert len(await halo.tickets.list(on_incomplete="warn").all()) == 250


@pytest.mark.parametrize(
    ("variant", "number"), [("int64", 9223372036854775808), ("int128", 18446744073709551616123)]
)
async def test_f45_integers_of_any_size_stay_exact(variant, number):
    async with emulator(Fault("F45", TICKETS, variant)) as running, client(running) as halo:
        page = await halo.tickets.list()
        values = [page.envelope, *(vars(row) for row in page)]
        assert any(value == number for one in values for value in one.values())


async def test_f46_byte_order_mark_is_tolerated():
    async with emulator(Fault("F46", TICKETS, "bom")) as running, client(running) as halo:
        assert len(await halo.tickets.list().all()) == 250


@pytest.mark.parametrize(
    ("number", "variant"),
    [("F46", "latin_1"), ("F46", "utf_16"), ("F46", "surrogate"), ("F46", "nul"), ("F47", "deep")],
)
async def test_f46_f47_text_that_is_no_json_is_a_decode_error_after_three_tries(number, variant):
    async with emulator(Fault(number, TICKETS, variant)) as running, client(running) as halo:
        with pytest.raises(DecodeError):
            await halo.tickets.list().all()
        assert asked(running) == 3


async def test_f47_last_of_repeated_keys_wins():
    async with emulator() as running, client(running) as halo:
        running.faults.add([Fault("F47", "GET /Tickets/{id}", "duplicate_keys")])
        ticket = await halo.tickets.get(7)
        assert ticket.id == 7  # the emulator's own `id` comes last


async def test_f48_wrong_type_spoils_its_field_and_nothing_else():
    async with emulator(Fault("F48", TICKETS)) as running, client(running) as halo:
        tickets = await halo.tickets.list().all()
        assert len(tickets) == 250
        assert all(type(ticket) is models.TicketSummary for ticket in tickets)
        assert all(isinstance(ticket["id"], str) for ticket in tickets)
        assert {ticket["inactive"] for ticket in tickets} == {None}


@pytest.mark.parametrize("variant", ["empty", "array", "count", "error"])
async def test_f10_a_page_without_rows_in_another_shape_ends_no_list_without_totals(variant):
    faults = Fault("F10", TICKETS, variant, times=1, after=1), Fault("F41", TICKETS, "missing")
    async with emulator(*faults) as running, client(running) as halo:
        assert len(await halo.tickets.list().all()) == 250


async def test_f10_an_error_with_the_status_of_a_success_is_an_error():
    async with emulator(Fault("F10", TICKETS, "error")) as running, client(running) as halo:
        with pytest.raises(DecodeError, match="is an error"):
            await halo.tickets.list().all()


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize(
    "said",
    [
        [{"error": "No more licences"}],
        [{"id": 0, "error": "No more licences"}],
        [{"id": 5, "ClassName": "System.Exception", "Message": "No more licences"}],
        [{"resultCode": 7, "errorMessage": "No more licences"}] * 2,
    ],
)
async def test_a_list_of_errors_is_no_list_of_rows(said, lines):
    body = json.dumps(said).encode()
    read = lines_reader("parcels") if lines else list_reader("parcels")
    with pytest.raises(DecodeError, match="is an error"):
        read(Response(200, {}, body, "application/json"))


async def test_f41_rows_of_a_page_that_another_was_taken_for_are_missed_with_a_word():
    """Page 2 is a row short, and has one that the longer response of another server lacks."""
    short = [[*rows(8, 11), *rows(1, 99)]]

    def handler(query):
        number = int(query["page_no"])
        page = short.pop() if number == 2 and short else rows(10, 10 * number - 9)
        return {"record_count": 20, "parcels": page}

    group, _ = resources(handler)
    with pytest.raises(
        IncompleteError, match=r"requested twice had other rows the first time \(1 are missing\)"
    ):
        await collect(group.parcels.list(), [])
