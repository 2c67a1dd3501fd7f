"""Workers, scheduler and driver killed in the middle, then resumed: nothing lost, nothing twice.

`HALO_CLUSTER_ROWS=200000` makes it the run of a campaign.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import attrs
import pytest

from halo_async._utils.append_log import read_log
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.emulator.thread import in_thread
from halo_async.export.cluster.lane_record import LaneRecord
from halo_async.export.fetch import AT_MOST, GREATER
from halo_async.export.journal import KIND, NAME
from halo_async.export.plan import ExportLane, ExportPlan
from halo_async.export.replay import PastExport
from halo_async.export.workspace import spool_folder
from tests.support.cli_kit import login, start
from tests.support.dask_kit import PATIENCE, kill, process_cluster, requested, s3_server, wait_until

pytest.importorskip("distributed", reason="needs distributed")
ROWS = int(os.environ.get("HALO_CLUSTER_ROWS", "6000"))
CHURN = Churn(insert=0.3, delete=0.3, reenter=0.3)
LATE = Fault("F17", "GET /Tickets", "late", options={"seconds": 0.1})
"""Responses take a while, so that there is a middle to be killed in."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with in_thread(tickets=ROWS, rate_limit=None, churn=CHURN) as running:
        running.faults.add([LATE])
        yield running


@attrs.frozen
class Destination:
    """Where an export goes, and what is known of it there."""

    address: str
    folder: Path
    """The folder of its journal."""
    remote: Any = None

    def files(self, pattern: str) -> dict[str, bytes]:
        """The files with such a path."""
        if self.remote is None:
            found = Path(self.address).glob(pattern)
            return {
                path.relative_to(self.address).as_posix(): path.read_bytes()
                for path in found
                if path.is_file()
            }
        self.remote.invalidate_cache()
        root = self.address.removeprefix("s3://")
        found = [path for path in self.remote.find(root) if fnmatch(path, f"{root}/{pattern}")]
        data = self.remote.cat(found, on_error="omit") if found else {}
        return {path.removeprefix(f"{root}/"): content for path, content in data.items()}


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Destination, dict[str, str]]]:
    """A destination, and the environment that reaches it."""
    if request.param == "folder":
        yield Destination(str(tmp_path / "out"), tmp_path / "out"), {}
        return
    s3fs = pytest.importorskip("s3fs", reason="needs s3fs")
    pytest.importorskip("moto.server", reason="needs moto")
    with s3_server("bucket") as env, pytest.MonkeyPatch.context() as patched:
        env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        for name, value in env.items():
            patched.setenv(name, value)
        s3fs.S3FileSystem.clear_instance_cache()
        address = "s3://bucket/out"
        yield Destination(address, spool_folder(address), s3fs.S3FileSystem()), env
        s3fs.S3FileSystem.clear_instance_cache()


def driver(place: Destination, env: dict[str, str], scheduler: str) -> subprocess.Popen[str]:
    words = ("tickets", "--out", place.address, "--resume", "--scheduler", scheduler, "--progress", "none")
    return start("export", *words, "--concurrency", "2", env=env)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=600 + ROWS // 100)
    return process.returncode, out + err


def check_whole(emulator: Emulator, data: bytes) -> None:
    found = Counter(json.loads(line)["id"] for line in data.splitlines())
    assert not set(emulator.truth()) - found.keys()
    assert max(found.values()) == 1


def complete_lanes(place: Destination) -> list[ExportLane]:
    """The lanes that some process has read to the end: those of the journal, and those that have such a record."""
    plan, complete = None, set()
    for entry in read_log(place.folder / NAME, KIND):
        plan = ExportPlan.from_json(entry["plan"]) if "plan" in entry else plan
        plan = PastExport.from_entry(entry["past"]).plan if "past" in entry else plan
        if "lane" in entry and entry["state"][1]:
            complete.add(entry["lane"])
    for name, data in place.files(".halo-parts/*/*/lane-*/*.json").items():
        record = LaneRecord.parse(data)
        if record is not None and record.complete:
            complete.add(int(name.split("/lane-")[1][:5]))
    assert plan is not None
    return [plan.lanes[number] for number in complete]


def lower_bounds(emulator: Emulator) -> list[int]:
    """The ids above which rows were requested."""
    asked = [dict(entry.query).get("advanced_search", "[]") for entry in emulator.requests("GET /Tickets")]
    tests = [{test["filter_type"]: int(test["filter_value"]) for test in json.loads(text)} for text in asked]
    return [test.get(GREATER, 0) for test in tests if AT_MOST in test]


def test_worker_scheduler_and_driver_are_killed_and_the_export_still_has_each_row_once(
    emulator: Emulator, tmp_path: Path, place: tuple[Destination, dict[str, str]]
) -> None:
    out, reach = place
    env, pages = {**login(emulator), **reach}, ROWS // 100
    with process_cluster(tmp_path / "cluster", env) as cluster:
        cluster.start()
        first = driver(out, env, cluster.address)
        requested(emulator, pages // 4)
        cluster.kill_worker()
        requested(emulator, pages // 6)
        cluster.kill_scheduler()
        code, said = ended(first)
        assert code in (4, 5), said
        assert "Resume the export" in said
        cluster.kill()

        cluster.start(3 if ROWS > 50_000 else 1)  # so that not all lanes end at once
        second = driver(out, env, cluster.address)
        wait_until(lambda: len(complete_lanes(out)) >= 2, PATIENCE + pages)
        kill(second)
        complete = complete_lanes(out)
        emulator.requests.clear()
        code, said = ended(driver(out, env, cluster.address))
        assert code == 0, said + cluster.logs()
        for lane in complete:
            assert lane.high is not None
            assert not [bound for bound in lower_bounds(emulator) if (lane.low or 0) <= bound < lane.high]
    files = out.files("*")
    assert files.keys() == {"report.json", "tickets.jsonl", "tickets.schema.json"}
    check_whole(emulator, files["tickets.jsonl"])
    (item,) = json.loads(files["report.json"])["resources"]
    assert (item["complete"], item["consistency"]) == (True, "keyset")
