"""Names of inactive, disabled and API-only rows: left out unless asked for, which is said."""

from __future__ import annotations

import pytest

from halo_async._operations.resource import operations
from halo_async.errors import UnknownNameError


def asked(emulator, path):
    return [dict(request.query) for request in emulator.requests(f"GET {path}")]


@pytest.fixture
async def leaver(halo):
    return await halo.agent.create({"name": "Gone Fishing", "isdisabled": True})


@pytest.fixture
async def robot(halo):
    return await halo.agent.create({"name": "Night Robot", "isapiagent": True})


async def test_disabled_and_api_only_agents_are_left_out_unless_asked_for(halo, leaver, robot):
    for agent in (leaver, robot):
        with pytest.raises(
            UnknownNameError,
            match=r"leaves out inactive rows\. Pass include_inactive=True to include them\.$",
        ):
            await halo.resolve("agent", agent.name)
    assert await halo.resolve("agent", ["Gone Fishing", "night robot"], include_inactive=True) == [
        leaver.id,
        robot.id,
    ]


async def test_the_switches_are_those_of_the_list_and_one_that_is_given_wins(
    halo, halo_emulator, leaver, robot
):
    assert await halo.resolve("agent", "Gone Fishing", include_inactive=True) == leaver.id
    (query,) = asked(halo_emulator, "/Agent")
    assert (query["includeapiagents"], query["includedisabled"]) == ("true", "true")
    with pytest.raises(UnknownNameError) as caught:
        await halo.resolve("agent", "Night Robot", include_inactive=True, includeapiagents=False)
    assert "include_inactive" not in str(caught.value)


async def test_what_was_kept_without_inactive_rows_is_not_used_with_them(halo, halo_emulator):
    await halo.team.create({"name": "Night shift", "inactive": True})
    with pytest.raises(UnknownNameError):
        await halo.resolve("team", "Night shift")
    assert await halo.resolve("team", "Night shift", include_inactive=True) == 5
    with pytest.raises(UnknownNameError):
        await halo.resolve("team", "Night shift")
    assert len(asked(halo_emulator, "/Team")) == 2


@pytest.mark.parametrize(("kind", "resource"), [("client", "client"), ("site", "site"), ("user", "users")])
async def test_inactive_ones_of_long_lists_are_found_with_the_switch(halo, kind, resource):
    made = await getattr(halo, resource).create({"name": "Closed Long Ago", "inactive": True})
    with pytest.raises(UnknownNameError, match="include_inactive=True"):
        await halo.resolve(kind, "Closed Long Ago")
    assert await halo.resolve(kind, "Closed Long Ago", include_inactive=True) == made.id


async def test_a_list_without_switches_takes_it_and_nothing_changes(halo, halo_emulator):
    assert await halo.resolve("status", "New", include_inactive=True) == 1
    assert asked(halo_emulator, "/Status") == [{}]
    with pytest.raises(UnknownNameError) as caught:
        await halo.resolve("status", "Nwe")
    assert "include_inactive" not in str(caught.value)


async def test_a_row_that_is_active_again_is_listed_again(halo, leaver):
    assert leaver.id not in {agent.id async for agent in halo.agent.list()}
    await halo.agent.update(leaver.id, isdisabled=False)
    assert leaver.id in {agent.id async for agent in halo.agent.list()}


def test_the_switches_of_every_list_turn_on_what_their_type_takes():
    found = {item.name: dict(item.inactive_switches) for item in operations() if item.inactive_switches}
    assert found["agent.list"] == {"includeapiagents": True, "includedisabled": "true"}
    assert found["ticket_type.list"] == {"showinactive": True}
    assert found["features.list"] == {"showdisabled": True}
    assert {"client.list", "site.list", "users.list", "asset.list", "team.list", "item.list"} <= found.keys()
    assert not {"tickets.list", "status.list", "agent.get", "agent.upsert"} & found.keys()
