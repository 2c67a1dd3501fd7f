"""Every IntegrationData proxy through the client, with emulated third parties behind it."""

from __future__ import annotations

from typing import Any

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._operations.operation import Operation
from halo_async._operations.resource import operations
from halo_async.emulator import Behind, Emulator
from halo_async.emulator.proxies import SPELLINGS
from halo_async.errors import CursorNotFoundError, UnexpectedRedirectError
from halo_async.pagination.pages import PaginationWarning
from tests.support.operations_kit import newest_with

PROXIES = [one for one in operations() if one.name.startswith("integration_data.") and one.method == "GET"]
PAGED = [one for one in PROXIES if one.kind == "proxy"]
OTHERS = [one for one in PROXIES if one.kind != "proxy" and newest_with(one) == "newest"]
BY_TOKEN = [one for one in PAGED if one.cursor and one.cursor.kind == "token"]
# Without one of these a proxy refuses to guess what is wanted (measured).
CHOOSERS = ("datatype", "resource", "endpoint", "objecttype")
FIVE_PAGES = {"rows": 48, "page": 10}


def client(emulator: Emulator) -> Halo:
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    return Halo(emulator.url, credentials, tenant=emulator.tenant, rate_limit=None)


def call(halo: Halo, operation: Operation, **more: Any) -> Any:
    """The operation called with what it must be told, and nothing that helps it to go on."""
    found: Any = halo
    for part in operation.name.split("."):
        found = getattr(found, part)
    chosen = {p.python_name: "devices" for p in operation.parameters if p.name.lower() in CHOOSERS}
    needed = {name: 1 for name in operation.required if name not in chosen}
    return found(**chosen, **needed, **more)


def test_there_are_28_paged_proxies_of_all_three_kinds():
    assert len(PAGED) == 28
    assert {one.cursor.kind for one in PAGED if one.cursor} == {"page", "offset", "token"}
    assert len(OTHERS) > 60


@pytest.mark.parametrize("under", ["request", "@odata.nextLink"])
async def test_every_proxy_is_walked_through_five_pages_with_no_extractor_given(under):
    async with (
        Emulator(rate_limit=None, proxies=Behind(**FIVE_PAGES, under=under)) as emulator,
        client(emulator) as halo,
    ):
        for operation in PAGED:
            before = len(emulator.requests)
            ids = [row["id"] async for row in call(halo, operation)]
            assert ids == list(range(1, 49)), operation.name
            asked = list(emulator.requests)[before:]
            by_token = operation.cursor.kind == "token"
            assert len(asked) == (5 if by_token else 6), operation.name
            flag = operation.cursor.paging_flag
            assert flag is None or all(dict(one.query)[flag] == "true" for one in asked)
            assert not {name for one in asked for name, _ in one.query} & operation.client_options


@pytest.mark.parametrize("under", [spelling for spelling in SPELLINGS if spelling != "bookmark"])
async def test_every_known_spelling_of_a_cursor_is_followed(under):
    async with (
        Emulator(rate_limit=None, proxies=Behind(**FIVE_PAGES, under=under)) as emulator,
        client(emulator) as halo,
    ):
        for operation in BY_TOKEN:
            assert len(await call(halo, operation).all()) == 48, operation.name


async def test_full_page_without_a_cursor_is_told_by_every_proxy_that_follows_one():
    async with (
        Emulator(rate_limit=None, proxies=Behind(**FIVE_PAGES, under="none")) as emulator,
        client(emulator) as halo,
    ):
        for operation in BY_TOKEN:
            with pytest.raises(CursorNotFoundError, match="It contains data"):
                await call(halo, operation).all()
            with pytest.warns(PaginationWarning, match="It contains data"):
                assert len(await call(halo, operation, on_incomplete="warn").all()) == 10


async def test_all_other_proxies_give_their_response_as_it_is():
    redirected = set()
    async with Emulator(rate_limit=None) as emulator, client(emulator) as halo:
        for operation in OTHERS:
            before = len(emulator.requests)
            try:
                response = await call(halo, operation)
            except UnexpectedRedirectError:
                redirected.add(operation.name.partition(".")[2])
            else:
                assert isinstance(response, list | dict | str), operation.name
            assert len(emulator.requests) == before + 1
    assert redirected == {"big_panda.get_device_list", "shopify_verify.get"}
