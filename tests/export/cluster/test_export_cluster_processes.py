"""Workers in processes of their own: those of this machine, a client that is handed over, and the secret."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from halo_async import ClientCredentials, Halo, RateLimit
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.errors import ClusterError
from halo_async.export import Progress
from tests.support.cli_kit import environment, finish, login, start
from tests.support.dask_kit import process_cluster
from tests.support.export_kit import ids, only
from tests.support.redis_server import running

distributed = pytest.importorskip("distributed", reason="needs distributed")
ROWS = int(os.environ.get("HALO_CLUSTER_ROWS", "6000"))
CHURN = Churn(insert=0.3, delete=0.3, reenter=0.3)

pytestmark = [
    pytest.mark.halo(tickets=ROWS, rate_limit=None, churn=CHURN),
    pytest.mark.skipif(sys.platform == "win32", reason="there is no fork"),
]


class EnoughError(Exception):
    pass


def check_each_once(emulator: Emulator, found: list[int]) -> None:
    count = Counter(found)
    assert max(count.values()) == 1
    assert not set(emulator.truth()) - count.keys()


async def test_an_export_by_processes_of_this_machine_is_stopped_and_resumed_by_this_one_alone(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    def stop(step: Progress) -> None:
        if step.rows > ROWS // 3:
            raise EnoughError

    out = tmp_path / "out"
    with pytest.raises(EnoughError):
        await halo.export(["tickets"], out, scheduler="local:2", on_progress=stop)
    assert (out / ".halo-parts").exists()
    report = await halo.export([], out, resume=True)
    assert report.complete
    check_each_once(halo_emulator, ids(out, report))
    assert {path.name for path in out.iterdir()} == {"tickets.jsonl", "tickets.schema.json", "report.json"}


async def test_the_workers_of_a_client_get_the_login_only_if_it_is_sent_and_show_it_nowhere(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    secret = halo_emulator.client_secret.encode()
    with process_cluster(tmp_path / "cluster", {}) as cluster:
        cluster.start(2)
        async with distributed.Client(cluster.address, asynchronous=True, set_as_default=False) as client:
            refused = await halo.export(["tickets"], tmp_path / "refused", scheduler=client)
            assert only(refused).error_type == "SettingsError"
            assert "lacks HALO_CLIENT_ID and HALO_CLIENT_SECRET" in (only(refused).error or "")
            report = await halo.export(
                [], tmp_path / "refused", scheduler=client, resume=True, worker_login="send"
            )
            told = [await client.get_events(), await client.story(), client.scheduler_info(-1)]
        check_each_once(halo_emulator, ids(tmp_path / "refused", report))
        shown = [str(told).encode(), cluster.logs().encode()]
    shown += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert not [data for data in shown if secret in data]


@pytest.mark.halo(tickets=2500, rate_limit=RateLimit(20, 2))
async def test_workers_divide_the_rate_limit(halo_emulator: Emulator, tmp_path: Path) -> None:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    with process_cluster(tmp_path / "cluster", login(halo_emulator)) as cluster:
        cluster.start(2)
        async with Halo(halo_emulator.url, credentials, rate_limit=RateLimit(20, 2)) as halo:
            report = await halo.export(["tickets"], tmp_path / "out", scheduler=cluster.address)
    item = only(report)
    assert (report.complete, item.answers_429, item.retries) == (True, 0, 0)
    assert item.seconds > 2, "there are more requests than a window has"


@pytest.mark.halo(tickets=2500, rate_limit=RateLimit(20, 1))
async def test_workers_share_quota_and_login_with_the_driver_through_redis(
    halo_emulator: Emulator, tmp_path: Path
) -> None:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    with running(tmp_path / "redis") as redis, process_cluster(tmp_path / "cluster", {}) as cluster:
        cluster.start(2)
        async with Halo(
            halo_emulator.url, credentials, rate_limit=RateLimit(20, 1), coordination=redis.url
        ) as halo:
            report = await halo.export(
                ["tickets"], tmp_path / "out", scheduler=cluster.address, worker_login="send"
            )
    item = only(report)
    assert (report.complete, item.answers_429, item.retries) == (True, 0, 0)
    assert len(halo_emulator.requests("POST /auth/token")) == 1


@pytest.mark.parametrize(
    ("allowed", "sentence"),
    [("0", "Several workers died one after another"), ("3", "no worker for 0.1 s")],
)
async def test_the_list_fails_where_its_workers_die(
    halo: Halo,
    halo_emulator: Emulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    allowed: str,
    sentence: str,
) -> None:
    monkeypatch.setattr("halo_async.export.cluster.export_cluster.FIRST_WORKER", 0.1)
    monkeypatch.setattr("halo_async.export.cluster.export_cluster.LOOK", 1.0)
    halo_emulator.faults.add([Fault("F17", "GET /Tickets", "late", options={"seconds": 0.2})])
    env = {**login(halo_emulator), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": allowed}
    with process_cluster(tmp_path / "cluster", env) as cluster:
        cluster.start(1)

        async def kill_soon() -> None:
            while len(halo_emulator.requests("GET /Tickets")) < 8:
                await asyncio.sleep(0.02)
            cluster.kill_workers()

        exporting = halo.export(["tickets"], tmp_path / "out", scheduler=cluster.address, concurrency=2)
        report, _ = await asyncio.gather(exporting, kill_soon())
    assert only(report).error_type == "ClusterError"
    assert sentence in (only(report).error or "")


def test_the_command_starts_workers_that_have_its_login(halo_emulator: Emulator, tmp_path: Path) -> None:
    """Also where only a file has the secret: the workers are processes of the command."""
    env = login(halo_emulator)
    file = tmp_path / "secret"
    file.write_text(env.pop("HALO_CLIENT_SECRET"))
    file.chmod(0o600)
    words = ("tickets", "--out", str(tmp_path / "out"), "--format", "csv", "--scheduler", "local:1")
    done = finish(start("export", *words, "--client-secret-file", str(file), env=env))
    assert done.code == 0, done.err
    assert "keyset" in done.out
    assert "tickets.csv" in {path.name for path in (tmp_path / "out").iterdir()}
    assert not (tmp_path / "out" / ".halo-parts").exists()


async def test_a_scheduler_that_does_not_respond_is_one_sentence(
    halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.cluster.scheduler.CONNECTING", 0.5)
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    async with Halo(halo_emulator.url, credentials) as halo:
        with pytest.raises(ClusterError, match=r"No scheduler responds at tcp://127\.0\.0\.1:9\."):
            await halo.export(["client"], tmp_path / "out", scheduler="tcp://127.0.0.1:9")


@pytest.mark.halo(tickets=20)
def test_a_program_that_each_worker_would_run_again_is_told_what_it_lacks(
    halo_emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(
        "import asyncio\n"
        "from halo_async import Halo\n"
        "async def main():\n"
        "    async with Halo.from_env() as halo:\n"
        "        await halo.export(['tickets'], 'out', scheduler='local:1')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        env=environment(**login(halo_emulator)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert "below `if __name__ == '__main__':`" in ended.stderr.splitlines()[-1]
