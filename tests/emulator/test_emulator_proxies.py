"""Every IntegrationData proxy that goes on, with every kind of third party behind it."""

from __future__ import annotations

import pytest

from halo_async.emulator import Behind
from halo_async.emulator.documents import load
from halo_async.emulator.proxies import SPELLINGS
from halo_async.emulator.routes import Routes

CHOICE = {"datatype": "devices", "resource": "devices", "endpoint": "devices", "objecttype": "devices"}
PROXIES = [one for one in Routes(load(None, "newest")).operations() if one.kind == "proxy"]
TOKENS = [one for one in PROXIES if one.hints["cursor"] == "token"]


def dig(response, path):
    for name in [path] if path in response else path.split("."):
        response = response.get(name, {})
    return response or None


async def walk(wire, proxy, under):
    """Follow a proxy to its end as its own kind asks."""
    hints, seen, value = proxy.hints, [], None
    names = proxy.query_names()
    for turn in range(10):
        query = {name: text for name, text in CHOICE.items() if name in names}
        query |= {hints["parameter"]: value} if value is not None else {}
        rows = (response := (await wire.get(proxy.path, **query)).json())["data"]
        seen += [row["id"] for row in rows]
        match hints["cursor"]:
            case "page":
                value = turn + 2
            case "offset":
                value = len(seen)
            case _:
                value = dig(response, under)
        if not rows or value is None:
            return seen
    raise AssertionError(f"{proxy.path} never ends")


def test_all_28_proxies_are_here_and_all_three_kinds():
    assert len(PROXIES) == 28
    assert {proxy.hints["cursor"] for proxy in PROXIES} == {"page", "offset", "token"}


@pytest.mark.parametrize("proxy", PROXIES, ids=lambda proxy: proxy.path.rsplit("/", 1)[1])
async def test_a_proxy_is_walked_to_its_end_by_its_own_parameter(start, proxy):
    wire = await start(proxies=Behind(rows=25, page=10))
    assert await walk(wire, proxy, proxy.hints["parameter"]) == list(range(1, 26))


@pytest.mark.parametrize("under", SPELLINGS)
async def test_the_continuation_can_stand_under_every_known_spelling(start, under):
    wire = await start(proxies=Behind(under=under))
    assert await walk(wire, TOKENS[0], under) == list(range(1, 26))


async def test_a_full_page_may_carry_no_continuation_at_all(start):
    wire = await start(proxies=Behind(under="none"))
    response = (await wire.get(TOKENS[0].path, **CHOICE)).json()
    assert response.keys() == {"data"}
    assert len(response["data"]) == 10


async def test_a_third_party_may_respond_with_a_bare_array(start):
    wire = await start(proxies=Behind(key=None))
    assert len((await wire.get(TOKENS[0].path, **CHOICE)).json()) == 10


async def test_each_proxy_can_have_a_third_party_of_its_own(start):
    wire = await start(proxies={"NinjaRMM": Behind(rows=3), "*": Behind(rows=4)})
    ninja = (await wire.get("/IntegrationData/Get/NinjaRMM", datatype="devices")).json()
    syncro = (await wire.get("/IntegrationData/Get/Syncro", datatype="devices")).json()
    assert (len(ninja["data"]), len(syncro["data"])) == (3, 4)


async def test_microsoft_csp_goes_on_by_either_of_its_two_names(wire):
    path = "/IntegrationData/Get/MicrosoftCSP"
    link = (await wire.get(path, datatype="customers", nextLink="t-10")).json()
    token = (await wire.get(path, datatype="customers", continuationToken="t-10")).json()
    assert link == token
    assert link["data"][0]["id"] == 11
