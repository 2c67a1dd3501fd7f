"""Lanes read by tasks: twice at once, stopped, damaged; lists of each kind."""

from __future__ import annotations

import asyncio
import pickle
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

from halo_async import ClientCredentials, Coordination, Halo, RateLimit
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.errors import ClusterError, SettingsError
from halo_async.export import Progress, export
from halo_async.export.cluster.lane_record import ASIDE, LaneRecord, furthest
from halo_async.export.cluster.lane_task import BatchOutcome, LaneBatch, read_lanes
from halo_async.export.cluster.part_writer import PartWriter
from halo_async.export.cluster.staging import open_area
from halo_async.export.cluster.worker_login import WorkerClient, login_environment, share
from halo_async.export.fetch import RequestCounts
from halo_async.export.shown_rows import ShownRows
from halo_async.export.spool import codec
from tests.support.export_kit import NO_SEARCH, asked, conditions, ids, lines, only, rows_of
from tests.support.lanes_kit import Here, own_tasks

pytestmark = pytest.mark.halo(tickets=3000, rate_limit=None)
CHURN = Churn(insert=0.3, delete=0.3, reenter=0.3)


def check_each_once(emulator: Emulator, found: list[int]) -> None:
    count = Counter(found)
    assert max(count.values()) == 1
    assert not set(emulator.truth()) - count.keys()


@pytest.mark.halo(tickets=3000, rate_limit=None, churn=CHURN)
async def test_lanes_that_two_workers_read_at_once_are_taken_once(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def twice(batch: LaneBatch) -> BatchOutcome:
        first, second = await asyncio.gather(read_lanes(batch, Here()), read_lanes(batch, Here()))
        assert first.records.keys() == second.records.keys()
        for lane, record in first.records.items():
            assert not set(record.parts) & set(second.records[lane].parts)
        return first

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", twice) as cluster:
        report = await export(halo, ["tickets"], tmp_path / "out")
    assert (report.complete, only(report).consistency) == (True, "keyset")
    assert len(cluster.batches) > 1
    check_each_once(halo_emulator, ids(tmp_path / "out", report))
    assert not list((tmp_path / "parts").rglob("*.part"))


@pytest.mark.halo(tickets=3000, rate_limit=None, churn=CHURN)
async def test_a_task_that_nobody_wants_keeps_what_it_read_and_another_goes_on_from_there(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo_emulator.faults.add([Fault("F17", "GET /Tickets", "late", options={"seconds": 0.1})])
    pages = 0

    async def stopped_once(batch: LaneBatch) -> BatchOutcome:
        nonlocal pages
        before, host = asked(halo_emulator), Here()

        async def stop() -> None:
            while asked(halo_emulator) < before + 12:
                await asyncio.sleep(0.01)
            host.wanted = False

        outcome, _ = await asyncio.gather(read_lanes(batch, host), stop())
        assert not outcome.records
        pages = asked(halo_emulator)
        return await read_lanes(batch, Here())

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", stopped_once):
        report = await export(halo, ["tickets"], tmp_path / "out", concurrency=3)
    assert pages
    check_each_once(halo_emulator, ids(tmp_path / "out", report))
    in_flight, ends = 3, 3 + 3
    assert asked(halo_emulator) <= only(report).least_requests + in_flight + ends


DAMAGE: dict[str, Callable[[Path], object]] = {
    "other bytes": lambda part: part.write_bytes(part.read_bytes()[:-9] + b"x" * 9),
    "as a machine leaves it that stopped": lambda part: part.write_bytes(b""),
    "gone": Path.unlink,
}


@pytest.mark.parametrize("how", DAMAGE)
async def test_a_damaged_part_is_read_again(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    damaged = []

    async def damage(batch: LaneBatch) -> BatchOutcome:
        outcome = await read_lanes(batch, Here())
        if not damaged:
            damaged.append(sorted((tmp_path / "parts" / batch.lanes[0].folder).glob("*.part"))[0])
            DAMAGE[how](damaged[0])
        return outcome

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", damage):
        report = await export(halo, ["tickets"], tmp_path / "out")
    assert damaged
    assert sorted(ids(tmp_path / "out", report)) == list(range(1, 3001))


async def test_a_part_that_is_damaged_each_time_ends_the_list_as_incomplete(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def damage(batch: LaneBatch) -> BatchOutcome:
        outcome = await read_lanes(batch, Here())
        for lane in batch.lanes:
            for part in (tmp_path / "parts" / lane.folder).glob("*.part"):
                part.write_bytes(b"")
        return outcome

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", damage):
        report = await export(halo, ["tickets"], tmp_path / "out")
    assert not report.complete
    assert "damaged or missing" in (only(report).error or "")


def test_a_torn_record_counts_as_none() -> None:
    record = LaneRecord([5, True, 0], complete=True, rows=0)
    data = record.as_bytes()
    assert LaneRecord.parse(data) == record
    assert all(LaneRecord.parse(data[:at]) is None for at in range(len(data)))
    assert LaneRecord.parse(data.replace(b"true", b"null")) is None
    partial = LaneRecord([4, False, 0], rows=0, counts=(9, 0, 0, 0))
    assert furthest([None, partial, record]) == record
    assert furthest([partial, LaneRecord()]) == partial
    assert furthest([None]) is None


@pytest.mark.parametrize("resource", ["tickets", "client_contract"])
async def test_a_list_without_lanes_of_its_own_is_one_task(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resource: str
) -> None:
    halo_emulator.faults.add([NO_SEARCH])
    await export(halo, [resource], tmp_path / "alone")
    async with own_tasks(monkeypatch, halo, tmp_path / "parts") as cluster:
        report = await export(halo, [resource], tmp_path / "out")
    alone = {row["id"] for row in lines(tmp_path / "alone" / f"{resource}.jsonl")}
    assert sorted(ids(tmp_path / "out", report)) == sorted(alone)
    assert only(report).distinct_ids == len(alone)
    assert report.complete
    if only(report).consistency == "descending":
        assert [len(batch.lanes) for batch in cluster.batches] == [1]
        assert conditions(only(report))["id filter honoured"] is False


async def test_parents_are_divided_among_tasks(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo_emulator.reset(tickets=300)
    await export(halo, ["actions"], tmp_path / "alone")
    async with own_tasks(monkeypatch, halo, tmp_path / "parts") as cluster:
        report = await export(halo, ["actions"], tmp_path / "out", format="csv")
    assert report.complete
    parents = [
        len(lane.parents) // 8
        for batch in cluster.batches
        if batch.resource == "actions"
        for lane in batch.lanes
    ]
    assert (sum(parents), len(parents) > 6) == (300, True)
    found = [int(row["id"]) for row in rows_of(tmp_path / "out", "csv", "actions")]
    assert sorted(found) == sorted(row["id"] for row in lines(tmp_path / "alone" / "actions.jsonl"))


async def test_an_error_of_a_worker_is_that_of_the_list_and_resuming_takes_the_lanes_that_are_complete(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, done = 0, asyncio.Semaphore(0)

    async def lost(batch: LaneBatch) -> BatchOutcome:
        nonlocal begun
        begun += 1
        if begun > 2:
            await done.acquire()
            await done.acquire()
            raise ClusterError("The connection to the scheduler was lost.")
        outcome = await read_lanes(batch, Here())
        done.release()
        return outcome

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", lost) as first:
        report = await export(halo, ["tickets"], tmp_path / "out")
    assert (only(report).error_type, report.complete) == ("ClusterError", False)
    async with own_tasks(monkeypatch, halo, tmp_path / "parts") as second:
        report = await export(halo, [], tmp_path / "out", resume=True)
    read = {lane.number for batch in first.batches[:2] for lane in batch.lanes}
    assert not read & {lane.number for batch in second.batches for lane in batch.lanes}
    assert sorted(ids(tmp_path / "out", report)) == list(range(1, 3001))


async def test_an_export_of_a_cluster_is_resumed_by_one_process(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(batch: LaneBatch) -> BatchOutcome:
        raise ClusterError("The connection to the scheduler was lost.")

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", lost):
        await export(halo, ["tickets"], tmp_path / "out")
    report = await export(halo, [], tmp_path / "out", resume=True)
    assert sorted(ids(tmp_path / "out", report)) == list(range(1, 3001))


async def test_progress_counts_the_rows_that_workers_have(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[Progress] = []

    async def tell(batch: LaneBatch) -> BatchOutcome:
        figures = {str(lane.number): [100, 2, 0, 0, 5000] for lane in batch.lanes}
        cluster.hear((0.0, {"resource": "tickets", "lanes": figures, "remaining": 7, "worker": "a"}))
        await asyncio.sleep(1.2)
        return await read_lanes(batch, Here())

    async with own_tasks(monkeypatch, halo, tmp_path / "parts", tell) as cluster:
        report = await export(halo, ["tickets"], tmp_path / "out", on_progress=steps.append)
    lanes = sum(len(batch.lanes) for batch in cluster.batches)
    live = next(step for step in steps if step.rows)
    assert (live.rows, live.bytes > 5000 * (lanes - 1), live.remaining) == (100 * lanes, True, 7)
    assert steps[-1].rows == only(report).rows == 3000


# Logins and quota


def test_a_worker_has_its_part_of_the_limit_and_the_driver_a_tenth() -> None:
    assert share(RateLimit(300, 300), 3) == (90, 300)
    assert share(RateLimit(2, 10), 8) == (1, 10)
    assert share(None, 3) is None


async def test_no_secret_is_sent_unless_it_was_chosen(halo: Halo, halo_emulator: Emulator) -> None:
    secret = halo_emulator.client_secret
    assert secret.encode() not in pickle.dumps(WorkerClient.of(halo, 3, send=False))
    sent = WorkerClient.of(halo, 3, send=True)
    data = pickle.dumps(sent)
    assert secret.encode() in data
    assert secret not in repr(sent)
    assert pickle.loads(data) == sent


async def test_workers_of_a_driver_that_shares_its_quota_have_to_share_it(
    halo_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HALO_COORDINATION", raising=False)
    login = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    shared = Coordination("redis://:word@redis.example", when_unavailable="share", share=0.25, key="k" * 16)
    halo = Halo(halo_emulator.url, login, coordination=shared)
    sent = pickle.loads(pickle.dumps(WorkerClient.of(halo, 3, send=True)))
    options = sent.transport().options
    assert (options.coordination.share, options.rate_limit) == (0.25, RateLimit())
    assert "word" not in repr(sent)
    for name, value in login_environment(halo).items():
        monkeypatch.setenv(name, value)
    found = WorkerClient.of(halo, 3, send=False).transport().options.coordination
    assert found is not None
    assert found.key is not None
    assert (found.url, found.when_unavailable, found.share) == (shared.url, "share", 0.25)
    alone = Halo(halo_emulator.url, login, coordination="none")
    assert WorkerClient.of(alone, 3, send=False).transport().options.coordination is None
    monkeypatch.delenv("HALO_COORDINATION")
    with pytest.raises(SettingsError, match="lacks HALO_COORDINATION, and the driver shares"):
        WorkerClient.of(halo, 3, send=False).transport()


async def test_a_worker_without_a_login_says_which_variables_it_needs(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HALO_CLIENT_ID", raising=False)
    monkeypatch.setenv("HALO_CLIENT_SECRET", "anything")
    with pytest.raises(SettingsError, match=r"lacks HALO_CLIENT_ID\. Set it where workers are started"):
        WorkerClient.of(halo, 3, send=False).transport()


async def test_a_worker_of_another_application_is_refused(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HALO_CLIENT_ID", "another")
    monkeypatch.setenv("HALO_CLIENT_SECRET", "anything")
    with pytest.raises(SettingsError, match="another application than the driver's"):
        WorkerClient.of(halo, 3, send=False).transport()


async def test_a_worker_that_cannot_reach_the_parts_says_so(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with own_tasks(monkeypatch, halo, tmp_path / "parts"):
        (tmp_path / "parts" / "driver").unlink()
        report = await export(halo, ["tickets"], tmp_path / "out")
    assert only(report).error_type == "SettingsError"
    assert "cannot reach" in (only(report).error or "")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"scheduler": "somewhere"}, "is not a scheduler"),
        ({"scheduler": "local:0"}, "is not from local:1 to local:64"),
        ({"scheduler": 5}, "an open distributed.Client, not an int"),
        ({"staging": "s3://b/x"}, "Give scheduler, too"),
        ({"worker_login": "send"}, "Give scheduler, too"),
        ({"scheduler": "local:2", "worker_login": "mail"}, "worker_login must be environment or send"),
        (
            {"scheduler": "tcp://dask.example:8786", "worker_login": "send"},
            "unencrypted to tcp://dask.example",
        ),
        ({"scheduler": "local:2", "staging": "ftp://me:word@host/x"}, "must not contain a login"),
    ],
)
async def test_options_that_make_no_sense_are_refused_by_one_sentence(
    halo: Halo, tmp_path: Path, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await halo.export(["client"], tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


async def test_a_client_whose_options_no_worker_can_have_is_refused(
    halo_emulator: Emulator,
) -> None:
    login = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    halo = Halo(halo_emulator.url, login, proxy="http://127.0.0.1:9")
    with pytest.raises(SettingsError, match="proxy= of this client cannot be sent"):
        WorkerClient.of(halo, 3, send=False)


async def test_a_row_that_a_lane_showed_and_that_is_in_no_part_has_to_come_with_another_lane(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for aside, is_complete in ([3000], True), ([1, 3001], False):

        async def shown_more(batch: LaneBatch, aside: list[int] = aside) -> BatchOutcome:
            outcome = await read_lanes(batch, Here())
            for lane, record in outcome.records.items():
                outcome.records[lane] = attrs.evolve(record, extra={**record.extra, ASIDE: aside})
            return outcome

        async with own_tasks(monkeypatch, halo, tmp_path / "parts", shown_more):
            report = await export(halo, ["tickets"], tmp_path / f"out{is_complete}")
        assert report.complete is is_complete
        assert only(report).rows == 3000


async def test_what_a_lane_showed_is_known_to_the_attempt_that_goes_on(tmp_path: Path) -> None:
    area, shown = open_area(str(tmp_path)), ShownRows()
    writer = PartWriter(area, "lane", codec(""), RequestCounts(), lambda: None, shown)
    shown.expect([7, 8])
    await writer.commit(0, [5, False, 0], [b'{"id":5}'])
    await writer.flush()
    later = ShownRows()
    await PartWriter(area, "lane", codec(""), RequestCounts(), lambda: None, later).open()
    assert set(later.missed()) == {7, 8}
