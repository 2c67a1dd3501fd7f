"""A watch tells each change once, and none is lost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from halo_async import RateLimit
from halo_async.emulator import Behaviour, Churn, Fault
from halo_async.errors import PermissionDeniedError, SettingsError
from halo_async.measurements import Measurements
from halo_async.webhooks import WatchTrigger, handler
from tests.support.watch_kit import START, Watching, World, brief, told_first, told_now, world


async def test_created_and_updated_rows_are_told_once_each() -> None:
    async with world() as here, Watching(here) as watching:
        await here.passes(60)
        await here.hand.tickets.update(5, summary="changed")
        await here.passes(60)
        new = await here.hand.tickets.create(summary="new")
        await here.passes(60)
        await here.hand.tickets.update(new.id, summary="changed")
        await here.passes(400)
    assert brief(watching.told) == [("updated", 5), ("created", new.id), ("updated", new.id)]
    assert [change.row.summary for change in watching.told] == ["changed", "new", "changed"]
    assert all(change.changed_at.tzinfo is UTC for change in watching.told)


@pytest.mark.parametrize("name", ["client", "users", "site", "asset", "opportunities", "projects"])
async def test_each_list_with_a_filter_for_changes_can_be_watched(name: str) -> None:
    async with world() as here:
        hand = getattr(here.hand, name)
        field = (
            "summary"
            if name in ("opportunities", "projects")
            else "inventory_number"
            if name == "asset"
            else "name"
        )
        async with Watching(here, name) as watching:
            await here.passes(60)
            await hand.update(2, **{field: "changed"})
            await here.passes(60)
            new = await hand.create(**{field: "new"})
            await here.passes(400)
    assert brief(watching.told) == [("updated", 2), ("created", new.id)]


async def test_a_change_right_after_the_start_is_told_and_one_right_before_is_not() -> None:
    async with world() as here:
        await here.hand.tickets.update(4, summary="before")
        await here.passes(0.1)
        async with Watching(here) as watching:
            await here.hand.tickets.update(5, summary="after")
            await here.passes(100)
    assert brief(watching.told) == [("updated", 5)]


async def test_two_changes_within_the_resolution_of_the_time_are_told_as_the_last() -> None:
    async with world() as here, Watching(here, every=timedelta(seconds=0.5)) as watching:
        await here.passes(10)
        moment = here.clock.time()
        await here.hand.tickets.update(5, summary="first")
        while here.clock.time() < moment + 0.001:
            await here.passes(0.001)
        await here.hand.tickets.update(5, summary="second")
        await here.passes(20)
        told = [change.row.summary for change in watching.told]
    assert told[-1] == "second"
    assert len(told) == len({change.changed_at for change in watching.told})


async def test_changes_from_since_on_are_told_and_their_kind_is_open() -> None:
    async with world() as here:
        await here.hand.tickets.update(3, summary="too early")
        await here.passes(7200)
        await here.hand.tickets.update(5, summary="changed")
        await here.passes(60)
        for since in ("1h", timedelta(hours=1), datetime.fromtimestamp(here.clock.time() - 3600, UTC)):
            assert brief(await told_now(here.halo.tickets, since=since)) == [(None, 5)]


async def test_a_restart_continues_where_the_last_watch_ended(tmp_path: Path) -> None:
    state = tmp_path / "tickets.state"
    async with world() as here:
        assert await told_now(here.halo.tickets, state=state) == []
        await here.passes(86400)
        await here.hand.tickets.update(5, summary="changed")
        new = await here.hand.tickets.create(summary="new")
        await here.passes(86400)
        assert brief(await told_now(here.halo.tickets, state=state)) == [("updated", 5), ("created", new.id)]
        assert await told_now(here.halo.tickets, state=state) == []


async def test_after_a_crash_the_change_that_was_being_handled_comes_again(tmp_path: Path) -> None:
    state = tmp_path / "tickets.state"
    async with world() as here:
        await told_now(here.halo.tickets, state=state)
        for id in (3, 4, 5):
            await here.passes(1)
            await here.hand.tickets.update(id, summary="changed")
        await here.passes(60)
        assert [change.id for change in await told_first(here.halo.tickets, 2, state=state)] == [3, 4]
        assert [change.id for change in await told_now(here.halo.tickets, state=state)] == [4, 5]


async def test_a_crash_at_the_first_change_of_all_loses_nothing(tmp_path: Path) -> None:
    state = tmp_path / "tickets.state"
    async with world() as here:
        await here.hand.tickets.update(5, summary="changed")
        await here.passes(60)
        await told_first(here.halo.tickets, 1, state=state, since="1h")
        await here.hand.tickets.update(6, summary="changed")
        await here.passes(60)
        assert [change.id for change in await told_now(here.halo.tickets, state=state)] == [5, 6]


async def test_a_loop_that_is_left_can_mark_the_last_change_as_handled(tmp_path: Path) -> None:
    state = tmp_path / "tickets.state"
    async with world() as here:
        watch = here.halo.tickets.watch(state=state)
        async with Watching(here, state=tmp_path / "other"):
            await told_now(here.halo.tickets, state=state)
            for id in (3, 4):
                await here.passes(1)
                await here.hand.tickets.update(id, summary="changed")
            await here.passes(60)
            changes = aiter(watch)
            assert (await anext(changes)).id == 3
            await watch.handled()
            await changes.aclose()
        assert [change.id for change in await told_now(here.halo.tickets, state=state)] == [4]


async def test_many_changes_are_told_though_rows_come_and_go_meanwhile(tmp_path: Path) -> None:
    churn = Churn(path="/Tickets", insert=0.7, delete=0.5, update=1.5)
    async with world(tickets=150, churn=churn, page_cap=20) as here:
        async with Watching(here, state=tmp_path / "state") as watching:
            for _ in range(40):
                await here.passes(45)
        here.emulator.churn = None
        watching.told += await told_now(here.halo.tickets, state=tmp_path / "state")
        rows = {row.id: row.last_update async for row in here.hand.tickets.list()}
        changed = {id for id, moment in rows.items() if moment.timestamp() >= START}
    told = {change.id: change.changed_at for change in watching.told}
    assert len(changed) > 50
    assert {id: rows[id] for id in changed} == {id: told.get(id) for id in changed}
    versions = [(change.id, change.changed_at) for change in watching.told]
    assert len(versions) == len(set(versions))


async def test_a_look_that_fails_is_repeated_and_loses_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with world(client={"deadline": 5}) as here, Watching(here) as watching:
        await here.passes(60)
        here.emulator.faults.add([Fault("F27", "GET /Tickets")])
        await here.hand.tickets.update(5, summary="changed")
        await here.passes(300)
        assert watching.told == []
        here.emulator.faults.clear()
        await here.passes(900)
    assert brief(watching.told) == [("updated", 5)]
    assert "tickets could not be read, retried in" in caplog.text


async def test_a_refusal_for_good_ends_the_watch() -> None:
    async with world(client={"scope": "read:assets"}) as here:
        with pytest.raises(PermissionDeniedError):
            await told_now(here.halo.tickets)


async def test_an_instance_whose_clock_goes_back_is_asked_from_an_earlier_time() -> None:
    async with world(client={}) as here:
        here.emulator.clock._ahead = 5000.0
        async with Watching(here) as watching:
            await here.passes(120)
            here.emulator.clock._ahead = 0.0
            await here.hand.tickets.update(5, summary="changed")
            await here.passes(400)
    assert brief(watching.told) == [("updated", 5)]


@pytest.mark.parametrize("minutes", [60, -300])
async def test_dates_in_another_zone_are_understood_once_measured(minutes: int) -> None:
    measured = Measurements({"date_zone": minutes})
    options = {"behaviour": Behaviour(utc_offset=minutes), "client": {"measurements": measured}}
    async with world(**options) as here, Watching(here) as watching:
        await here.passes(60)
        moment = here.clock.time()
        await here.hand.tickets.update(5, summary="changed")
        await here.passes(100)
    assert brief(watching.told) == [("updated", 5)]
    assert abs(watching.told[0].changed_at.timestamp() - moment) < 5


@pytest.mark.parametrize(
    "name", ["pageinate", "page_no", "page_size", "count", "order", "orderdesc", "lastupdatefromdate"]
)
async def test_what_the_watch_sets_itself_is_no_filter(halo, name: str) -> None:
    """`count=1` would show the first change of each look, and no other one ever."""
    with pytest.raises(SettingsError, match=rf"^{name} is set by the watch and cannot be a filter\.$"):
        halo.tickets.watch(once=True, **{name: 1})


async def test_filters_narrow_the_watch_and_unknown_ones_are_refused() -> None:
    async with world() as here:
        client = (await here.hand.tickets.get(5)).client_id
        with pytest.raises(TypeError, match="Did you mean 'client_id'"):
            here.halo.tickets.watch(clientid=client)
        async with Watching(here, client_id=client) as watching:
            await here.passes(60)
            for id in (4, 5, 6):
                await here.hand.tickets.update(id, summary="changed")
            await here.passes(100)
        theirs = [id for id in (4, 5, 6) if (await here.hand.tickets.get(id)).client_id == client]
    assert [change.id for change in watching.told] == theirs


async def test_looks_keep_to_the_quota() -> None:
    limit = RateLimit(30, 60)
    async with world(rate_limit=limit, client={"rate_limit": limit}) as here:
        async with Watching(here, every=timedelta(seconds=0.1)):
            await here.passes(300)
        asked = len(here.emulator.requests("GET /Tickets"))
        assert here.halo.statistics().throttled == 0
    assert 60 < asked <= 30 * 6


async def test_a_trigger_has_each_watch_look_at_once() -> None:
    trigger = WatchTrigger()
    slow = {"every": timedelta(hours=6), "trigger": trigger}
    async with world() as here, Watching(here, **slow) as one, Watching(here, "client", **slow) as other:
        await here.passes(60)
        asked = len(here.emulator.requests("GET /Tickets"))
        await here.hand.tickets.update(5, summary="changed")
        await here.hand.client.update(2, name="changed")
        for _ in range(50):
            trigger()
        await asks(here, asked)
        await here.passes(10)
        assert len(here.emulator.requests("GET /Tickets")) - asked <= 3
    assert (brief(one.told), brief(other.told)) == ([("updated", 5)], [("updated", 2)])


async def asks(here: World, before: int) -> None:
    """Wait until the tickets are looked at again, without any time that passes."""
    while len(here.emulator.requests("GET /Tickets")) == before:
        await asyncio.sleep(0)


async def test_a_delivery_of_the_instance_fires_the_trigger() -> None:
    trigger = WatchTrigger()
    app = web.Application()
    app.router.add_post("/halo", handler(trigger, username=None, password=None))
    async with world() as here, TestServer(app) as receiver:
        here.emulator.webhooks.register(str(receiver.make_url("/halo")))
        async with Watching(here, every=timedelta(hours=6), trigger=trigger) as watching:
            await here.passes(60)
            asked = len(here.emulator.requests("GET /Tickets"))
            await here.hand.tickets.update(5, summary="changed")
            (delivery,) = await here.emulator.webhooks.send()
            assert (delivery.status, trigger.count) == (200, 1)
            await asks(here, asked)
            await here.passes(10)
    assert brief(watching.told) == [("updated", 5)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"every": timedelta(0)}, "every must be a timedelta above 0"),
        ({"every": 30}, "every must be a timedelta above 0"),
        ({"since": "last"}, "A watch has no last run"),
        ({"since": "yesterday"}, "neither a point in time nor a span"),
    ],
)
async def test_options_that_are_not_valid_are_refused(options: dict[str, Any], sentence: str) -> None:
    async with world() as here:
        with pytest.raises(SettingsError, match=sentence):
            here.halo.tickets.watch(**options)


async def test_other_lists_name_those_that_can_be_watched() -> None:
    async with world() as here:
        with pytest.raises(AttributeError) as caught:
            here.halo.agent.watch()
    assert str(caught.value) == (
        "Agent has no operation 'watch'. Only lists with a filter for changes have it: asset, client, "
        "email_address_book, opportunities, projects, site, tickets, users."
    )


async def test_a_state_of_another_watch_or_one_in_use_is_refused(tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with world() as here:
        await told_now(here.halo.tickets, state=state)
        with pytest.raises(SettingsError, match="is the state of another watch: of tickets on "):
            await told_now(here.halo.client, state=state)
        with pytest.raises(SettingsError, match=r"or with other filters\. Give another file\."):
            await told_now(here.halo.tickets, state=state, client_id=1)
        async with Watching(here, state=state):
            await here.passes(60)
            with pytest.raises(SettingsError, match="another watch has this state open"):
                await told_now(here.halo.tickets, state=state)
        (tmp_path / "text").write_text("something else\n")
        with pytest.raises(SettingsError, match="is not the state of a watch"):
            await told_now(here.halo.tickets, state=tmp_path / "text")


async def test_a_watch_is_read_by_one_loop_at_a_time() -> None:
    async with world() as here, Watching(here) as watching:
        await here.passes(60)
        with pytest.raises(RuntimeError, match="is being read already"):
            await anext(aiter(watching.watch))
