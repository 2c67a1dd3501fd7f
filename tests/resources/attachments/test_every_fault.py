"""Whatever goes wrong with a download, the file is whole or not there; nothing is left open."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Fault, faults
from halo_async.errors import DecodeError, HaloError, UnknownOutcomeError
from halo_async.settings import Timeouts

SIZE = 200_000
CASES = [
    (number, variant)
    for number, variants in faults.known().items()
    for variant in variants
    if faults.stage(Fault(number, variant=variant)) in ("instead", "wire")
]
TIMEOUTS = Timeouts(connect=2, read=0.3, attempt=2, slow_after=0.2, slow_rate=50_000)


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize(("number", "variant"), CASES)
async def test_the_file_is_whole_or_not_there(start, tmp_path, number, variant, times):
    tasks = asyncio.all_tasks()
    emulator, halo = await start(client={"timeouts": TIMEOUTS, "clock": VirtualClock(auto_advance=True)})
    id = emulator.attach(SIZE)
    target = tmp_path / "a.bin"
    emulator.faults.add([Fault(number, "GET /Attachment/{id}", variant, times=times)])
    try:
        found = await halo.with_options(timeout=1e9).attachment.download(id, to=target)
    except HaloError:
        assert not target.exists()
    else:
        assert found.size == SIZE
        assert hashlib.sha256(target.read_bytes()).hexdigest() == emulator.file_digest(id)
        assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    emulator.faults.clear()
    again = await halo.attachment.download(id, to=target, overwrite=True)
    assert hashlib.sha256(target.read_bytes()).hexdigest() == emulator.file_digest(id)
    assert [path.name for path in tmp_path.iterdir()] == ["a.bin"]
    assert again.size == SIZE
    await halo.aclose()
    await emulator.stop()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == tasks


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize(("number", "variant"), CASES)
async def test_a_file_is_never_attached_twice_and_success_means_once(start, number, variant, times):
    emulator, halo = await start(client={"timeouts": TIMEOUTS, "clock": VirtualClock(auto_advance=True)})
    table = emulator.world.table("/Attachment")
    before = set(table.ids)
    data = bytes(range(256)) * 2000
    emulator.faults.add([Fault(number, "POST /Attachment", variant, times=times)])
    try:
        made = await halo.with_options(timeout=1e9).attachment.upload(data, filename="a.bin")
    except UnknownOutcomeError:
        assert len(set(table.ids) - before) <= 1
    except DecodeError:
        assert len(set(table.ids) - before) <= 1  # it was taken, and the response makes no sense
    except HaloError:
        assert set(table.ids) == before
    else:
        assert set(table.ids) - before == {made.id}
        assert emulator.file_digest(made.id) == hashlib.sha256(data).hexdigest()
