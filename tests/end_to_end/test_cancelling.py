"""Cancelled at any `await`: no task, thread, place or connection is left, and the next call works."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from halo_async import Fleet, Halo
from halo_async._utils.background import complete
from halo_async._utils.single_flight import AsyncCache
from halo_async.auth.token_stores import FileStore
from halo_async.emulator import Emulator
from halo_async.export import export
from halo_async.webhooks import handler
from halo_async.writing import read_journal
from halo_async.writing.journal import BulkJournal
from tests.support.cancelling import HOW, Cleanup, Threads, every_moment, threads
from tests.support.fleet_kit import client
from tests.support.leftovers import nothing_held, nothing_left

pytestmark = [pytest.mark.parametrize("how", HOW), pytest.mark.halo(tickets=250)]


@pytest.fixture
async def pool() -> AsyncIterator[Threads]:
    async with threads() as pool:
        yield pool


@pytest.fixture
def works(halo: Halo) -> Any:
    """The next call works, and nobody holds a place."""

    async def check() -> None:
        await nothing_held(halo.transport)
        assert (await halo.tickets.get(1)).id == 1

    return check


@pytest.mark.parametrize("ahead", [0, 3])
async def test_a_list(halo: Halo, works: Any, pool: Threads, how: str, ahead: int) -> None:
    async def walk() -> None:
        async with aclosing(halo.tickets.list(page_size=50).prefetch(ahead).by_page()) as pages:
            assert [len(page) async for page in pages] == [50] * 5

    assert await every_moment(how, walk, works, pool=pool) > 5


async def test_a_loop_over_rows_that_nobody_closes(halo: Halo, works: Any, pool: Threads, how: str) -> None:
    async def walk() -> None:
        async for row in halo.tickets.list(page_size=50).prefetch(3):
            if row.id is None:
                break

    async def check() -> None:
        await works()

    await every_moment(how, walk, check, pool=pool)


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
async def test_an_export_which_can_be_resumed(
    halo: Halo, works: Any, pool: Threads, how: str, format: str, tmp_path: Path
) -> None:
    folders = (tmp_path / str(number) for number in itertools.count())
    current: list[Path] = []

    async def run() -> None:
        current[:] = [next(folders)]
        await export(halo, ["tickets", "actions", "client"], current[0], format=format)

    async def resumes() -> None:
        await works()
        report = await export(halo, ["tickets", "actions", "client"], current[0], format=format, resume=True)
        assert report.complete
        assert {item.resource: item.rows for item in report.resources}["tickets"] == 250

    await every_moment(how, run, resumes, pool=pool)


async def test_a_bulk_write_with_a_journal(
    halo: Halo, halo_emulator: Emulator, works: Any, pool: Threads, how: str, tmp_path: Path
) -> None:
    journals = (tmp_path / str(number) for number in itertools.count())
    current: list[Path] = []
    cleanup = Cleanup()

    async def rows() -> AsyncIterator[dict[str, Any]]:
        async with cleanup():
            for number in range(1, 41):
                await asyncio.sleep(0)
                yield {"id": number, "summary": "new"}

    class Rows:
        def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
            return rows()  # which is closed for us, other than a generator of our own

    async def write() -> None:
        current[:] = [next(journals)]
        results = halo.tickets.bulk_upsert(Rows(), batch_size=5, concurrency=3, journal=current[0])
        async with aclosing(results):
            assert len([result async for result in results]) == 40

    async def check() -> None:
        await works()
        assert not cleanup.open
        if current[0].exists():
            BulkJournal(current[0], {}, resume=True).close()  # nobody has it
            assert len(read_journal(current[0]).unknown) <= 15

    await every_moment(how, write, check, pool=pool)


@pytest.mark.parametrize("deadline", [None, 30.0])
async def test_a_fleet(
    halo: Halo, halo_emulator: Emulator, works: Any, pool: Threads, how: str, deadline: float | None
) -> None:
    cleanup = Cleanup()

    async def work(halo: Halo) -> None:
        async with cleanup():
            await halo.tickets.get(3)

    async with Fleet({name: client(halo_emulator) for name in "abcde"}) as fleet:
        for one in fleet.values():
            await one.tickets.get(1)

        async def run() -> None:
            found = await fleet.map(work, concurrency=2, deadline=deadline)
            assert all(result.ok for result in found.values())

        async def check() -> None:
            await works()
            assert not cleanup.open
            for one in fleet.values():
                await nothing_held(one.transport)

        await every_moment(how, run, check, pool=pool)


async def test_one_of_two_that_share_a_load(halo: Halo, works: Any, pool: Threads, how: str) -> None:
    cache = AsyncCache()
    other: list[asyncio.Task[int]] = []

    async def load() -> int:
        return (await halo.tickets.get(2)).id or 0

    async def run() -> None:
        cache.clear()
        other[:] = [asyncio.create_task(cache.get("key", load))]
        assert await cache.get("key", load) == 2

    async def check() -> None:
        assert await other.pop() == 2
        await works()

    await every_moment(how, run, check, pool=pool, besides=other)


async def test_a_client_from_its_login_to_its_end(
    halo_emulator: Emulator, works: Any, pool: Threads, how: str, tmp_path: Path
) -> None:
    stores = (FileStore(tmp_path / str(number)) for number in itertools.count())
    current: list[FileStore] = []

    async def run() -> None:
        current[:] = [next(stores)]
        async with client(halo_emulator, token_store=current[0]) as halo:
            assert (await halo.tickets.get(1)).id == 1

    async def check() -> None:
        await works()
        async with client(halo_emulator, token_store=current[0]) as halo:  # nobody has the lock
            assert (await halo.tickets.get(1)).id == 1

    async with nothing_left():
        await every_moment(how, run, check, pool=pool)


async def test_one_of_two_that_wait_for_a_login(
    halo_emulator: Emulator, works: Any, pool: Threads, how: str
) -> None:
    current: list[Halo] = []
    other: list[asyncio.Task[Any]] = []

    async def run() -> None:
        current[:] = [client(halo_emulator)]
        other[:] = [asyncio.create_task(current[0].transport.token())]
        assert (await current[0].tickets.get(2)).id == 2

    async def check() -> None:
        await other.pop()
        await current.pop().aclose()
        await works()

    async with nothing_left():
        await every_moment(how, run, check, pool=pool, besides=other, names=("halo_async token",))


async def test_a_download(
    halo: Halo, halo_emulator: Emulator, works: Any, pool: Threads, how: str, tmp_path: Path
) -> None:
    id = halo_emulator.attach(1_000_000)
    names = (f"{number}.bin" for number in itertools.count())
    current: list[Path] = []

    async def run() -> None:
        current[:] = [tmp_path / next(names)]
        await halo.attachment.download(id, to=current[0])

    async def check() -> None:
        await works()
        if not current[0].exists():
            await halo.attachment.download(id, to=current[0])
        assert current[0].stat().st_size == 1_000_000

    await every_moment(how, run, check, pool=pool)


async def test_an_upload(halo: Halo, works: Any, pool: Threads, how: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.bin"
    path.write_bytes(bytes(1_000_000))

    async def run() -> None:
        await halo.attachment.upload(path, ticket_id=3)

    await every_moment(how, run, works, pool=pool)


async def test_an_emulator_and_a_receiver_of_its_webhooks(works: Any, pool: Threads, how: str) -> None:
    events: list[Any] = []

    async def on_event(event: Any) -> None:
        await asyncio.sleep(0)
        events.append(event)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            emulator = await stack.enter_async_context(Emulator(tickets=5, rate_limit=None))
            app = web.Application()
            app.router.add_post("/halo", handler(on_event, username=None, password=None))
            runner = web.AppRunner(app, access_log=None)
            stack.push_async_callback(lambda: complete(runner.cleanup()))
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await complete(site.start())
            emulator.webhooks.register(f"http://127.0.0.1:{runner.addresses[0][1]}/halo")
            halo = await stack.enter_async_context(client(emulator))
            await halo.tickets.create(summary="x")
            await emulator.webhooks.send()

    async with nothing_left():
        await every_moment(how, run, works, pool=pool)
    assert events
