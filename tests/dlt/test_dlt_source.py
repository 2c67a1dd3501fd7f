"""Halo as a source of dlt: what is at the destination after each run."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo
from halo_async.dlt import halo_source
from halo_async.emulator import Emulator, Fault
from halo_async.emulator.thread import in_thread
from halo_async.errors import SettingsError
from tests.support.doc_pages import blocks

dlt = pytest.importorskip("dlt", reason="needs dlt")
duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:dlt.*")


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    with in_thread(tickets=1000, rate_limit=None) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Callable[[], Halo]:
    def make() -> Halo:
        return Halo(
            emulator.url, ClientCredentials(emulator.client_id, emulator.client_secret), rate_limit=None
        )

    return make


@pytest.fixture
def pipeline(tmp_path: Path, emulator: Emulator) -> Any:
    return dlt.pipeline(
        "halo",
        destination=dlt.destinations.duckdb(str(tmp_path / "out.duckdb")),
        pipelines_dir=str(tmp_path / "pipelines"),
        dataset_name="halo",
    )


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "out.duckdb"), read_only=True) as connection:
        found: list[tuple[Any, ...]] = connection.execute(query).fetchall()
    return found


def held(client: Callable[[], Halo], name: str) -> dict[int, Any]:
    """The summaries or names of the rows that the instance has."""

    async def read() -> dict[int, Any]:
        async with client() as halo:
            return {
                row.id: getattr(row, "summary" if name == "tickets" else "name", None)
                async for row in getattr(halo, name).list()
            }

    return asyncio.run(read())


def test_all_rows_are_loaded_with_their_values_dates_as_dates_and_nested_ones_as_json(
    emulator, client, pipeline, tmp_path
) -> None:
    pipeline.run(halo_source(client, resources=["tickets", "clients"])).raise_on_failed_jobs()
    assert dict(rows(tmp_path, "select id, summary from halo.tickets")) == held(client, "tickets")
    assert {id for (id,) in rows(tmp_path, "select id from halo.client")} == set(held(client, "client"))
    types = dict(
        rows(
            tmp_path,
            "select column_name, data_type from information_schema.columns where table_name = 'tickets'",
        )
    )
    assert types["dateoccurred"] == "TIMESTAMP WITH TIME ZONE"
    assert types["customfields"] == "JSON"
    (said,) = next(
        iter(rows(tmp_path, "select customfields from halo.tickets where customfields is not null"))
    )
    assert isinstance(json.loads(said), list)


def test_the_next_run_asks_for_changes_and_merges_them(emulator, client, pipeline, tmp_path) -> None:
    source = ["tickets", "actions"]
    pipeline.run(halo_source(client, resources=source))
    before = len(emulator.requests("GET /Actions"))

    async def change() -> None:
        async with client() as halo:
            await halo.tickets.update(5, summary="changed")
            await halo.actions.create(ticket_id=5, note="called", outcome="Called")
            await halo.tickets.create(summary="new", client_id=1)

    asyncio.run(change())
    pipeline.run(halo_source(client, resources=source)).raise_on_failed_jobs()
    assert {id for (id,) in rows(tmp_path, "select id from halo.tickets")} == set(held(client, "tickets"))
    assert rows(tmp_path, "select summary from halo.tickets where id = 5") == [("changed",)]
    assert rows(tmp_path, "select note from halo.actions where note = 'called'") == [("called",)]
    assert len(emulator.requests("GET /Actions")) - before < 20


def test_lists_without_changes_are_replaced_so_that_deleted_rows_go(
    emulator, client, pipeline, tmp_path
) -> None:
    pipeline.run(halo_source(client, resources="agents"))

    async def delete() -> None:
        async with client() as halo:
            await halo.agent.delete(8)

    asyncio.run(delete())
    pipeline.run(halo_source(client, resources="agents"))
    assert {id for (id,) in rows(tmp_path, "select id from halo.agent")} == set(held(client, "agent"))


def test_an_incomplete_export_loads_nothing_and_the_next_run_goes_on_with_it(
    emulator, client, pipeline, tmp_path
) -> None:
    emulator.faults.add([Fault("F18", "GET /Tickets", "forbidden", after=8, times=1)])
    with pytest.raises(Exception, match=r"The export of tickets is not complete"):
        pipeline.run(halo_source(client, resources="tickets"))
    sent = len(emulator.requests("GET /Tickets"))
    pipeline.run(halo_source(client, resources="tickets"))
    assert len(emulator.requests("GET /Tickets")) - sent < 8
    assert {id for (id,) in rows(tmp_path, "select id from halo.tickets")} == set(held(client, "tickets"))


def test_a_run_that_was_killed_is_resumed(emulator, tmp_path) -> None:
    emulator.faults.add([Fault("F12", "GET /Tickets", "headers", after=8, times=1)])
    place = [emulator.url, emulator.client_id, emulator.client_secret, str(tmp_path)]
    command = [sys.executable, "-m", "tests.support.killed_pipeline", *place]
    running = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        while not emulator.faults.log:
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.05)
                pytest.fail(running.communicate()[1].decode())
    finally:
        running.send_signal(signal.SIGKILL)
        running.communicate()
    emulator.faults.clear()
    sent = len(emulator.requests("GET /Tickets"))
    subprocess.run(command, check=True, capture_output=True)
    (count,) = rows(tmp_path, "select count(distinct id), count(*) from halo_dataset.tickets")
    assert count == (1000, 1000)
    assert len(emulator.requests("GET /Tickets")) - sent < 8


def test_an_empty_list_makes_an_empty_table(emulator, client, pipeline, tmp_path) -> None:
    filters = {"tickets": {"search": "nothing is called this"}}
    pipeline.run(halo_source(client, resources="tickets", filters=filters))
    assert rows(tmp_path, "select count(*) from halo.tickets") == [(0,)]


def test_filters_of_several_ids_load_every_row(client, pipeline, tmp_path) -> None:
    async def counted() -> list[tuple[int, int]]:
        async with client() as halo:
            return [(number, len(await halo.tickets.list(client_id=number).all())) for number in (1, 2)]

    pipeline.run(halo_source(client, resources="tickets", filters={"tickets": {"client_ids": [1, 2]}}))
    there = rows(tmp_path, "select client_id, count(*) from halo.tickets group by 1 order by 1")
    assert there == asyncio.run(counted())


async def test_a_loop_that_runs_is_not_in_the_way(client, pipeline, tmp_path) -> None:
    pipeline.run(halo_source(client, resources="clients"))
    async with client() as halo:
        there = {row.id async for row in halo.client.list()}
    assert {id for (id,) in rows(tmp_path, "select id from halo.client")} == there


def test_without_a_pipeline_the_rows_are_there_all_the_same(client, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dlt.current.pipeline().deactivate()  # with the state of one that ran before, only changes would be read
    found = list(halo_source(client, resources="clients"))
    assert {id for table in found for id in table["id"].to_pylist()} == set(held(client, "client"))
    assert list(tmp_path.glob("halo-dlt-*")) == []


def test_instance_and_credentials_may_be_dlts_configuration(
    emulator, client, pipeline, tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("SOURCES__HALO__INSTANCE", emulator.url)
    monkeypatch.setenv("SOURCES__HALO__CLIENT_ID", emulator.client_id)
    monkeypatch.setenv("SOURCES__HALO__CLIENT_SECRET", emulator.client_secret)
    pipeline.run(halo_source(resources="clients"))
    assert {id for (id,) in rows(tmp_path, "select id from halo.client")} == set(held(client, "client"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"resources": "tikets"}, r"tikets.*tickets"),
        ({"resources": []}, r"No resource was named"),
    ],
)
def test_unknown_lists_are_refused_at_once(client, options, said) -> None:
    with pytest.raises(SettingsError, match=said):
        halo_source(client, **options)


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path))
    programs = [
        block for block in blocks(Path(__file__).parents[2] / "docs/dlt.md") if block.language == "python"
    ]
    assert programs
    with in_thread(tickets=40) as emulator:  # few: the client keeps the default rate limit
        names = {"client_id": emulator.client_id, "client_secret": emulator.client_secret}
        for block in programs:
            exec(block.code(emulator.url), names)
    with duckdb.connect("halo.duckdb", read_only=True) as connection:
        assert connection.execute("select count(*) from service_desk.tickets").fetchone() == (40,)


def test_missing_credentials_are_named_with_their_place(pipeline) -> None:
    with pytest.raises(Exception, match=r"sources\.halo\.client_secret"):
        pipeline.run(halo_source("acme.halopsa.com", resources="clients"))


def test_without_dlt_the_extra_is_named(client, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "dlt", None)
    with pytest.raises(SettingsError, match=r"halo-async\[dlt\]"):
        halo_source(client, resources="clients")


@pytest.fixture
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of this test."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("no PostgreSQL server on this machine: install Debian's postgresql to run this")
    with tempfile.TemporaryDirectory(prefix="halo-postgres-") as data:
        options: dict[str, Any] = {"check": True, "capture_output": True, "cwd": data}
        if os.geteuid() == 0:  # it refuses to run as root
            options |= {"user": "nobody", "group": "nogroup"}
            shutil.chown(data, "nobody", "nogroup")
        found = programs[-1].parent
        subprocess.run([found / "initdb", "-D", data, "-U", "halo", "-A", "trust", "-N"], **options)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = f"-p {port} -k {data} -c listen_addresses=127.0.0.1 -c fsync=off"
        control = [found / "pg_ctl", "-D", data, "-w"]
        subprocess.run([*control, "-o", settings, "-l", f"{data}/log", "start"], **options)
        try:
            yield f"postgresql://halo:unused@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **options)


def test_postgresql_gets_the_same_rows(client, postgres, tmp_path) -> None:
    psycopg2 = pytest.importorskip("psycopg2", reason="needs psycopg2")
    pipeline = dlt.pipeline(
        "halo",
        destination=dlt.destinations.postgres(postgres),
        pipelines_dir=str(tmp_path / "pipelines"),
        dataset_name="halo",
    )
    for _ in range(2):  # the second run merges
        pipeline.run(halo_source(client, resources=["tickets", "clients"])).raise_on_failed_jobs()
    with closing(psycopg2.connect(postgres)) as connection, connection.cursor() as cursor:
        cursor.execute("select id, summary from halo.tickets")
        assert dict(cursor.fetchall()) == held(client, "tickets")
        cursor.execute("select id, name from halo.client")
        assert dict(cursor.fetchall()) == held(client, "client")
