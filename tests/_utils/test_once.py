"""What is loaded once: for all who ask meanwhile, whoever is cancelled, and never a failure."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from halo_async._utils.single_flight import AsyncCache, cache_of


class Loads:
    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.begun = 0
        self.go = asyncio.Event()

    async def __call__(self):
        self.begun += 1
        await self.go.wait()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


async def test_all_who_ask_while_it_loads_share_one_load():
    known, load = AsyncCache(), Loads("x")
    waiting = [asyncio.create_task(known.get("k", load)) for _ in range(5)]
    await asyncio.sleep(0)
    load.go.set()
    assert await asyncio.gather(*waiting) == ["x"] * 5
    assert (await known.get("k", load), load.begun) == ("x", 1)


@pytest.mark.parametrize("gone", [0, 3])
async def test_who_is_cancelled_takes_nobody_elses_value_away(gone):
    known, load = AsyncCache(), Loads("x", "y")
    waiting = [asyncio.create_task(known.get("k", load)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting.pop(gone).cancel()
    await asyncio.sleep(0)
    load.go.set()
    assert await asyncio.gather(*waiting) == ["x"] * 4
    assert load.begun == (2 if gone == 0 else 1)


async def test_a_failure_is_told_to_all_who_waited_and_tried_again_by_the_next():
    known, load = AsyncCache(), Loads(ValueError("no"), "x")
    waiting = [asyncio.create_task(known.get("k", load)) for _ in range(3)]
    await asyncio.sleep(0)
    load.go.set()
    failures = await asyncio.gather(*waiting, return_exceptions=True)
    assert [str(failure) for failure in failures] == ["no"] * 3
    assert len({id(failure) for failure in failures}) == 3
    assert await known.get("k", load) == "x"


async def test_what_was_being_loaded_when_it_was_forgotten_is_loaded_again():
    known, load = AsyncCache(), Loads("old", "new")
    first = asyncio.create_task(known.get("k", load))
    waits = asyncio.create_task(known.get("k", load))
    await asyncio.sleep(0)
    known.clear()
    load.go.set()
    assert (await first, await waits) == ("old", "new")
    assert known.known("k") == "new"


def test_a_load_that_ended_with_its_loop_does_not_stop_the_next_loop():
    known = AsyncCache()

    async def give_up():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(known.get("k", Loads("x")), 0.01)

    async def load():
        return "y"

    async def ask():
        return await known.get("k", load)

    asyncio.run(give_up())
    assert asyncio.run(ask()) == "y"


async def test_a_store_belongs_to_one_transport_and_goes_with_it():
    class Transport:
        pass

    one, other = Transport(), Transport()
    assert cache_of(one) is cache_of(one) is not cache_of(other)
    store = weakref.ref(cache_of(one))
    del one
    gc.collect()
    assert store() is None
