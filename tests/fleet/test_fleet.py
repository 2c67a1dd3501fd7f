"""Many instances at once, each an emulator of its own on real sockets."""

from __future__ import annotations

import asyncio
import pickle
from contextlib import AsyncExitStack

import pytest

from halo_async import (
    AttemptTimeoutError,
    AuthenticationError,
    ClientCredentials,
    DeadlineExceededError,
    Fleet,
    Halo,
    HaloError,
    RateLimit,
    SettingsError,
    Timeouts,
    UnknownNameError,
    VirtualClock,
    models,
)
from halo_async.emulator import Fault
from halo_async.fleet import Result, UnknownInstanceError
from tests.support.fleet_kit import client, fleet_of, started
from tests.support.leftovers import nothing_left

NAMES = ["acme", "globex", "initech", "umbrella", "hooli", "stark", "wayne", "cyberdyne"]


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


@pytest.fixture
async def emulators(stack):
    return await started(stack, NAMES)


async def test_a_function_is_called_for_every_instance_and_gives_a_result_for_each(emulators):
    async with fleet_of(emulators) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.get(5))
    assert list(found) == NAMES
    assert {result.unwrap().id for result in found.values()} == {5}
    assert len({result.unwrap().summary for result in found.values()}) > 1
    assert all(result.ok and result.seconds > 0 for result in found.values())


async def test_a_function_of_two_gets_the_name_too(emulators):
    async def create(name: str, halo: Halo) -> models.Ticket:
        return await halo.tickets.create(models.Ticket(summary=f"For {name}"))

    async with fleet_of(emulators) as fleet:
        made = await fleet.map(create)
    assert {name: result.unwrap().summary for name, result in made.items()} == {
        name: f"For {name}" for name in NAMES
    }


@pytest.mark.parametrize(
    "func",
    [
        lambda halo, seen=None: halo.tickets.list().first(),
        lambda halo, *rest: halo.tickets.list().first(),
        lambda halo, *, name="x": halo.tickets.list().first(),
        lambda name, halo, extra=None: halo.tickets.list().first(),
        lambda halo: halo.tickets.list().limit(1),
    ],
)
async def test_which_arguments_a_function_wants_is_told_by_those_without_a_default(func, emulators):
    async with fleet_of(emulators) as fleet:
        assert all(result.ok for result in (await fleet.map(func, only=NAMES[:2])).values())


async def test_a_plain_function_will_do(emulators):
    async with fleet_of(emulators) as fleet:
        found = await fleet.map(lambda halo: halo.statistics().requests)
    assert [result.value for result in found.values()] == [0] * 8


async def test_a_wrong_secret_is_that_instance_s_result_and_stops_no_other(emulators):
    clients = {name: client(emulator) for name, emulator in emulators.items()}
    clients["hooli"] = client(emulators["hooli"], secret="canary-4711")
    async with Fleet(clients) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.list().first())
    assert [name for name, result in found.items() if not result.ok] == ["hooli"]
    error = found["hooli"].error
    assert isinstance(error, AuthenticationError)
    assert error.__notes__ == ["instance hooli"]
    assert "canary" not in repr(found) + str(error)
    with pytest.raises(AuthenticationError):
        found["hooli"].unwrap()


async def test_an_instance_that_is_not_there_is_one_failed_result(emulators, unused_tcp_port):
    clients = {name: client(emulator) for name, emulator in emulators.items()}
    clients["gone"] = Halo(
        f"http://127.0.0.1:{unused_tcp_port}",
        ClientCredentials("id", "secret"),
        clock=VirtualClock(auto_advance=True),
    )
    async with Fleet(clients) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.list().first())
    assert [name for name, result in found.items() if not result.ok] == ["gone"]
    assert isinstance(found["gone"].error, HaloError)


async def test_what_a_function_raises_is_the_result(emulators):
    async def broken(name: str, halo: Halo) -> str:
        if name == "stark":
            raise ZeroDivisionError("of no account")
        if name == "wayne":
            (task := asyncio.ensure_future(asyncio.Event().wait())).cancel()
            await task
        return name

    async with fleet_of(emulators) as fleet:
        found = await fleet.map(broken, concurrency=2)
    assert [name for name, result in found.items() if not result.ok] == ["stark", "wayne"]
    assert isinstance(found["stark"].error, ZeroDivisionError)
    assert isinstance(found["wayne"].error, HaloError)  # nobody cancelled the fleet
    assert isinstance(found["wayne"].error.__cause__, asyncio.CancelledError)


async def test_one_instance_that_hangs_is_one_failed_result(stack):
    emulators = await started(stack, NAMES[:3])
    emulators["globex"].faults.add([Fault("F13", "GET /Tickets", "silence")])
    clients = {name: client(emulator) for name, emulator in emulators.items() if name != "globex"}
    patience = {"timeouts": Timeouts(read=1, attempt=2), "clock": VirtualClock(auto_advance=True)}
    clients["globex"] = client(emulators["globex"], **patience)
    async with nothing_left(), Fleet(clients) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.with_options(retry="never").list().first())
    assert [name for name, result in found.items() if not result.ok] == ["globex"]
    assert isinstance(found["globex"].error, AttemptTimeoutError)


async def test_an_instance_that_takes_longer_than_the_deadline_is_cut_off(emulators):
    clock = VirtualClock(auto_advance=True)
    clients = {name: client(emulator) for name, emulator in emulators.items()}

    async def slow(name: str, halo: Halo) -> str:
        if name == "acme":
            await asyncio.Event().wait()
        await clock.sleep({"globex": 29}.get(name, 1))
        return name

    async with nothing_left(), Fleet(clients, clock=clock) as fleet:
        found = await fleet.map(slow, deadline=30)
    assert [name for name, result in found.items() if not result.ok] == ["acme"]
    assert isinstance(found["acme"].error, DeadlineExceededError)
    assert found["acme"].seconds == 30
    assert found["globex"].seconds == 29


async def test_a_timeout_of_the_function_s_own_is_kept_as_it_is(emulators):
    async def own(halo: Halo) -> None:
        raise TimeoutError("mine")

    async with fleet_of(emulators) as fleet:
        found = await fleet.map(own, deadline=30, only=["acme"])
    assert str(found["acme"].error) == "mine"


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (3, 3), (8, 8), (50, 8)])
async def test_so_many_at_a_time_and_no_more(emulators, concurrency, most):
    running = peak = 0

    async def count(halo: Halo) -> None:
        nonlocal running, peak
        running += 1
        peak = max(peak, running)
        await halo.tickets.list().first()
        running -= 1

    async with fleet_of(emulators) as fleet:
        await fleet.map(count, concurrency=concurrency)
    assert peak == most


async def test_a_slow_instance_holds_up_its_own_place_only(emulators):
    slow, order = asyncio.Event(), []

    async def work(name: str, halo: Halo) -> None:
        if name == "acme":
            await slow.wait()
        order.append(name)
        if len(order) == 7:
            slow.set()

    async with fleet_of(emulators) as fleet:
        await fleet.map(work, concurrency=2)
    assert order == [*NAMES[1:], "acme"]


async def test_results_come_as_they_are_done(emulators):
    gates = {name: asyncio.Event() for name in NAMES}

    async def work(name: str, halo: Halo) -> None:
        await gates[name].wait()

    wanted, came = list(reversed(NAMES)), []
    gates[wanted[0]].set()
    async with fleet_of(emulators) as fleet:
        async for result in fleet.stream(work):
            came.append(result.name)
            if len(came) < len(NAMES):
                gates[wanted[len(came)]].set()
    assert came == wanted


async def test_leaving_the_stream_cancels_the_rest_and_leaves_nothing(emulators):
    begun, ended = [], []

    async def work(name: str, halo: Halo) -> None:
        begun.append(name)
        try:
            if name != "acme":
                await asyncio.Event().wait()
        finally:
            for _ in range(5):
                await asyncio.sleep(0)  # cleaning up takes its time
            ended.append(name)

    async with fleet_of(emulators) as fleet, nothing_left():
        arriving = fleet.stream(work, concurrency=4)
        assert (await anext(arriving)).name == "acme"
        await arriving.aclose()
        assert sorted(ended) == sorted(begun)
    assert len(begun) < len(NAMES)


async def test_cancelling_a_map_cancels_everything_at_once_and_leaves_nothing(emulators):
    begun = asyncio.Event()

    async def work(name: str, halo: Halo) -> None:
        await halo.tickets.list().first()
        begun.set()
        await asyncio.Event().wait()

    async with nothing_left(), fleet_of(emulators) as fleet:
        task = asyncio.create_task(fleet.map(work))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_each_instance_has_a_limiter_of_its_own(stack):
    emulators = await started(stack, NAMES[:3])
    limited = {"rate_limit": RateLimit(5, 300)}
    clients = {
        name: client(one, clock=VirtualClock(auto_advance=True), **limited) for name, one in emulators.items()
    }

    async def ask(name: str, halo: Halo) -> None:
        for _ in range(11 if name == "acme" else 4):  # the login takes a place too
            await halo.tickets.get(1)

    async with Fleet(clients) as fleet:
        found = await fleet.map(ask)
        numbers = fleet.statistics()
    assert all(result.ok for result in found.values())
    assert {name: one.requests for name, one in numbers.items()} == {"acme": 11, "globex": 4, "initech": 4}
    assert 600 <= numbers["acme"].waited < 700
    assert numbers["globex"].waited == numbers["initech"].waited == 0


async def test_one_login_for_each_instance_whatever_is_asked(emulators):
    async with fleet_of(emulators) as fleet:
        await fleet.map(lambda halo: halo.tickets.list().first())
        await fleet.map(lambda halo: halo.client.list().first())
    assert {len(one.requests("POST /auth/token")) for one in emulators.values()} == {1}


async def test_nothing_is_sent_before_it_is_asked(emulators):
    async with fleet_of(emulators) as fleet:
        assert len(fleet) == 8
    assert [len(one.requests) for one in emulators.values()] == [0] * 8


async def test_a_fleet_is_a_mapping_of_its_clients(emulators):
    async with fleet_of(emulators) as fleet:
        assert list(fleet) == NAMES
        assert "acme" in fleet
        assert "acm" not in fleet
        ticket = await fleet["acme"].tickets.get(3)
        assert ticket.id == 3
        with pytest.raises(
            UnknownInstanceError, match=r"no instance 'acm'. Did you mean 'acme'\?$"
        ) as caught:
            fleet["acm"]
        assert isinstance(caught.value, KeyError)
        assert isinstance(caught.value, HaloError)
        with pytest.raises(UnknownInstanceError):
            await fleet.map(lambda halo: halo.tickets.get(1), only=["acme", "nobody"])


async def test_only_some_of_them(emulators):
    async with fleet_of(emulators) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.get(1), only=["stark", "acme", "stark"])
        assert list(found) == ["stark", "acme"]
        assert await fleet.map(lambda halo: halo.tickets.get(1), only=[]) == {}
        with pytest.raises(SettingsError, match=r"only=\['acme'\]"):
            await fleet.map(lambda halo: halo.tickets.get(1), only="acme")


@pytest.mark.parametrize(
    "wrong", [{"concurrency": 0}, {"concurrency": 2.5}, {"concurrency": True}, {"deadline": 0}]
)
async def test_a_bound_that_cannot_work_is_refused(wrong, emulators):
    async with fleet_of(emulators) as fleet:
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            await fleet.map(lambda halo: halo.tickets.get(1), **wrong)


async def test_closing_closes_every_client_even_if_one_of_them_fails(emulators):
    async with nothing_left():
        fleet = fleet_of(emulators)
        await fleet.map(lambda halo: halo.tickets.get(1))
        real = fleet["acme"].aclose

        async def broken() -> None:
            await real()
            raise OSError("no")

        fleet["acme"].aclose = broken
        with pytest.raises(ExceptionGroup) as caught:
            await fleet.aclose()
        assert len(caught.value.exceptions) == 1
    with pytest.raises(RuntimeError, match="closed"):
        await fleet["globex"].tickets.get(1)


async def test_a_closed_fleet_can_be_opened_again(emulators):
    fleet = fleet_of(emulators)
    for _ in range(2):
        async with fleet:
            assert (await fleet.map(lambda halo: halo.tickets.get(1), only=["acme"]))["acme"].ok


def test_a_fleet_works_in_one_event_loop_after_the_other(halo_emulator):
    fleet = Fleet({"acme": client(halo_emulator)})

    async def once() -> bool:
        async with fleet:
            return (await fleet.map(lambda halo: halo.tickets.get(1)))["acme"].ok

    assert asyncio.run(once())
    assert asyncio.run(once())


@pytest.mark.parametrize("clients", [{"": None}, {1: None}, {"acme": "acme.halopsa.com"}, {"acme": Halo}])
def test_what_is_no_client_is_refused(clients):
    with pytest.raises(SettingsError):
        Fleet(clients)


async def test_no_secret_in_any_text(emulators):
    secrets = [one.client_secret for one in emulators.values()]
    async with fleet_of(emulators) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.get(999))
        told = repr(fleet) + repr(dict(fleet)) + repr(found) + repr(fleet.statistics()) + str(vars(fleet))
    assert not any(secret in told for secret in secrets)


async def test_results_pickle(emulators):
    async with fleet_of(emulators) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.get(999), only=["acme"])
    again = pickle.loads(pickle.dumps(found["acme"]))
    assert (again.name, str(again.error)) == ("acme", str(found["acme"].error))
    assert isinstance(again, Result)


async def test_lists_of_every_instance_are_exported_into_a_folder_each(emulators, tmp_path):
    clients = {name: client(emulators[name]) for name in NAMES[:3]}
    clients["hooli"] = client(emulators["hooli"], secret="wrong")
    async with Fleet(clients) as fleet:
        found = await fleet.export(["tickets", "client"], tmp_path)
    assert {name: result.ok and result.unwrap().complete for name, result in found.items()} == {
        "acme": True, "globex": True, "initech": True, "hooli": False,
    }  # fmt: skip
    for name in NAMES[:3]:
        assert len((tmp_path / f"instance={name}" / "tickets.jsonl").read_text().splitlines()) == 20


async def test_names_that_cannot_be_folders_are_refused_before_anything_is_asked(emulators, tmp_path):
    for names in (["../x"], ["a/b"], [".hidden"], ["Acme", "acme"]):
        async with Fleet({name: client(emulators["acme"]) for name in names}) as fleet:
            with pytest.raises(SettingsError):
                await fleet.export(["tickets"], tmp_path)
    async with Fleet({"acme": client(emulators["acme"])}) as fleet:
        with pytest.raises(SettingsError, match="folders"):
            await fleet.export(["tickets"], "-")
    assert list(tmp_path.iterdir()) == []


async def test_fifty_instances_of_which_one_refuses_and_one_is_slow(stack):
    names = [f"client-{number}" for number in range(50)]
    emulators = await started(stack, names)
    clients = {name: client(emulator) for name, emulator in emulators.items()}
    clients["client-7"] = client(emulators["client-7"], secret="wrong")
    emulators["client-9"].faults.add([Fault("F27", "GET /Tickets", "503", times=2)])
    clients["client-9"] = client(emulators["client-9"], clock=VirtualClock(auto_advance=True))
    async with nothing_left(), Fleet(clients) as fleet:
        found = await fleet.map(lambda halo: halo.tickets.list().all(), concurrency=10)
        assert fleet.statistics()["client-9"].retries == 2
    assert [name for name, result in found.items() if not result.ok] == ["client-7"]
    assert {len(result.unwrap()) for result in found.values() if result.ok} == {20}


@pytest.mark.parametrize("clients", [None, [], [("acme", None)], "acme", 5], ids=repr)
def test_a_fleet_of_no_mapping_is_refused(clients):
    with pytest.raises(
        SettingsError, match=r"A fleet takes clients by name, not .* Use Fleet\(\{'acme': Halo\(…\)\}\)"
    ):
        Fleet(clients)


async def test_a_client_alone_is_no_fleet(stack):
    halo = client((await started(stack, ["acme"]))["acme"])
    with pytest.raises(SettingsError, match="A fleet takes clients by name"):
        Fleet(halo)


@pytest.mark.parametrize("func", [None, "tickets", 5], ids=repr)
async def test_what_cannot_be_called_is_refused_at_once(stack, func):
    async with fleet_of(await started(stack, ["acme"])) as fleet:
        with pytest.raises(TypeError, match="a function of a client, or of a name and a client, not"):
            await fleet.map(func)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"deadline": "x"}, "deadline must be a number of seconds above 0, not 'x'"),
        ({"deadline": True}, "deadline must be a number of seconds above 0, not True"),
        ({"only": 5}, "`only` must be a list of names, not 5"),
        ({"only": [["acme"]]}, r"The fleet has no instance \['acme'\]"),
    ],
)
async def test_options_of_the_wrong_type_are_refused(stack, options, told):
    async with fleet_of(await started(stack, ["acme"])) as fleet:
        with pytest.raises(HaloError, match=told):
            await fleet.map(lambda halo: halo.tickets.get(1), **options)


@pytest.mark.parametrize("out", ["", None, 5], ids=repr)
async def test_a_fleet_exports_nowhere_but_into_a_folder_that_is_named(stack, out):
    async with fleet_of(await started(stack, ["acme"])) as fleet:
        with pytest.raises(SettingsError, match=r"A fleet exports into folders\. Give one in place of"):
            await fleet.export(["tickets"], out)


async def test_one_name_in_place_of_a_list_of_resources_is_named_whole(stack, tmp_path):
    async with fleet_of(await started(stack, ["acme"])) as fleet:
        with pytest.raises(SettingsError, match=r"`resources` must be a list of names. Use \['tickets'\]"):
            await fleet.export("tickets", tmp_path)


async def test_a_name_that_is_not_in_the_fleet_is_an_unknown_name(stack):
    fleet = fleet_of(await started(stack, ["acme"]))
    with pytest.raises(UnknownNameError, match=r"no instance 'amce'\. Did you mean 'acme'") as caught:
        fleet["amce"]
    assert type(caught.value) is UnknownInstanceError
    assert fleet.get("amce") is None
