"""Bulk writes: a result for every row, good rows written, nothing doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import anyio
import pytest

from halo_async.emulator import Fault
from halo_async.errors import (
    BadRequestError,
    BulkWriteError,
    InvalidRequestError,
    PermissionDeniedError,
    SettingsError,
    UnknownNameError,
    UnknownOutcomeError,
)
from halo_async.models import Client, Ticket
from halo_async.records.record import wrap
from tests.support.bulk_kit import TICKETS, all_of, creates, left_over, outcomes, sizes, stored
from tests.support.writes_kit import client

BAD = {"summary": "bad", "client_id": 2**40}


async def test_every_row_has_a_result_in_the_order_of_the_rows(emulator, tickets):
    rows = [*creates(30), {"id": 3, "summary": "changed"}, *creates(30, "more")]
    results, error = await all_of(tickets.bulk_upsert(rows, batch_size=7, concurrency=4))
    assert error is None
    assert [result.index for result in results] == list(range(61))
    assert [result.row for result in results] == rows
    assert all(
        result.ok and result.record.summary == row["summary"]
        for result, row in zip(results, rows, strict=True)
    )
    assert results[30].id == results[30].record.id == 3
    assert set(stored(emulator).values()) == {1}
    assert sorted(sizes(emulator)) == [5, 7, 7, 7, 7, 7, 7, 7, 7]


@pytest.mark.parametrize("on_error", ["stop", "continue"])
async def test_good_rows_of_a_batch_that_the_binder_refused_are_written_once(emulator, tickets, on_error):
    rows = [
        *creates(9),
        BAD,
        {"summary": "worse", "site_id": -(2**40), "team_id": 2**40},
        *creates(9, "more"),
    ]
    results, error = await all_of(tickets.bulk_upsert(rows, on_error=on_error))
    assert outcomes(results) == ["written"] * 9 + ["refused"] * 2 + ["written"] * 9
    assert stored(emulator) == {row["summary"]: 1 for row in rows if row["summary"] not in ("bad", "worse")}
    assert sizes(emulator) == [20, 18]
    assert [(item.index, item.field) for item in results[9].error.fields] == [(9, "client_id")]
    assert results[9].error.fields[0].messages == ("The value '1099511627776' is not valid.",)
    assert "site_id" in str(results[10].error)
    assert "client_id" not in str(results[10].error)
    assert isinstance(error, BulkWriteError) is (on_error == "stop")


async def test_created_rows_of_a_request_that_a_business_rule_stopped_are_unknown(emulator, tickets):
    """The emulator, as Halo may, has written the rows before the one that it refused."""
    rows = [*creates(3), {"id": 999_999, "summary": "no such"}, *creates(3, "more")]
    results, _ = await all_of(tickets.bulk_upsert(rows, on_error="continue"))
    assert outcomes(results) == ["unknown"] * 7
    assert stored(emulator) == {f"row {number}": 1 for number in range(3)}
    assert [result.repeatable for result in results] == [False] * 3 + [True] + [False] * 3
    assert isinstance(results[0].error, UnknownOutcomeError)
    assert "No Tickets with id 999999" in str(results[3].error)
    assert sizes(emulator) == [7, 1]


async def test_updates_are_sent_again_in_parts_until_the_one_to_blame_is_alone(emulator, tickets):
    rows = [
        {"id": 999_999 if number == 11 else number, "summary": f"new {number}"} for number in range(1, 19)
    ]
    results, _ = await all_of(tickets.bulk_upsert(rows, on_error="continue"))
    assert [result.index for result in results if not result.ok] == [10]
    assert isinstance(results[10].error, BadRequestError)
    assert stored(emulator) == {row["summary"]: 1 for row in rows if row["id"] != 999_999}
    assert len(sizes(emulator)) < 12


async def test_a_response_that_never_came_leaves_created_rows_unknown_and_unrepeated(emulator, tickets):
    emulator.faults.add([Fault("F02", TICKETS, times=1)])
    results, error = await all_of(tickets.bulk_upsert(creates(5), on_error="continue"))
    assert outcomes(results) == ["unknown"] * 5
    assert all(isinstance(result.error, UnknownOutcomeError) and not result.repeatable for result in results)
    assert set(stored(emulator).values()) == {1}
    assert sizes(emulator) == [5]
    assert error is None


async def test_a_response_that_never_came_lets_updates_be_sent_again(emulator, tickets):
    emulator.faults.add([Fault("F02", TICKETS, times=1)])
    rows = [{"id": number, "summary": "again"} for number in range(1, 6)]
    results, _ = await all_of(tickets.bulk_upsert(rows))
    assert outcomes(results) == ["written"] * 5
    assert sizes(emulator) == [5, 5]


async def test_of_a_server_error_nothing_is_known(emulator, tickets):
    emulator.faults.add([Fault("F27", TICKETS, "500", times=1)])
    rows = [{"summary": "new"}, {"id": 1, "summary": "old"}]
    results, _ = await all_of(tickets.bulk_upsert(rows, on_error="continue"))
    assert outcomes(results) == ["unknown", "written"]
    assert [len(request.json()) for request in emulator.requests(TICKETS)] == [2, 1]


async def test_stop_begins_nothing_after_a_row_that_failed(emulator, tickets):
    rows = [*creates(20), BAD, *creates(200, "more")]
    results, error = await all_of(tickets.bulk_upsert(rows, batch_size=5, concurrency=2))
    assert isinstance(error, BulkWriteError)
    assert error.index == 20
    assert isinstance(error.__cause__, BadRequestError)
    assert error.written == sum(result.ok for result in results) == sum(stored(emulator).values())
    assert 24 <= error.written <= 29
    assert [result.index for result in results] == list(range(len(results)))


async def test_a_missing_permission_ends_it_whatever_happens_on_errors(emulator):
    async with client(emulator, scope="read:tickets") as halo:
        results, error = await all_of(
            halo.tickets.bulk_upsert(creates(400), batch_size=10, concurrency=2, on_error="continue")
        )
    assert isinstance(error, BulkWriteError)
    assert isinstance(error.__cause__, PermissionDeniedError)
    assert set(outcomes(results)) == {"refused"}
    assert len(results) <= 40
    assert not stored(emulator)


async def test_an_instance_that_is_down_ends_it_after_three_batches(emulator, tickets):
    emulator.faults.add([Fault("F02", TICKETS)])
    results, error = await all_of(
        tickets.bulk_upsert(creates(200), batch_size=5, concurrency=1, on_error="continue")
    )
    assert isinstance(error, BulkWriteError)
    assert len(results) == 15


@pytest.mark.parametrize(
    "row",
    [
        {"id": 0, "summary": "x"},
        {"id": None},
        {"id": ""},
        {"id": True},
        {"ID": 5, "summary": "x"},
        wrap(Ticket, {"summary": "came from Halo"}),
        {"summary": float("nan")},
        {"summary": "x", "custom": 5},
        {"summary": "x", "custom": {"No such field": 5}},
        {"summary": b"bytes"},
        Client(name="another resource"),
        "text",
        5,
    ],
    ids=range(13),
)
async def test_a_row_that_cannot_be_sent_is_refused_alone(emulator, tickets, row):
    results, _ = await all_of(
        tickets.bulk_upsert([{"summary": "a"}, row, {"summary": "b"}], on_error="continue")
    )
    assert outcomes(results) == ["written", "refused", "written"]
    assert isinstance(results[1].error, InvalidRequestError | UnknownNameError)
    assert stored(emulator) == {"a": 1, "b": 1}


async def test_rows_with_the_same_id_are_written_one_after_another(emulator, tickets):
    emulator.faults.add([Fault("F46", TICKETS, "bom", every=4, options={"delay": 0.05})])
    rows = [{"id": 1 + number % 3, "summary": f"state {number}"} for number in range(60)]
    _, error = await all_of(tickets.bulk_upsert(rows, batch_size=2, concurrency=8))
    assert error is None
    assert sorted(stored(emulator)) == ["state 57", "state 58", "state 59"]


async def test_rows_are_read_only_as_far_as_they_are_needed(emulator, tickets):
    read = 0

    async def endless() -> AsyncIterator[dict[str, str]]:
        nonlocal read
        while True:
            read += 1
            yield {"summary": f"row {read}"}

    ahead = []
    results = tickets.bulk_upsert(endless(), batch_size=5, concurrency=3)
    async for result in results:
        ahead.append(read - result.index)
        if result.index == 200:
            break
    await results.aclose()
    assert max(ahead) <= 5 * (3 + 2)
    assert not left_over()


async def test_what_the_source_raises_comes_after_the_results(emulator, tickets):
    def source():
        yield from creates(12)
        raise LookupError("no more of them")

    results, error = await all_of(tickets.bulk_upsert(source(), batch_size=5))
    assert isinstance(error, LookupError)
    assert outcomes(results) == ["written"] * 12
    assert sorted(sizes(emulator)) == [2, 5, 5]


@pytest.mark.parametrize("records", ["text", b"bytes", {"summary": "x"}, Ticket(summary="x"), 5, None])
def test_what_is_no_iterable_of_records_is_refused_at_once(records):
    from halo_async import ClientCredentials, Halo

    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    with pytest.raises(TypeError, match="iterable of records"):
        halo.tickets.bulk_upsert(records)


@pytest.mark.parametrize(
    "options",
    [{"batch_size": 0}, {"batch_size": True}, {"concurrency": 0}, {"on_error": "ignore"}, {"resume": True},
     {"journal": "one", "errors": "one"}],
    ids=str,
)  # fmt: skip
def test_options_that_cannot_be_are_refused_at_once(options):
    from halo_async import ClientCredentials, Halo

    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    with pytest.raises(SettingsError):
        halo.tickets.bulk_upsert([], **options)


async def test_no_rows_no_request(emulator, tickets):
    assert await all_of(tickets.bulk_upsert([])) == ([], None)
    assert sizes(emulator) == []


async def test_what_with_options_adds_goes_with_every_batch(emulator, tickets):
    adding = tickets.with_options(params={"new_flag": True}, headers={"X-Import": "7"}, timeout=30)
    _, error = await all_of(adding.bulk_upsert(creates(6), batch_size=3))
    assert error is None
    for request in emulator.requests(TICKETS):
        assert request.query == (("new_flag", "true"),)
        assert request.headers["x-import"] == "7"
        assert request.headers["content-type"] == "application/json"


async def test_a_source_is_read_by_one_task_and_closed_by_it(emulator, tickets):
    """A scope of anyio or a timeout may stay open while an asynchronous generator gives its rows."""
    ended = []

    class Rows:
        async def __aiter__(self):
            try:
                async with asyncio.timeout(30), asyncio.TaskGroup():
                    with anyio.move_on_after(30):
                        for row in creates(40):
                            await asyncio.sleep(0)
                            yield row
            finally:
                ended.append(True)

    results, error = await all_of(tickets.bulk_upsert(Rows(), batch_size=5, concurrency=3))
    assert (len(results), error, ended) == (40, None, [True])
    async with aclosing(tickets.bulk_upsert(Rows(), batch_size=5, concurrency=3)) as left:
        await anext(left)
    assert ended == [True, True]
    assert not left_over()
