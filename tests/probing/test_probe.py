"""The probe finds each way in which an instance differs, invents none, and keeps its budget."""

from __future__ import annotations

import json
from random import Random

import attrs
import pytest

from halo_async import RateLimit
from halo_async.emulator import Fault
from halo_async.emulator.service import EmulatorService
from halo_async.measurements import Measurements
from halo_async.probing import ProbeReport, probe
from halo_async.probing.runner import LEFT_OUT
from tests.support.probed_instance import QUESTIONS, after_login, client, disable_some, instance, planted

SEEDS = range(1, 21)


async def probed(seed: int, wanted: set[str], **options) -> ProbeReport:
    async with instance(
        seed, rate_limit=RateLimit(1000, 300), **planted(wanted, seed), **options
    ) as emulator:
        async with client(emulator) as halo:
            disable_some(emulator)
            report = await probe(halo)
        sent = after_login(emulator)
        assert len(sent) == report.requests <= 80
        assert {entry.method for entry in sent} == {"GET"}
        return report


@pytest.mark.parametrize("seed", SEEDS)
async def test_twelve_of_twelve_differences_are_found(seed: int) -> None:
    report = await probed(seed, set(QUESTIONS))
    assert report.differences == set(QUESTIONS)


@pytest.mark.parametrize("seed", SEEDS)
async def test_an_instance_as_assumed_has_no_difference(seed: int) -> None:
    report = await probed(seed, set())
    assert report.differences == set()
    assert {finding.question for finding in report.findings if finding.measured is not None} == set(QUESTIONS)


@pytest.mark.parametrize("seed", SEEDS)
async def test_of_some_differences_just_those_are_found(seed: int) -> None:
    dice = Random(seed)
    wanted = {name for name in QUESTIONS if dice.random() < 0.4}
    assert (await probed(seed, wanted)).differences == wanted


@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_single_difference_is_found_alone(question: str) -> None:
    assert (await probed(3, {question})).differences == {question}


async def test_a_quiet_instance_does_not_tell_its_zone() -> None:
    report = await probed(1, {"date_zone"}, churn=None)
    assert report.differences == set()
    (zone,) = [finding for finding in report.findings if finding.question == "date_zone"]
    assert (zone.measured, zone.reason) == (None, "no ticket was changed during the probe")


@pytest.mark.parametrize("budget", [0, 1, 2, 7, 20, 41])
async def test_the_budget_is_kept_and_what_is_left_out_is_said(budget: int) -> None:
    async with instance(2, rate_limit=None) as emulator, client(emulator) as halo:
        report = await probe(halo, requests=budget)
        assert len(after_login(emulator)) == report.requests <= budget
    left_out = {finding.question for finding in report.findings if finding.reason == LEFT_OUT}
    assert left_out
    assert left_out.isdisjoint(report.differences)


async def test_retries_count_for_the_budget() -> None:
    faults = [Fault("F27", "GET /Tickets", "503", every=2)]
    async with instance(2, rate_limit=None, faults=faults) as emulator, client(emulator) as halo:
        report = await probe(halo, requests=30)
        assert len(after_login(emulator)) == report.requests == 30


async def test_the_quota_holds_for_a_probe() -> None:
    limit = RateLimit(20, 300)
    async with instance(2, rate_limit=limit) as emulator, client(emulator, limit) as halo:
        began = emulator.clock.monotonic()
        report = await probe(halo)
        assert not [entry for entry in emulator.requests if entry.status == 429]
        assert report.requests > 40
        assert emulator.clock.monotonic() - began >= 600


async def test_a_login_that_may_read_little_measures_little() -> None:
    async with instance(2, rate_limit=None) as emulator, client(emulator, scope="read:kb") as halo:
        report = await probe(halo)
    assert report.differences == set()
    assert "no permission" in {finding.reason for finding in report.findings}


async def test_the_profile_survives_its_file(tmp_path) -> None:
    measurements = (await probed(4, set(QUESTIONS))).measurements
    path = tmp_path / "measurements.json"
    path.write_text(json.dumps(measurements.as_json()))
    assert Measurements.read(path) == measurements
    assert path.stat().st_size < 4_000


async def test_a_page_from_which_rows_are_left_out_is_no_length_of_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As where the login may not read some of the rows that are counted."""
    real = EmulatorService.respond

    def respond(self, entry, match, origin):
        reply = real(self, entry, match, origin)
        if entry.path != "/Item" or dict(entry.query).get("page_no") != "1":
            return reply
        page = json.loads(reply.body)
        return attrs.evolve(reply, body=json.dumps({**page, "items": page["items"][3:]}).encode())

    monkeypatch.setattr(EmulatorService, "respond", respond)
    async with instance(1, rate_limit=None) as emulator, client(emulator) as halo:
        report = await probe(halo)
    found = {finding.subject: finding for finding in report.findings if finding.question == "page_size"}
    assert (found["item"].measured, found["item"].reason) == (None, "pages differ in length")
    assert report.differences == set()
