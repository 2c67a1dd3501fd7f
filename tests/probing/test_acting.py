"""A client with the measurements of its instance reads all rows where one without it loses some."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Behaviour, Behind
from halo_async.errors import SettingsError
from halo_async.measurements import Measurements
from halo_async.probing import probe
from tests.support.probed_instance import client, instance

PAST = 1_760_000_000.0
"""After all seeded dates, and over."""
LOST = Behaviour(several_ids="repeats")


async def measured(emulator: Any) -> Measurements:
    async with client(emulator) as halo:
        return (await probe(halo)).measurements


async def test_several_ids_are_repeated_where_commas_are_not_understood() -> None:
    async with instance(1, rate_limit=None, behaviour=LOST, churn=None) as emulator:
        async with client(emulator) as halo:
            alone = [await halo.tickets.list(client_id=id).count() for id in (1, 2)]
            assert await halo.tickets.list(client_ids=[1, 2]).count() == 0
        measurements = await measured(emulator)
        async with client(emulator, measurements=measurements) as halo:
            assert await halo.tickets.list(client_ids=[1, 2]).count() == sum(alone) > 0
            assert await halo.tickets.list(client_ids="1,2").count() == sum(alone)
            # A list that was not measured is like those that were.
            assert ("client_ids", "2") in (await _query(halo, emulator))
            with_params = halo.tickets.with_options(params={"client_ids": [1, 2]})
            assert await with_params.list().count() == sum(alone)
            assert len(await with_params.list(search="a,b").all()) == 0
            assert ("search", "a,b") in emulator.requests("GET /Tickets")[-1].query


async def _query(halo: Any, emulator: Any) -> Any:
    await halo.invoice.list(client_ids=[1, 2]).all()
    return emulator.requests("GET /Invoice")[-1].query


@pytest.mark.parametrize("as_file", [False, True])
async def test_an_export_s_filters_too(tmp_path: Path, as_file: bool) -> None:
    async with instance(1, rate_limit=None, behaviour=LOST, churn=None) as emulator:
        measurements: Any = await measured(emulator)
        async with client(emulator) as halo:
            whole = sum([await halo.tickets.list(client_id=id).count() for id in (1, 2)])
        if as_file:
            (tmp_path / "p.json").write_text(json.dumps(measurements.as_json()))
            measurements = tmp_path / "p.json"
        rows = {}
        for name, given in (("without", None), ("with", measurements)):
            async with client(emulator, measurements=given) as halo:
                report = await halo.export(
                    "tickets", tmp_path / name, filters={"tickets": {"client_ids": [1, 2]}}
                )
                rows[name] = report.resources[0].rows
        assert rows == {"without": 0, "with": whole}


async def test_a_key_that_is_no_usual_spelling_is_followed() -> None:
    third = Behind(rows=40, page=17, under="bookmark")
    async with instance(1, rate_limit=None, proxies=third, churn=None) as emulator:
        measurements = await measured(emulator)
        counts = []
        for given in (None, measurements):
            async with client(emulator, measurements=given) as halo:
                counts.append(len(await halo.integration_data.snow.get(datatype="customers").all()))
        assert counts == [17, 40]


async def test_a_profile_that_is_out_of_date_does_not_hide_the_usual_key() -> None:
    old = Measurements({"proxies": {"integration_data.snow": "bookmark"}})
    third = Behind(40, 17, "nextLink")
    async with instance(1, proxies=third) as emulator, client(emulator, measurements=old) as halo:
        assert len(await halo.integration_data.snow.get(datatype="customers").all()) == 40


@pytest.mark.parametrize("cap", [30, 200])
async def test_pages_are_requested_in_the_length_that_comes(cap: int) -> None:
    async with instance(1, rate_limit=None, page_cap=cap, churn=None) as emulator:
        measurements = await measured(emulator)
        before = len(emulator.requests("GET /Tickets"))
        async with client(emulator, measurements=measurements) as halo:
            assert len(await halo.tickets.list().all()) == 230
        sent = emulator.requests("GET /Tickets")[before:]
        assert {dict(entry.query)["page_size"] for entry in sent} == {str(cap)}
        assert len(sent) == -(-230 // cap)


@pytest.mark.parametrize("minutes", [-300, 0, 330])
async def test_changes_are_complete_in_any_zone(minutes: int, tmp_path: Path) -> None:
    behaviour = Behaviour(utc_offset=minutes)
    clock = VirtualClock(PAST, auto_advance=True)  # an export refuses moments in the future
    async with instance(1, rate_limit=None, behaviour=behaviour, clock=clock) as emulator:
        measurements = await measured(emulator)
        assert measurements.utc_offset == minutes
        emulator.churn = None
        table = emulator.world.table("/Tickets")
        emulator.advance(86_400)
        for id in (5, 6):
            table.change(id, {"last_update": emulator.world.now()})
        since = datetime.fromtimestamp(PAST + 86_400, UTC) - timedelta(minutes=10)
        found = {}
        for name, given in (("without", None), ("with", measurements)):
            async with client(emulator, measurements=given) as halo:
                found[name] = {row.id async for row in halo.tickets.changed_since(since)}
                report = await halo.export("tickets", tmp_path / name, since=since.isoformat())
                assert report.resources[0].rows == len(found[name])
        assert found["with"] == {5, 6}
        assert found["without"] == (set() if minutes < 0 else {5, 6})


@pytest.mark.parametrize("way", ["honoured", "ignored", "refused"])
async def test_an_export_chooses_its_mode_without_asking_again(way: str, tmp_path: Path) -> None:
    async with instance(1, rate_limit=None, behaviour=Behaviour(id_filter=way), churn=None) as emulator:
        measurements = await measured(emulator)
        found = {}
        for name, given in (("without", None), ("with", measurements)):
            before = len(emulator.requests("GET /Tickets"))
            async with client(emulator, measurements=given) as halo:
                report = await halo.export("tickets", tmp_path / name)
            found[name] = len(emulator.requests("GET /Tickets")) - before
            assert (report.resources[0].rows, report.complete) == (230, True)
        assert found["with"] <= found["without"]
        asked = list(emulator.requests("GET /Tickets")[-found["with"] :])
        assert any("advanced_search" in dict(entry.query) for entry in asked) == (way == "honoured")


async def test_an_order_that_is_ignored_is_not_relied_on(tmp_path: Path) -> None:
    async with instance(1, rate_limit=None, behaviour=Behaviour(order="ignored"), churn=None) as emulator:
        measurements = await measured(emulator)
        async with client(emulator, measurements=measurements) as halo:
            before = len(emulator.requests("GET /Tickets"))
            report = await halo.export("tickets", tmp_path / "out")
        assert report.resources[0].rows == 230
        sent = emulator.requests("GET /Tickets")[before:]
        assert not any("order" in dict(entry.query) for entry in sent)


@pytest.mark.parametrize("sent", [(), ("gzip",), ("br", "gzip")])
async def test_only_what_the_instance_compresses_with_is_offered(sent: tuple[str, ...]) -> None:
    behaviour = Behaviour(encodings=sent)
    async with instance(1, rate_limit=None, behaviour=behaviour, churn=None) as emulator:
        measurements = await measured(emulator)
        assert set(measurements.encodings or ()) == set(sent)
        offered = []
        for given in (None, measurements):
            async with client(emulator, measurements=given) as halo:
                assert len(await halo.tickets.list().all()) == 230
            names = emulator.requests("GET /Tickets")[-1].headers["accept-encoding"].split(", ")
            offered.append({name.partition(";")[0] for name in names})
    assert {"gzip", "deflate"} <= offered[0]
    assert offered[1] == (set(sent) & offered[0] or {"identity"})


@pytest.mark.parametrize("way", ["left out", "shown"])
async def test_rows_that_are_shown_anyway_are_not_said_to_be_left_out(way: str, tmp_path: Path) -> None:
    async with instance(1, rate_limit=None, behaviour=Behaviour(inactive=way), churn=None) as emulator:
        measurements = await measured(emulator)
        assert {measurements.of("inactive_rows", subject) for subject in ("agent", "agent.api")} == {way}
        told = []
        for name, given in (("without", None), ("with", measurements)):
            async with client(emulator, measurements=given) as halo:
                report = await halo.export("agent", tmp_path / name)
                with pytest.raises(LookupError) as refused:
                    await halo.resolve("agent", "Nobody of this name")
            told.append((report.resources[0].inactive_left_out, "inactive" in str(refused.value)))
    assert told == [(True, True), (way == "left out", way == "left out")]


def test_a_switch_that_was_not_measured_is_still_said() -> None:
    measurements = Measurements({"inactive_rows": {"agent": "shown", "client": "left out"}})
    asked = (
        ("agent", "includedisabled"),
        ("agent", "includeapiagents"),
        ("client", "includeinactive"),
        ("site", "includeinactive"),
    )
    assert [measurements.shows_without(*each) for each in asked] == [True, False, False, False]


async def test_a_wrong_profile_of_everything_loses_no_row(tmp_path: Path) -> None:
    wrong = Measurements(
        {
            "page_size": {"tickets": 200},
            "id_filter": {"tickets": "honoured"},
            "ordering": {"tickets": "honoured"},
            "date_zone": -300,
            "encodings": ["zstd"],
            "inactive_rows": {"client": "shown"},
        }
    )
    behaviour = Behaviour(id_filter="ignored", order="ignored")
    async with instance(1, rate_limit=None, behaviour=behaviour, churn=None, page_cap=40) as emulator:
        async with client(emulator, measurements=wrong) as halo:
            assert len(await halo.tickets.list().all()) == 230
            report = await halo.export("tickets", tmp_path / "out")
        assert (report.resources[0].rows, report.complete) == (230, True)


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        "not JSON",
        '{"halo_measurements": 2, "measured": {}}',
        '{"halo_measurements": 1}',
        '{"halo_measurements": 1, "measured": {"hosts": ["acme"]}}',
        '{"halo_measurements": 1, "measured": {"id_lists": {"tickets": "a text"}}}',
        '{"halo_measurements": 1, "measured": {"id_lists": "commas"}}',
        '{"halo_measurements": 1, "measured": {"page_size": {"tickets": true}}}',
        '{"halo_measurements": 1, "measured": {"page_size": {"tickets": 0}}}',
        '{"halo_measurements": 1, "measured": {"page_size": {"Acme Ltd": 5}}}',
        '{"halo_measurements": 1, "measured": {"date_zone": 900}}',
        '{"halo_measurements": 1, "measured": {"encodings": ["acme"]}}',
        '{"halo_measurements": 1, "measured": {"rate_limit_headers": ["x-acme"]}}',
        '{"halo_measurements": 1, "measured": {"proxies": {"integration_data.snow": "acme"}}}',
    ],
)
def test_what_a_probe_does_not_write_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "measurements.json"
    path.write_text(content)
    with pytest.raises(SettingsError, match="doctor --probe") as caught:
        Measurements.read(path)
    assert "acme" not in str(caught.value).lower()


def test_a_profile_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        Measurements.read(tmp_path / "none.json")


def test_the_environment_names_a_file_of_measurements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "measurements.json"
    path.write_text('{"halo_measurements": 1, "measured": {"page_size": {"tickets": 50}}}')
    for name, value in (("INSTANCE", "acme.halopsa.com"), ("CLIENT_ID", "id"), ("CLIENT_SECRET", "secret")):
        monkeypatch.setenv(f"HALO_{name}", value)
    monkeypatch.setenv("HALO_OVERLAY", str(path))
    assert Halo.from_env().transport.options.measurements == Measurements.read(path)
    assert Halo.from_env(measurements=None).transport.options.measurements is None
    with pytest.raises(
        SettingsError, match="`measurements` must be Measurements or the path of a file of them, not 5"
    ):
        Halo.from_env(measurements=5)
