"""The client over real sockets: opening, calling, closing."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import traceback
import warnings

import pytest

import halo_async
from halo_async import ClientCredentials, Halo, RateLimit
from halo_async.emulator import Emulator
from halo_async.errors import AuthenticationError, InvalidRequestError, NotFoundError, SettingsError
from halo_async.models import Ticket, TicketSummary
from halo_async.records.record import asdict

SECRET = "canary-secret-5f1d"


@pytest.fixture
async def emulator():
    async with Emulator(seed=1, tickets=250, rate_limit=None) as running:
        yield running


def client(emulator, **options) -> Halo:
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    return Halo(emulator.url, credentials, tenant=emulator.tenant, **options)


async def test_tickets_are_listed_read_created_changed_and_deleted(emulator):
    async with client(emulator) as halo:
        tickets = await halo.tickets.list().all()
        assert len(tickets) == 250
        assert type(tickets[0]) is TicketSummary
        made = await halo.tickets.create(Ticket(summary="The printer is on fire"))
        read = await halo.tickets.get(made.id)
        assert (type(read), read.summary) == (Ticket, "The printer is on fire")
        read.summary = "The printer was on fire"
        assert (await halo.tickets.save(read)).summary == "The printer was on fire"
        assert (await halo.tickets.update(made.id, summary="Out")).summary == "Out"
        await halo.tickets.delete(made.id)
        assert await halo.tickets.list().count() == 250


async def test_a_field_that_list_rows_lack_is_read_by_the_call_that_the_error_names(emulator):
    async with client(emulator) as halo:
        rows = await halo.tickets.list(page_size=50).all()
        for row in (rows[0], rows[-1]):  # one over a dict, one over a row
            with pytest.raises(AttributeError) as caught:
                row.details_html  # noqa: B018
            assert "await halo.tickets.get(row.id, includedetails=True)" in str(caught.value)
            read = await halo.tickets.get(row.id, includedetails=True)
            assert (type(read), read.details_html) == (Ticket, read["details_html"])


async def test_page_length_is_learned_from_the_cap(emulator):
    async with client(emulator) as halo:
        before = halo.statistics().requests
        rows = await halo.tickets.list(page_size=500).prefetch(3).all()
        assert len({row.id for row in rows}) == 250
        assert halo.statistics().requests - before == 3


async def test_request_reaches_any_path(emulator):
    async with client(emulator) as halo:
        ticket = await halo.request("get", "Tickets/7", params={"includedetails": True})
        assert ticket["id"] == 7
        posted = await halo.request("POST", "/Tickets", json=[Ticket(summary="by hand")])
        assert (posted[0] if isinstance(posted, list) else posted)["summary"] == "by hand"
        with pytest.raises(NotFoundError):
            await halo.request("GET", "/Tickets/999999999")


@pytest.mark.parametrize(
    "path", ["/Tickets?id=1", "//evil.example/x", "/../auth/token", "https://evil.example/"]
)
async def test_request_refuses_paths_that_lead_elsewhere(emulator, path):
    async with client(emulator) as halo:
        before = halo.statistics().requests
        with pytest.raises(InvalidRequestError):
            await halo.request("GET", path)
        assert halo.statistics().requests == before


async def test_options_for_the_whole_client_make_a_view_of_it(emulator):
    async with client(emulator) as halo:
        view = halo.with_options(params={"brand_new": 1}, timeout=30)
        assert type(view) is Halo
        assert (await view.tickets.get(3)).id == 3
        assert view.statistics() == halo.statistics()


async def test_own_package_works_over_the_clients_transport(emulator):
    from halo_async.client import Client
    from tests.support.acme_halo.api import Resources

    class OwnHalo(Client, Resources):
        """As a generated package makes it."""

    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with OwnHalo(emulator.url, credentials, tenant=emulator.tenant) as halo:
        assert "tickets" not in dir(halo)
        with pytest.raises(NotFoundError):
            await halo.parcels.get(1)


async def test_wrong_secret_is_told_when_the_client_opens_and_nothing_is_left_open(emulator):
    halo = Halo(emulator.url, ClientCredentials(emulator.client_id, SECRET), tenant=emulator.tenant)
    with pytest.raises(AuthenticationError) as caught:
        await halo.__aenter__()
    assert SECRET not in str(caught.value)
    with pytest.raises(RuntimeError, match="closed"):
        await halo.tickets.get(1)


def test_repr_shows_the_instance_and_no_credentials():
    halo = Halo("https://acme.halopsa.com/api/", ClientCredentials("canary-id", SECRET))
    assert repr(halo) == "<Halo https://acme.halopsa.com>"
    assert repr(halo.tickets) == "<Tickets>"
    for shown in (vars(halo), vars(halo.tickets)):
        assert SECRET not in repr(shown)


def test_client_can_be_made_outside_a_loop_and_used_in_one_after_another():
    async def read(halo):
        async with halo:
            return await halo.tickets.list().count()

    async def serve(halo_of):
        async with Emulator(seed=1, tickets=3, rate_limit=None) as running:
            return await read(halo_of(running))

    assert asyncio.run(serve(client)) == 3
    assert asyncio.run(serve(client)) == 3


def forget(clients):
    clients.clear()
    gc.collect()


# the collector may meet aiohttp's own objects first, which then say the same in their words
@pytest.mark.filterwarnings("ignore:Unclosed c:ResourceWarning")
async def test_forgotten_async_with_is_a_resource_warning_that_says_where(emulator):
    halo = client(emulator)
    assert await halo.tickets.list().count() == 250
    forgotten = [halo]
    del halo
    with pytest.warns(ResourceWarning, match=r"test_client\.py:\d+.*async with"):
        forget(forgotten)


async def test_closed_client_gives_no_warning(emulator):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        halo = client(emulator)
        await halo.tickets.list().count()
        await halo.aclose()
        await halo.aclose()
        del halo
        gc.collect()


def test_client_that_is_never_opened_makes_no_noise_at_exit():
    code = (
        "from halo_async import Halo, ClientCredentials\n"
        "halo = Halo('acme.halopsa.com', ClientCredentials('i', 's'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_environment_makes_a_client(monkeypatch):
    for name in [name for name in os.environ if name.startswith("HALO_")]:
        monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match="HALO_CLIENT_SECRET"):
        Halo.from_env()
    monkeypatch.setenv("HALO_INSTANCE", "acme.haloitsm.com")
    monkeypatch.setenv("HALO_CLIENT_ID", "id")
    monkeypatch.setenv("HALO_CLIENT_SECRET", SECRET)
    assert repr(Halo.from_env()) == "<Halo https://acme.haloitsm.com>"
    assert repr(Halo.from_env(instance="halo.acme.example/api")) == "<Halo https://halo.acme.example>"
    limited = Halo.from_env(rate_limit=RateLimit(10, 1))
    assert limited.statistics().remaining == 10


@pytest.mark.parametrize("instance", [None, "ftp://acme"], ids=["missing", "no address"])
def test_traceback_of_a_bad_environment_shows_no_secret(monkeypatch, instance):
    monkeypatch.delenv("HALO_INSTANCE", raising=False)
    monkeypatch.setenv("HALO_CLIENT_ID", "id")
    monkeypatch.setenv("HALO_CLIENT_SECRET", SECRET)

    with pytest.raises(SettingsError) as caught:
        Halo.from_env(instance=instance)

    inner = caught.tb.tb_next  # this test's own frame knows the environment
    told = traceback.TracebackException(SettingsError, caught.value, inner, capture_locals=True)
    assert "from_env" in "".join(told.format())
    assert SECRET not in "".join(told.format())


def test_bad_instance_is_told_at_once():
    with pytest.raises(SettingsError, match="https"):
        Halo("http://acme.halopsa.com", ClientCredentials("i", "s"))


def test_importing_the_package_loads_next_to_nothing():
    code = (
        "import sys, halo_async\n"
        "heavy = {'aiohttp', 'attr', 'attrs', 'msgspec', 'anyio', 'typing', 'asyncio', 'ssl'} & set(sys.modules)\n"
        "ours = sorted(name for name in sys.modules if name.startswith('halo_async'))\n"
        "print(heavy or '', *ours)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", _with_path(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["halo_async", "halo_async._utils", "halo_async._utils.lazy_imports"]


def test_aiohttp_loads_when_a_client_sends_and_not_before():
    code = (
        "import sys\n"
        "from halo_async import Halo, ClientCredentials\n"
        "halo = Halo('acme.halopsa.com', ClientCredentials('i', 's'))\n"
        "pages = halo.tickets.list(open_only=True)\n"
        "print('aiohttp' in sys.modules, 'halo_async.api.assets' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", _with_path(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


def _with_path(code):
    root = os.path.dirname(os.path.dirname(halo_async.__file__))
    return f"import sys; sys.path.insert(0, {root!r})\n{code}"


def test_every_public_name_loads():
    public = [name for name in dir(halo_async) if name[0].isalpha() and name[0].isupper()]
    assert len(public) > 30
    assert all(getattr(halo_async, name) is not None for name in public)
    with pytest.raises(AttributeError, match="has no attribute"):
        _ = halo_async.Holo


def test_preload_loads_every_resource_and_record():
    code = (
        "import sys, halo_async\n"
        "halo_async.preload()\n"
        "import halo_async.models\n"
        "from halo_async._operations.resource import operations\n"
        "assert 'aiohttp' in sys.modules\n"
        "print(len(list(operations())) > 1000, all(n in vars(halo_async.models) for n in dir(halo_async.models)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", _with_path(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "True"]


async def test_records_from_halo_keep_what_no_schema_knows(emulator):
    async with client(emulator) as halo:
        raw = await halo.request("GET", "/Tickets/5")
        assert asdict(await halo.tickets.get(5)) == raw
