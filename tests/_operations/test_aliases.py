"""A resource under the other number of its name: the same object, wherever a name is taken."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import Client, ClientCredentials, Halo, operations
from halo_async._operations.resource import aliases, member_name, own_name
from halo_async.api import Resources
from halo_async.api._aliases import ALIASES
from halo_async.emulator import Emulator
from tests.support.acme_halo.api import Resources as OwnResources
from tests.support.calls_kit import resources


@pytest.fixture
def halo() -> Halo:
    return Halo("acme.halopsa.com", ClientCredentials("id", "secret"))


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("clients", "client"),
        ("ticket", "tickets"),
        ("statuses", "status"),
        ("categories", "category"),
        ("addresses", "address"),
        ("slas", "sla"),
        ("kb_articles", "kb_article"),
        ("user", "users"),
        ("opportunity", "opportunities"),
        ("priorities", "priority"),
    ],
)
def test_the_other_number_is_the_same_object(halo: Halo, alias: str, name: str) -> None:
    assert getattr(halo, alias) is getattr(halo, name)
    assert getattr(halo, alias).list.operation.name == f"{name}.list"


@settings(deadline=None)  # the first of them imports its resource
@given(st.sampled_from(sorted(ALIASES)))
def test_every_alias_is_its_resource_also_in_a_view_with_options(alias: str) -> None:
    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    view = halo.with_options(timeout=3)
    assert getattr(halo, alias) is getattr(halo, ALIASES[alias])
    assert getattr(view, alias) is getattr(view, ALIASES[alias])
    assert getattr(view, alias).options.timeout == 3


def test_no_alias_hides_a_name_of_the_client_or_of_a_resource(halo: Halo) -> None:
    assert not ALIASES.keys() & set(dir(halo))
    assert set(ALIASES.values()) <= Resources._members.keys()


def test_two_resources_that_are_each_others_other_number_keep_their_names(halo: Halo) -> None:
    assert halo.notification is not halo.notifications
    assert not {"notification", "notifications"} & {*ALIASES, *ALIASES.values()}


def test_dir_and_operations_have_each_resource_once(halo: Halo) -> None:
    before = dir(halo)
    _ = halo.clients, halo.ticket
    assert set(dir(halo)) - set(before) == set()
    assert "clients" not in dir(halo)
    names = [operation.name for operation in operations()]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.split(".")[0] in ALIASES]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("cleints", "client"),
        ("ticekt", "tickets"),
        ("statusess", "status"),
        ("categoreis", "category"),
        ("faults", "tickets"),
    ],
)
def test_suggestions_know_both_numbers(halo: Halo, misspelt: str, meant: str) -> None:
    with pytest.raises(AttributeError, match=f"Did you mean '{meant}'"):
        getattr(halo, misspelt)


@pytest.mark.parametrize(
    ("given_name", "own"),
    [
        ("clients.list", "client.list"),
        ("client.list", "client.list"),
        ("ticket", "tickets"),
        ("notification.list", "notification.list"),
        ("nothing.list", "nothing.list"),
        ("integration_data.jira.get", "integration_data.jira.get"),
    ],
)
def test_an_operations_name_becomes_its_own(given_name: str, own: str) -> None:
    assert own_name(given_name) == own


def test_resources_written_by_hand_and_products_have_no_other_number(halo: Halo) -> None:
    assert aliases(OwnResources) == {}
    assert member_name(OwnResources, "parcels") == "parcels"
    group, _ = resources(lambda query: [])
    with pytest.raises(AttributeError, match="Did you mean 'parcels'"):
        _ = group.parcel
    with pytest.raises(AttributeError, match="Did you mean 'jira'"):
        _ = halo.integration_data.jiras
    with pytest.raises(AttributeError, match="no attribute 'clients'"):
        _ = Client("acme.halopsa.com", ClientCredentials("id", "secret")).clients


def test_aliases_are_not_loaded_before_one_is_used() -> None:
    code = (
        "import sys\n"
        "from halo_async import ClientCredentials, Halo\n"
        "halo = Halo('acme.halopsa.com', ClientCredentials('id', 'secret'))\n"
        "halo.tickets.list(open_only=True)\n"
        "before = 'halo_async.api._aliases' in sys.modules\n"
        "halo.ticket.list(open_only=True)\n"
        "print(before, 'halo_async.api._aliases' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


async def test_a_call_by_the_other_number_is_the_same_request(halo_emulator: Emulator) -> None:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    async with Halo(halo_emulator.url, credentials, tenant=halo_emulator.tenant) as live:
        assert await live.clients.list().count() == await live.client.list().count()
    first, second = halo_emulator.requests("GET /Client")
    assert first.query == second.query
