"""Any sequence of changes, looks, crashes and failures: each version told once, none lost."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_async.emulator import Fault
from halo_async.errors import HaloError
from halo_async.resources.watch.state_file import WatchStateFile
from tests.support.examples import examples
from tests.support.watch_kit import told_first, told_now, world

IDS = st.integers(1, 4)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("update"), IDS),
        st.tuples(st.just("create"), st.just(0)),
        st.tuples(st.just("delete"), IDS),
        st.tuples(st.just("pass"), st.sampled_from([0, 1, 30, 299, 301, 4000])),
        st.tuples(st.just("look"), st.just(0)),
        st.tuples(st.just("crash"), st.integers(1, 3)),
        st.tuples(st.just("fail"), st.just(0)),
    ),
    max_size=14,
)


async def play(actions: list[tuple[str, int]], name: str, state: Path) -> None:
    handled: list[tuple[int, str]] = []
    async with world(tickets=6, client={"deadline": 3}) as here:
        list_, hand = getattr(here.halo, name), getattr(here.hand, name)
        field = "summary" if name == "tickets" else "name"
        await told_now(list_, state=state)
        made, changed = 0, set()
        for action, number in actions:
            if action == "pass":
                await here.passes(number)
            elif action in ("look", "crash"):
                told = await (
                    told_now(list_, state=state)
                    if action == "look"
                    else told_first(list_, number, state=state)
                )
                done = told if action == "look" or len(told) < number else told[:-1]
                handled += [(change.id, change.row[field]) for change in done]
            elif action == "fail":
                here.emulator.faults.add(
                    [Fault("F27", f"GET {'/Tickets' if name == 'tickets' else '/Client'}")]
                )
                with suppress(HaloError):
                    await told_now(list_, state=state)
                here.emulator.faults.clear()
            elif action == "delete":
                with suppress(HaloError):
                    await hand.delete(number)
            else:
                made += 1
                text = f"version {made}"
                try:
                    row = await (
                        hand.create(**{field: text})
                        if action == "create"
                        else hand.update(number, **{field: text})
                    )
                except HaloError:
                    continue  # deleted before
                changed.add(row.id)
        handled += [(change.id, change.row[field]) for change in await told_now(list_, state=state)]
        handled += [(change.id, change.row[field]) for change in await told_now(list_, state=state)]
        last = {row.id: row[field] async for row in hand.list() if row.id in changed}
    assert len(handled) == len(set(handled)), "a version was told twice"
    assert last.items() <= dict(handled).items(), "a change was lost"


@given(ACTIONS, st.sampled_from(["tickets", "client"]))
@settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
def test_each_version_is_handled_once_and_none_is_lost(actions: list[tuple[str, int]], name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(actions, name, Path(folder) / "state"))


def test_the_state_file_stays_small(tmp_path: Path) -> None:
    from halo_async.resources.watch.position import WatchPosition

    path, watched = tmp_path / "state", {"instance": "x", "list": "tickets", "filters": {}}
    file = WatchStateFile(path, watched)
    position = WatchPosition(0.0, at=1.0)
    for number in range(9000):
        key = str(number % 50)
        position.told.add(key, f"v{number}")
        file.tell(key, f"v{number}")
        if number % 50 == 49:
            file.keep(position)
    file.close()
    again = WatchStateFile(path, watched)
    again.close()
    assert again.position is not None
    assert dict(again.position.told.items()) == dict(position.told.items())
    assert len(path.read_text().splitlines()) < 5000
    assert [item.name for item in tmp_path.iterdir()] == ["state"]
