"""Named clients without an event loop: some work, one has a wrong secret."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from halo_async import AuthenticationError, ClientCredentials, SettingsError
from halo_async.blocking import Fleet, Halo
from halo_async.emulator import Emulator
from halo_async.errors import UnknownInstanceError


@pytest.fixture
def fleet(make: Callable[..., Halo], emulator: Emulator) -> Iterator[Fleet[Halo]]:
    wrong = Halo(emulator.url, ClientCredentials(emulator.client_id, "wrong"), rate_limit=None)
    clients = {"acme": make(), "globex": wrong, "initech": make()}
    with Fleet(clients, groups={"production": ["initech", "acme"]}) as fleet:
        yield fleet


def test_each_instance_has_a_result_and_a_failure_is_its_own(fleet: Fleet[Halo]) -> None:
    found = fleet.map(lambda halo: halo.tickets.get(7).id)
    assert list(found) == ["acme", "globex", "initech"]
    assert [found["acme"].value, found["initech"].unwrap()] == [7, 7]
    assert isinstance(found["globex"].error, AuthenticationError)
    assert not found["globex"].ok
    assert all(result.seconds > 0 for result in found.values())
    assert fleet.statistics()["acme"].requests


def test_a_function_may_want_the_name_and_a_group_be_chosen(fleet: Fleet[Halo]) -> None:
    found = fleet.map(lambda name, halo: (name, halo.tickets.list().count()), only=fleet.groups["production"])
    assert {name: result.unwrap() for name, result in found.items()} == {
        "initech": ("initech", 300),
        "acme": ("acme", 300),
    }
    assert list(found) == ["initech", "acme"]


def test_instances_are_called_at_the_same_time_and_no_more_than_allowed(fleet: Fleet[Halo]) -> None:
    both = threading.Barrier(2)
    found = fleet.map(lambda halo: both.wait(60) in (0, 1), only=["acme", "initech"])
    assert [result.value for result in found.values()] == [True, True]
    running, most = 0, 0

    def count(halo: Halo) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        halo.tickets.get(1)
        running -= 1

    fleet.map(count, concurrency=1, only=["acme", "initech"])
    assert most == 1


def test_results_come_as_they_become_available_and_the_rest_is_not_begun(fleet: Fleet[Halo]) -> None:
    begun: list[str] = []
    arriving = fleet.stream(lambda name, halo: begun.append(name), concurrency=1)
    first = next(arriving)
    arriving.close()
    assert first.name == "acme"
    assert begun[0] == "acme"
    slow = threading.Event()
    for result in fleet.stream(lambda name, halo: name == "acme" or slow.wait(60), only=["acme", "initech"]):
        if result.name == "acme":
            slow.set()
        assert result.value is True


def test_lists_are_exported_into_a_folder_per_instance(fleet: Fleet[Halo], tmp_path: Path) -> None:
    found = fleet.export(["tickets"], tmp_path, only=["acme", "initech"])
    assert all(result.unwrap().complete for result in found.values())
    for name in found:
        assert len((tmp_path / f"instance={name}" / "tickets.jsonl").read_bytes().splitlines()) == 300


def test_what_cannot_be_is_refused_by_one_sentence(fleet: Fleet[Halo], tmp_path: Path) -> None:
    from halo_async import Halo as AsyncHalo

    with pytest.raises(UnknownInstanceError, match="Did you mean 'acme'"):
        _ = fleet["acm"]
    with pytest.raises(UnknownInstanceError, match="no instance 'acm'"):
        fleet.map(lambda halo: None, only=["acm"])
    with pytest.raises(SettingsError, match="concurrency"):
        fleet.map(lambda halo: None, concurrency=0)
    with pytest.raises(SettingsError, match="exports into folders"):
        fleet.export(["tickets"], "-")
    with pytest.raises(SettingsError, match=r"client such as halo_async\.blocking\.Halo"):
        Fleet({"acme": AsyncHalo("acme.halopsa.com", ClientCredentials("id", "secret"))})  # type: ignore[type-var]

    async def awaited(halo: Halo) -> None: ...

    found = fleet.map(awaited, only=["acme"])
    assert "Give a plain one" in str(found["acme"].error)


def test_closing_a_fleet_closes_all_clients(fleet: Fleet[Halo]) -> None:
    fleet.map(lambda halo: halo.tickets.get(1))
    fleet.close()
    for halo in fleet.values():
        with pytest.raises(RuntimeError, match="closed"):
            halo.tickets.get(1)


def test_a_file_of_a_fleet_gives_clients_without_await(emulator: Emulator, tmp_path: Path) -> None:
    path = tmp_path / "fleet.toml"
    path.write_text(
        f'[instances.acme]\ninstance = "{emulator.url}"\nclient_id = "{emulator.client_id}"\ngroups = ["one"]\n'
        'client_secret_env = "ACME_SECRET"\n'
    )
    with Fleet.from_toml(path, environ={"ACME_SECRET": emulator.client_secret}) as fleet:
        assert type(fleet["acme"]) is Halo
        assert list(fleet.groups["one"]) == ["acme"]
        assert fleet.map(lambda halo: halo.tickets.get(3).id)["acme"].unwrap() == 3
