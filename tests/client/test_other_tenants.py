"""One host can have several tenants and instances: what is kept of one is not gone on with, or counted, for another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.coordination.shared import window_name
from halo_async.emulator import Emulator, Fault
from halo_async.errors import HaloError, SettingsError
from halo_async.settings import Instance
from halo_async.transport.client_options import ClientOptions


@pytest.fixture
async def emulator():
    async with Emulator(tickets=300, rate_limit=None, tenants=["other"]) as running:
        yield running


def client(emulator: Emulator, tenant: str | None, **options: Any) -> Halo:
    login = ClientCredentials(emulator.client_id, emulator.client_secret)
    clock = VirtualClock(auto_advance=True)
    return Halo(emulator.url, login, tenant=tenant, rate_limit=None, clock=clock, **options)


@pytest.mark.parametrize("way", [{"resume": True}, {"since": "last"}], ids=["resume", "since last"])
@pytest.mark.parametrize("first", [None, "emulator"])
async def test_an_export_is_not_gone_on_with_for_another_tenant(emulator, tmp_path: Path, way, first) -> None:
    async with client(emulator, first) as halo:
        report = await halo.export(["tickets"], tmp_path / "out")
    assert report.complete
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    async with client(emulator, "other") as halo:
        with pytest.raises(SettingsError, match="contains a"):
            await halo.export(["tickets"], tmp_path / "out", **way)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    async with client(emulator, first and first.upper()) as halo:
        assert (await halo.export(["tickets"], tmp_path / "out", **way)).complete


async def test_nor_is_one_that_is_unfinished(emulator, tmp_path: Path) -> None:
    emulator.faults.add([Fault("F27", "GET /Tickets", "500", after=2)])
    async with client(emulator, "emulator") as halo:
        await halo.export(["tickets"], tmp_path / "out")
    emulator.faults.clear()
    async with client(emulator, "other") as halo:
        with pytest.raises(SettingsError, match="cannot be resumed: the instance changed"):
            await halo.export(["tickets"], tmp_path / "out", resume=True)


async def test_a_bulk_write_is_not_gone_on_with_for_another_tenant(emulator, tmp_path: Path) -> None:
    rows = [{"summary": f"row {number}", "details": "x", "client_id": 1, "site_id": 1} for number in range(3)]
    journal = tmp_path / "journal"

    async def write(tenant: str | None, *, resume: bool) -> list[Any]:
        async with client(emulator, tenant) as halo:
            found = halo.tickets.bulk_upsert(rows, journal=journal, resume=resume)
            return [result.outcome async for result in found]

    assert await write("emulator", resume=False) == ["written"] * 3
    for tenant in ("other", None):
        with pytest.raises(SettingsError):
            await write(tenant, resume=True)
    sent = len(emulator.requests("POST /Tickets"))
    assert await write("emulator", resume=True) == ["written"] * 3
    assert len(emulator.requests("POST /Tickets")) == sent


async def test_a_download_is_not_gone_on_with_for_another_tenant(emulator, tmp_path: Path) -> None:
    id = emulator.attach(3_000_000)
    emulator.faults.add([Fault("F05", f"GET /Attachment/{id}", options={"at": 1_200_000})])
    async with client(emulator, "emulator") as halo:
        with pytest.raises(HaloError):
            await halo.with_options(retry="never").attachment.download(id, to=tmp_path / "file.bin")
        assert [path.stat().st_size > 1_000_000 for path in tmp_path.glob("*.halo-part")] == [True]
    emulator.requests.clear()
    async with client(emulator, "other") as halo:
        with pytest.raises(HaloError):
            await halo.attachment.download(id, to=tmp_path / "file.bin")
    first = emulator.requests(f"GET /Attachment/{id}")[0]
    assert "range" not in first.headers


def test_processes_of_one_instance_tenant_and_client_id_alone_share_a_quota() -> None:
    def name(address: str, client_id: str, tenant: str | None) -> str:
        where = Instance.parse(address)
        return window_name(where, ClientOptions(tenant=tenant).tenant, ClientCredentials(client_id, "secret"))

    where = [
        ("halo.example", None),
        ("halo.example", "a"),
        ("halo.example", "b"),
        ("halo.example/psa", None),
        ("halo.example/itsm", None),
        ("halo.example:8443", None),
    ]
    names = {name(address, "id", tenant) for address, tenant in where}
    assert len(names) == len(where)
    assert name("HALO.example/api", "id", " A ") in names
    assert name("halo.example", "other", None) not in names


@given(
    st.none() | st.text(st.sampled_from("a?=&/%é "), min_size=1, max_size=5),
    st.sampled_from(["", "/a", "/b"]),
)
def test_no_two_tenants_have_the_same_data(tenant: str | None, prefix: str) -> None:
    named = Instance("https", "halo.example", 443, prefix).data_of(tenant)
    assert named.startswith(f"https://halo.example{prefix}")
    others = {
        Instance("https", "halo.example", 443, path).data_of(name)
        for path in ("", "/a", "/b")
        for name in (None, "a", "?tenant=a", "a&b")
        if (path, name) != (prefix, tenant)
    }
    assert named not in others
