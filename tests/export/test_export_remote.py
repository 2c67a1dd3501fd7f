"""Object stores, stood in for by fsspec's own memory."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from halo_async.errors import SettingsError
from halo_async.export import Progress, export
from halo_async.export.workspace import spool_folder

fsspec = pytest.importorskip("fsspec", reason="requires fsspec")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    return f"memory://bucket/{re.sub(r'[^a-z]', '', request.node.name)}"


@pytest.mark.parametrize(("format", "file"), [("jsonl", "client.jsonl"), ("parquet", "client.parquet")])
async def test_the_files_end_at_the_address_and_nowhere_else(
    halo: Halo, address: str, cache: Path, format: str, file: str
) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow", reason="needs pyarrow")
    report = await export(halo, ["client"], address, format=format)
    store, path = fsspec.core.url_to_fs(address)
    schema = {"client.schema.json"} if format == "jsonl" else set()
    names = {name.rpartition("/")[2] for name in store.ls(path, detail=False)}
    assert names == {file, "report.json"} | schema
    assert json.loads(store.cat(f"{path}/report.json"))["resources"][0]["rows"] == 25
    assert report.complete
    assert not spool_folder(address).exists()


async def test_a_stopped_export_is_resumed_from_this_machine(halo: Halo, address: str) -> None:
    def stop(step: Progress) -> None:
        if step.rows >= 500:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, ["tickets"], address, on_progress=stop)
    store, path = fsspec.core.url_to_fs(address)
    assert not store.exists(f"{path}/report.json")
    await export(halo, ["tickets"], address, resume=True)
    assert len(store.cat(f"{path}/tickets.jsonl").splitlines()) == 1000


async def test_a_finished_export_is_not_overwritten(halo: Halo, address: str) -> None:
    await export(halo, ["client"], address)
    with pytest.raises(SettingsError, match="contains a finished export"):
        await export(halo, ["client"], address)


@pytest.mark.parametrize(
    ("address", "options", "sentence"),
    [
        ("memory://x", {"format": "sqlite"}, "requires a local folder"),
        ("nosuch://x", {}, "nosuch://"),
    ],
)
async def test_what_cannot_work_there_is_refused(
    halo: Halo, address: str, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await export(halo, ["client"], address, **options)  # type: ignore[arg-type]


async def test_without_fsspec_it_is_one_sentence(halo: Halo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(SettingsError, match=r's3:// requires fsspec. Run pip install "halo-async\[remote\]"'):
        await export(halo, ["client"], "s3://bucket/x")


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
async def test_what_is_at_the_address_is_brought_up_to_date(halo: Halo, address: str, format: str) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow", reason="needs pyarrow")
    await export(halo, ["tickets", "client"], address, format=format)
    await halo.tickets.delete(9)
    new = await halo.tickets.create({"summary": "new", "tickettype_id": 1})
    tickets, client = (await export(halo, [], address, since="last")).resources
    assert (tickets.rows, tickets.deleted, client.rows) == (1000, 1, 25)
    store, path = fsspec.core.url_to_fs(address)
    if format == "jsonl":
        found = {json.loads(line)["id"] for line in store.cat(f"{path}/tickets.jsonl").splitlines()}
        assert new.id in found
        assert 9 not in found
    assert json.loads(store.cat(f"{path}/report.json"))["resources"][0]["rows"] == 1000
    assert not spool_folder(address).exists()


async def test_resuming_what_is_complete_at_the_address_asks_nothing(
    halo: Halo, halo_emulator: Emulator, address: str
) -> None:
    first = await export(halo, ["client"], address)
    before = len(halo_emulator.requests)
    assert await export(halo, [], address, resume=True) == first
    assert len(halo_emulator.requests) == before
