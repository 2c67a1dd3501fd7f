"""Bulk writes that end early, wait or are throttled: nothing left behind, nothing doubled."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import aclosing, suppress

import anyio
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.errors import BulkWriteError
from halo_async.settings import RateLimit
from halo_async.writing import batch, read_journal
from halo_async.writing.journal import BulkJournal
from tests.support.bulk_kit import TICKETS, all_of, creates, left_over, outcomes, sizes, stored
from tests.support.writes_kit import client


async def test_after_an_early_break_the_responses_on_their_way_are_still_taken_down(tmp_path):
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        journal = tmp_path / "journal"
        results = halo.tickets.bulk_upsert(creates(100), batch_size=5, concurrency=4, journal=journal)
        async for result in results:
            assert result.ok
            break
        await results.aclose()
        known, sent = read_journal(journal), sum(sizes(emulator))
        assert not left_over()
        assert known.unknown == ()
        assert len(known.written) == sent == sum(stored(emulator).values())
        assert sent <= 25


async def test_a_break_without_closing_leaves_nothing_either():
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        async for _ in halo.tickets.bulk_upsert(creates(100), batch_size=5, concurrency=4):
            break
        gc.collect()
        for _ in range(200):
            if not left_over():
                break
            await asyncio.sleep(0.01)
        assert not left_over()
        assert sum(stored(emulator).values()) == sum(sizes(emulator)) <= 25


async def test_after_a_break_no_batch_that_waits_for_the_quota_is_sent():
    clock = VirtualClock()
    options = {"rate_limit": RateLimit(3, 300), "clock": clock}
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator, **options) as halo:
        results = halo.tickets.bulk_upsert(creates(100), batch_size=5, concurrency=4)
        await anext(results)
        await results.aclose()
        assert not left_over()
        clock.advance(1000)
        await asyncio.sleep(0.05)
        assert len(sizes(emulator)) <= 3


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.03, 0.06])
async def test_cancelling_is_prompt_and_what_was_on_its_way_is_unknown(tmp_path, moment):
    journal = tmp_path / "journal"
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        emulator.faults.add([Fault("F27", TICKETS, "503", after=2, options={"delay": 30})])
        writing = asyncio.create_task(
            all_of(halo.tickets.bulk_upsert(creates(50), batch_size=5, concurrency=3, journal=journal))
        )
        await asyncio.sleep(moment)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(writing, 5)
        assert not left_over()
        if journal.exists():
            known = read_journal(journal)
            assert len(known.written) + len(known.unknown) >= sum(stored(emulator).values())
            assert len(known.unknown) <= 15
        assert (await halo.tickets.get(1)).id == 1  # the connection pool is none the worse


async def test_a_spent_quota_is_waited_for_and_nothing_is_doubled():
    clock = VirtualClock(auto_advance=True)
    async with Emulator(tickets=5, rate_limit=RateLimit(4, 300), clock=clock) as emulator:
        async with client(emulator, rate_limit=None, clock=clock) as halo:
            results, error = await all_of(halo.tickets.bulk_upsert(creates(60), batch_size=5, concurrency=3))
        assert error is None
        assert set(outcomes(results)) == {"written"}
        assert set(stored(emulator).values()) == {1}
        assert any(request.status == 429 for request in emulator.requests(TICKETS))


async def test_a_throttled_request_counts_as_not_sent(tmp_path):
    """429 comes before anything is done: a process that is killed in the pause knows that."""
    clock = VirtualClock()
    journal = tmp_path / "journal"
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator, clock=clock) as halo:
        emulator.faults.add([Fault("F23", TICKETS)])
        writing = asyncio.create_task(all_of(halo.tickets.bulk_upsert(creates(5), journal=journal)))
        while not sizes(emulator):
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.05)
        known = read_journal(journal)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    assert known.refused == tuple(range(5))
    assert known.unknown == ()


async def test_a_deadline_that_passes_before_sending_leaves_the_rows_refused():
    clock = VirtualClock(auto_advance=True)
    async with Emulator(tickets=5, rate_limit=None) as emulator:
        async with client(emulator, rate_limit=RateLimit(1, 300), clock=clock) as halo:
            tickets = halo.tickets.with_options(timeout=10)
            rows = creates(10)
            results, _ = await all_of(
                tickets.bulk_upsert(rows, batch_size=5, concurrency=1, on_error="continue")
            )
        assert set(outcomes(results)) <= {"written", "refused"}
        assert "refused" in outcomes(results)
        assert sum(stored(emulator).values()) == outcomes(results).count("written")


async def test_an_own_choice_never_to_repeat_is_kept():
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        emulator.faults.add([Fault("F02", TICKETS, times=1)])
        tickets = halo.tickets.with_options(retry="never")
        results, _ = await all_of(tickets.bulk_upsert([{"id": 1, "summary": "x"}], on_error="continue"))
        assert outcomes(results) == ["unknown"]
        assert results[0].repeatable
        assert sizes(emulator) == [1]


async def test_anyio_scopes_that_cancel_again_and_again_leave_nothing(tmp_path):
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        emulator.faults.add([Fault("F27", TICKETS, "503", after=2, options={"delay": 30})])
        with anyio.move_on_after(0.1) as scope:
            await all_of(
                halo.tickets.bulk_upsert(creates(50), batch_size=5, concurrency=3, journal=tmp_path / "j")
            )
        assert scope.cancelled_caught
        assert not left_over()
        BulkJournal(tmp_path / "j", {}, resume=True).close()  # it was let go of


async def test_a_loop_that_is_left_by_an_error_leaves_nothing_once_it_is_closed():
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        with suppress(ZeroDivisionError):
            async with aclosing(
                halo.tickets.bulk_upsert(creates(60), batch_size=5, concurrency=4)
            ) as results:
                async for result in results:
                    assert 1 // result.index
        assert not left_over()
        assert sum(stored(emulator).values()) == sum(sizes(emulator))


async def test_after_a_break_a_request_whose_response_was_lost_is_not_sent_again():
    async with Emulator(tickets=20, rate_limit=None) as emulator, client(emulator) as halo:
        emulator.faults.add([Fault("F02", TICKETS, after=1, options={"delay": 0.1})])
        rows = [{"id": number, "summary": "x"} for number in range(1, 11)]
        results = halo.tickets.bulk_upsert(rows, batch_size=5, concurrency=2)
        await anext(results)
        while len(sizes(emulator)) < 2:
            await asyncio.sleep(0.005)
        await results.aclose()
        assert not left_over()
        assert sizes(emulator) == [5, 5]


async def test_a_source_that_is_cancelled_from_within_ends_it():
    async def source():
        yield {"summary": "x"}
        raise asyncio.CancelledError

    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(all_of(halo.tickets.bulk_upsert(source())), 5)
        assert not left_over()


async def test_once_it_is_stopped_no_row_is_waited_for():
    async def source():
        yield {"summary": "x", "client_id": 2**40}
        yield {"id": 3, "summary": "y"}
        await asyncio.Event().wait()

    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        results, error = await asyncio.wait_for(
            all_of(halo.tickets.bulk_upsert(source(), batch_size=1, concurrency=3)), 5
        )
        assert isinstance(error, BulkWriteError)
        assert outcomes(results) == ["refused", "written"]
        assert not left_over()


@pytest.mark.parametrize("stop", ["a break", "a cancellation"])
async def test_what_a_large_response_says_is_taken_down_though_the_write_is_stopped_meanwhile(
    tmp_path, monkeypatch, stop
):
    matching, on_loop, go_on = asyncio.Event(), threading.get_ident(), threading.Event()
    loop, match = asyncio.get_running_loop(), batch.match_response

    def held_back(resource, rows, response):
        assert threading.get_ident() != on_loop  # whatever it takes, the loop goes on
        loop.call_soon_threadsafe(matching.set)
        assert go_on.wait(30)
        match(resource, rows, response)

    monkeypatch.setattr(batch, "match_response", held_back)
    journal = tmp_path / "journal"
    async with Emulator(tickets=5, rate_limit=None) as emulator, client(emulator) as halo:
        results = halo.tickets.bulk_upsert(creates(40), batch_size=40, journal=journal)
        writing = asyncio.ensure_future(anext(results))
        await matching.wait()
        if stop == "a cancellation":
            writing.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        go_on.set()
        with suppress(asyncio.CancelledError):
            assert (await writing).ok
        await results.aclose()
        assert len(read_journal(journal).written) == 40
        assert read_journal(journal).unknown == ()
        assert not left_over()
