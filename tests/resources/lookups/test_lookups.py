"""Ids by name against an instance: what is found, what is asked for, what is said."""

from __future__ import annotations

import asyncio

import pytest

from halo_async.client import Client
from halo_async.emulator import Fault
from halo_async.errors import AmbiguousNameError, InvalidRequestError, PermissionDeniedError, UnknownNameError
from tests.support.acme_halo.api import Resources


def asked(emulator, path):
    return [dict(request.query) for request in emulator.requests(f"GET {path}")]


@pytest.mark.parametrize(
    ("kind", "name", "id"),
    [
        ("status", "In progress", 2),
        ("status", "  waiting  FOR user ", 3),
        ("statuses", "closed", 9),
        ("priority", "high", 2),
        ("priorities", "high", 2),
        ("categories", "printer", 2),
        ("agents", "api application", 1),
        ("ticket types", "incident", 1),
        ("ticket_type", "Service request", 2),
        ("Ticket Type", "incident", 1),
        ("type", "Problem", 4),
        ("team", "infrastructure", 3),
        ("agent", "api application", 1),
        ("category", "Hardware>Printer", 2),
        ("category", "printer", 2),
    ],
)
async def test_names_become_ids(halo, kind, name, id):
    assert await halo.resolve(kind, name) == id


async def test_a_short_list_is_read_once_for_a_client_and_its_views(halo, halo_emulator):
    names = ["New", "Closed", "new", "On hold"] * 5
    found = await asyncio.gather(*(halo.resolve("status", name) for name in names))
    assert found[:4] == [1, 9, 1, 6]
    assert await halo.with_options(timeout=5).resolve("status", "Closed") == 9
    assert len(asked(halo_emulator, "/Status")) == 1
    halo.forget_lookups()
    assert await halo.resolve("status", "New") == 1
    assert len(asked(halo_emulator, "/Status")) == 2


async def test_an_id_comes_back_without_a_question(halo, halo_emulator):
    assert await halo.resolve("client", 12) == 12
    assert asked(halo_emulator, "/Client") == []


@pytest.mark.parametrize("name", ["", "  ", None, True, 1.5])
async def test_what_is_neither_name_nor_id_is_refused(halo, name):
    with pytest.raises(InvalidRequestError, match="by a name or an id"):
        await halo.resolve("status", name)


@pytest.mark.parametrize(
    ("kind", "resource"), [("client", "client"), ("agent", "agent"), ("site", "site"), ("user", "users")]
)
async def test_long_lists_are_searched_and_not_read(halo, halo_emulator, kind, resource):
    rows = await getattr(halo, resource).list(**({"client_id": 3} if kind in ("site", "user") else {})).all()
    row = rows[-1]
    name = row.emailaddress if kind == "user" else row.name
    before = len(halo_emulator.requests())
    filters = {"client_id": 3} if kind in ("site", "user") else {}
    assert await halo.resolve(kind, f" {name.upper()} ", **filters) == row.id
    assert await halo.resolve(kind, name.upper(), **filters) == row.id
    (request,) = halo_emulator.requests()[before:]
    assert dict(request.query)["search"] == name.upper()


@pytest.mark.halo(tickets=12_000)
async def test_a_name_that_the_search_does_not_give_costs_one_reading_of_the_list(halo, halo_emulator):
    clients = await halo.client.list().all()
    assert len(clients) == 300
    before = len(halo_emulator.requests("GET /Client"))
    wrong = clients[0].name[:-1] + "x"
    with pytest.raises(UnknownNameError) as caught:
        await halo.resolve("client", wrong)
    assert f"No client of 300 is called {wrong!r}. Did you mean {clients[0].name!r}?" in str(caught.value)
    assert len(halo_emulator.requests("GET /Client")) == before + 1 + 3
    for name in (clients[7].name, clients[299].name):
        assert await halo.resolve("client", name) in {client.id for client in clients if client.name == name}
    with pytest.raises(UnknownNameError):
        await halo.resolve("client", "Nobody at all")
    assert len(halo_emulator.requests("GET /Client")) == before + 1 + 3


async def test_an_unknown_name_of_a_short_list_lists_all_of_it(halo):
    with pytest.raises(UnknownNameError) as caught:
        await halo.resolve("team", "Infrastucture")
    assert str(caught.value) == (
        "No team of 4 is called 'Infrastucture'. Did you mean 'Infrastructure'? "
        "They are 'Service desk', 'Field engineers', 'Infrastructure', 'Projects'. "
        "The list leaves out inactive rows. Pass include_inactive=True to include them."
    )
    assert isinstance(caught.value, LookupError)


async def test_ambiguous_names_are_listed_with_what_tells_them_apart(halo):
    for client_id in (1, 2):
        await halo.users.create(
            {"name": "Twin Peaks", "client_id": client_id, "emailaddress": f"twin@{client_id}.example"}
        )
    with pytest.raises(AmbiguousNameError) as caught:
        await halo.resolve("user", "twin peaks")
    assert "2 of kind user are called 'twin peaks': id " in str(caught.value)
    assert "emailaddress 'twin@1.example'" in str(caught.value)
    one = await halo.resolve("user", "twin peaks", client_id=2)
    assert one == await halo.resolve("user", "TWIN@2.example")


async def test_names_that_differ_in_case_alone_are_told_apart_by_case(halo):
    lower = await halo.client.create({"name": "acme works"})
    upper = await halo.client.create({"name": "ACME Works"})
    assert await halo.resolve("client", "acme works") == lower.id
    assert await halo.resolve("client", "ACME Works") == upper.id
    with pytest.raises(AmbiguousNameError):
        await halo.resolve("client", "Acme Works")


async def test_priorities_of_several_slas_with_one_number_are_one(halo):
    await halo.priority.upsert([{"slaid": 2, "priorityid": 2, "name": "High"}])
    assert await halo.resolve("priority", "High") == 2
    await halo.priority.upsert([{"slaid": 3, "priorityid": 7, "name": "High"}])
    halo.forget_lookups()
    with pytest.raises(AmbiguousNameError, match="slaid 3"):
        await halo.resolve("priority", "High")
    assert await halo.resolve("priority", "High", slaid=1) == 2


async def test_an_unknown_kind_or_filter_is_named(halo):
    with pytest.raises(InvalidRequestError, match=r"Did you mean 'status'.*Use one of status, priority"):
        await halo.resolve("statu", "New")
    with pytest.raises(TypeError, match="clientid"):
        await halo.resolve("site", "Main office", clientid=3)


async def test_a_failed_load_is_told_to_all_and_not_kept(halo, halo_emulator):
    halo_emulator.faults.add([Fault("F18", "GET /Status", times=2)])
    found = await asyncio.gather(*(halo.resolve("status", "New") for _ in range(4)), return_exceptions=True)
    assert {type(each) for each in found} == {PermissionDeniedError}
    assert len({id(each) for each in found}) == 4
    assert await halo.resolve("status", "New") == 1


class AcmeHalo(Client, Resources):
    """What a generated package calls Halo, of a document without statuses."""


async def test_a_client_whose_document_lacks_the_list_says_so(halo_emulator):
    from halo_async import ClientCredentials

    login = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    async with AcmeHalo(halo_emulator.url, login, tenant=halo_emulator.tenant) as acme:
        with pytest.raises(InvalidRequestError, match="The API document of this client has no list of"):
            await acme.resolve("status", "New")


async def test_several_names_become_ids_in_their_order_by_one_load(halo, halo_emulator):
    assert await halo.resolve("status", ["Closed", "new", 17, "Closed"]) == [9, 1, 17, 9]
    assert await halo.resolve("status", (name for name in ("New",))) == [1]
    assert len(asked(halo_emulator, "/Status")) == 1
    assert await halo.resolve("team", []) == []
    assert asked(halo_emulator, "/Team") == []


async def test_several_long_listed_names_are_searched_for_once_each(halo, halo_emulator):
    known = [(await halo.client.get(number)).name for number in (3, 5)]
    assert await halo.resolve("client", [*known, *known]) == [3, 5, 3, 5]
    assert [query["search"] for query in asked(halo_emulator, "/Client")] == known


async def test_of_several_names_the_wrong_one_is_named(halo):
    with pytest.raises(UnknownNameError, match=r"'Nwe'\. Did you mean 'New'"):
        await halo.resolve("status", ["New", "Nwe"])
    with pytest.raises(InvalidRequestError, match="by a name or an id, not by None"):
        await halo.resolve("status", ["New", None])


@pytest.mark.parametrize("names", [b"New", {"New": 1}, 1.5, [["New"]], object], ids=repr)
async def test_what_is_no_list_of_names_is_refused(halo, halo_emulator, names):
    with pytest.raises(InvalidRequestError, match="by a name or an id"):
        await halo.resolve("status", names)
    assert asked(halo_emulator, "/Status") == []


@pytest.mark.parametrize("kind", [None, 5, "", "☃", ["status"]], ids=repr)
async def test_what_is_no_kind_says_which_there_are(halo, kind):
    with pytest.raises(InvalidRequestError, match=r"cannot be looked up.*Use one of status, priority"):
        await halo.resolve(kind, "New")


async def test_that_nothing_is_left_by_the_filters_is_said(halo):
    with pytest.raises(
        UnknownNameError, match=r"The list with client_id=999, includeinactive=True is empty\.$"
    ):
        await halo.resolve("site", "Main office", includeinactive=True, client_id=999)
