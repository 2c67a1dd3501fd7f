"""`/_emulator/` is for whoever runs the emulator: nothing is changed by a GET, and no web page reaches it."""

from __future__ import annotations

import pytest

READS = ["state", "truth", "requests", "faults", "webhooks"]
CHANGES = {
    "reset": {"seed": "2"},
    "seed": {"seed": "2"},
    "clock": {"advance": "3600"},
    "churn": {"path": "/Tickets"},
    "snapshot": {"name": "a"},
    "restore": {"name": "a"},
    "rate-limit": {"requests": "1", "seconds": "60"},
    "attach": {"size": "10"},
    "revoke": {},
    "faults": {"clear": "true"},
    "webhooks": {"send": "true"},
}


async def ask(wire, method, control, *, headers=None, **options):
    url = f"{wire.emulator.url}/_emulator/{control}"
    async with wire.session.request(method, url, headers=headers, **options) as response:
        return response.status, response.headers, await response.json()


def told(wire):
    """What an admin call could change."""
    emulator = wire.emulator
    tickets = emulator.world.table("/Tickets").ids
    return emulator.seed, emulator.clock.time(), list(tickets), emulator.rate_limit, emulator.churn


@pytest.mark.parametrize("control", CHANGES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
async def test_what_changes_something_has_to_be_posted(wire, control, method):
    await ask(wire, "POST", "snapshot", json={"name": "a"})
    before = told(wire)
    url = f"{wire.emulator.url}/_emulator/{control}"
    async with wire.session.request(method, url, params=CHANGES[control]) as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert told(wire) == before
    assert (await wire.get("/Tickets/1")).status == 200  # the token is good, and no limit was set


@pytest.mark.parametrize("control", READS)
async def test_what_only_tells_may_be_asked_for_by_get(wire, control):
    await ask(wire, "POST", "churn", json={"path": "/Tickets"})
    status, _, _ = await ask(wire, "GET", control)
    assert status == 200


async def test_the_truth_without_churn_is_told_to_be_unknown(wire):
    status, _, said = await ask(wire, "GET", "truth")
    assert (status, "churn" in said["error"]) == (400, True)


async def test_a_get_may_narrow_what_is_told(wire):
    await wire.get("/Tickets/1")
    _, _, found = await ask(wire, "GET", "requests", params={"pattern": "GET /Tickets/{id}"})
    assert [entry["path"] for entry in found["requests"]] == ["/Tickets/1"]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "169.254.169.254"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_foreign_host_is_refused(wire, host, method):
    named = host.format(port=wire.emulator.url.rpartition(":")[2])
    status, _, said = await ask(wire, method, "state", headers={"Host": named})
    assert status == 403
    assert "127.0.0.1" in said["error"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
async def test_every_name_of_this_machine_is_taken(wire, host):
    port = wire.emulator.url.rpartition(":")[2]
    status, _, _ = await ask(wire, "POST", "state", headers={"Host": f"{host}:{port}"})
    assert status == 200


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost:1", "https://127.0.0.1:{port}", ""]
)
async def test_a_web_page_is_refused(wire, origin):
    named = origin.format(port=wire.emulator.url.rpartition(":")[2])
    before = told(wire)
    status, _, _ = await ask(wire, "POST", "reset", json={"seed": 2}, headers={"Origin": named})
    assert status == 403
    assert told(wire) == before


async def test_a_page_of_the_emulator_itself_is_taken(wire):
    status, _, _ = await ask(wire, "POST", "state", headers={"Origin": wire.emulator.url})
    assert status == 200


async def test_the_api_itself_goes_by_any_name(wire):
    assert (await wire.call("GET", "/Tickets/1", headers={"Host": "acme.halopsa.com"})).status == 200
