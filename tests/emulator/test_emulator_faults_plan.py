"""Which faults there are, when they fire, and the proof that they did."""

from __future__ import annotations

import asyncio

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Fault
from halo_async.emulator.faults import known
from tests.support.raw_socket import faulty, raw


async def test_the_log_proves_what_fired(start):
    wire = await faulty(start, "F27", "503", on="GET /Tickets/{id}", times=1)
    await wire.get("/Tickets/4")
    await wire.get("/Tickets/5")
    (fired,) = wire.emulator.faults.log
    assert (fired.number, fired.variant, fired.method, fired.path) == ("F27", "503", "GET", "/Tickets/4")


async def test_an_unknown_fault_is_refused_by_name(start):
    with pytest.raises(ValueError, match="F99"):
        await start(faults=[Fault("F99")])
    with pytest.raises(ValueError, match="reset, close"):
        await start(faults=[Fault("F02", variant="explode")])


def test_every_fault_that_a_server_can_cause_is_there():
    # The others happen in the client, on its disk, in its proxy, or by knobs of their own (F20, F26, F32).
    elsewhere = {1, 16, 20, 22, 26, 28, 29, 30, 31, 32, 49, 50, 54, 55}
    beyond_the_checklist = {"F60", "F61", "F62", "F63"}
    listed = {f"F{number:02d}" for number in range(1, 57) if number not in elsewhere}
    assert listed | beyond_the_checklist == set(known())


VARIANTS = [(number, variant) for number, variants in known().items() for variant in variants]
SMALL = {"bytes": 3000, "depth": 500, "fields": 30, "order": "name", "rows": 1}
ABOVE_1 = "%5B%7B%22filter_name%22:%22id%22,%22filter_type%22:7,%22filter_value%22:%221%22%7D%5D"
PAGE = f"/api/Client?pageinate=true&page_no=2&page_size=2&order=id&advanced_search={ABOVE_1}"


@pytest.mark.parametrize(("number", "variant"), VARIANTS, ids=lambda value: str(value))
async def test_every_variant_fires_and_breaks_nothing_else(start, caplog, number, variant):
    """With a clock that moves by itself even the slowest of them ends."""
    clock = VirtualClock(auto_advance=True)
    wire = await start(clock=clock, token_lifetime=10**9, tickets=10)
    options = {**SMALL, "rows": 0} if number == "F41" else SMALL  # pages are of 2 rows here
    wire.emulator.faults.add([Fault(number, "GET /Client", variant, times=1, options=options)])
    broken = await raw(wire, PAGE)
    after = await raw(wire, PAGE)
    assert [(fired.number, fired.variant) for fired in wire.emulator.faults.log] == [(number, variant)]
    assert after.status == 200
    # F03 strikes the next request on the connection, F17 the clock: the response itself is whole. F61 changes which of
    # several records come back, F63 only what is created beside others.
    without_date = [response.data.partition(b"Date: ")[0] + response.body for response in (broken, after)]
    assert without_date[0] != without_date[1] or number in {"F03", "F17", "F61", "F63"}
    assert "the emulator failed" not in caplog.text


async def test_any_fault_can_take_its_time(start):
    clock = VirtualClock()
    wire = await start(clock=clock, faults=[Fault("F27", "GET /Status", "500", options={"delay": 7})])
    task = asyncio.create_task(raw(wire))
    while clock.sleepers == 0:
        await asyncio.sleep(0.01)
    clock.advance(7)
    assert (await task).status == 500
