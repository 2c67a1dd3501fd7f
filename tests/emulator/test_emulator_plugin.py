"""The fixtures, as a user of the plugin has them."""

from __future__ import annotations

import urllib.request

import pytest

from halo_async.emulator import Fault
from halo_async.errors import HaloError


async def test_the_client_is_logged_in_and_pages(halo, halo_emulator):
    tickets = await halo.tickets.list().all()
    assert len(tickets) == 1000
    assert len(halo_emulator.requests("POST /auth/token")) == 1


@pytest.mark.parametrize("turn", [1, 2])
async def test_every_test_meets_an_instance_as_new(halo, halo_emulator, turn):
    assert halo_emulator.requests("tickets.upsert") == []
    ticket = await halo.tickets.create({"summary": "once"})
    assert ticket.id == 1001


@pytest.mark.halo(seed=3, tickets=7, faults=[Fault("F18", "GET /Status")])
async def test_a_mark_makes_it_another_instance(halo, halo_emulator):
    assert len(await halo.tickets.list().all()) == 7
    with pytest.raises(HaloError):
        await halo.status.list().all()
    assert halo_emulator.faults.log


def test_a_test_without_an_event_loop_can_use_it_too(halo_emulator):
    with urllib.request.urlopen(f"{halo_emulator.url}/api/authinfo") as response:
        assert response.status == 200
