"""The faults that are no single response's, on three seeds: odd content, clocks, quotas, cancelling, slips.

With `test_fault_matrix.py` every fault of the checklist is met through the emulator or a raw socket.
"""

from __future__ import annotations

import asyncio
import gc
import warnings
from random import Random

import pytest

from halo_async import ClientCredentials, Halo, RateLimit
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator
from halo_async.emulator.faults import known
from halo_async.errors import AuthenticationError, ConnectionFailedError, InvalidRequestError, PaginationError
from halo_async.settings import Instance
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.fault_matrix import LIST, PAGES, ROWS, fault, walk, walked
from tests.support.leftovers import nothing_left
from tests.support.scripted_server import ScriptedServer, Wire, respond

GET = Request("GET", "/Tickets")
everywhere = pytest.mark.parametrize("seed", [1, 2, 3])
ODD = [(number, variant) for number in ("F07", "F11", "F41", "F48") for variant in known()[number]]
BELIEVED = {"none", "own", "cut"}
"""A page 1 whose count agrees with its rows is the whole list: a walk sends no request to doubt it; an export does."""


@everywhere
@pytest.mark.parametrize(("number", "variant"), ODD)
async def test_odd_content_loses_no_row_without_a_word(number, variant, seed) -> None:
    async with nothing_left(), walked(seed, fault(number, variant, seed, once=True)) as (server, halo, _):
        outcome = await walk(server, halo)
        assert outcome.error is None or isinstance(outcome.error, PaginationError)
        server.faults.clear()
        whole = await walk(server, halo)
        assert len(set(whole.ids)) == ROWS
        on_page_1 = variant in BELIEVED and outcome.requests == 1
        assert [int(id) for id in outcome.ids] == list(whole.ids) or outcome.error is not None or on_page_1
        assert halo.transport._limiter._in_flight == 0


@everywhere
async def test_f16_a_waiter_that_is_cancelled_takes_nobody_elses_token_away(server, make, seed) -> None:
    transport = make(random=Random(seed).random)
    await transport.token()

    async def by_token(wire: Wire) -> None:
        renewed = wire.hit.headers["authorization"].endswith("-2")
        await wire.send(respond(200, {"ok": 1}) if renewed else respond(401))

    server.on("/api/Tickets", by_token)
    calls = [asyncio.create_task(transport.send(GET, decode_json)) for _ in range(200)]
    while server.count("/auth/token") < 2:
        await asyncio.sleep(0)
    gone = Random(seed).randrange(200)
    calls[gone].cancel()
    got = await asyncio.gather(*calls, return_exceptions=True)
    assert [one for at, one in enumerate(got) if at != gone] == [{"ok": 1}] * 199
    assert (server.tokens, transport._limiter._in_flight) == (2, 0)


@everywhere
@pytest.mark.parametrize("wrong", ["secret", "tenant"])
async def test_f20_a_wrong_login_is_asked_about_once(seed, wrong) -> None:
    async with nothing_left(), Emulator(seed=seed, tickets=10) as server:
        secret = "wrong" if wrong == "secret" else server.client_secret
        tenant = "wrong" if wrong == "tenant" else None
        halo = Halo(server.url, ClientCredentials(server.client_id, secret), tenant=tenant)
        for _ in range(3):
            with pytest.raises(AuthenticationError, match=wrong):
                await halo.tickets.list().first()
        await halo.aclose()
        assert len(server.requests("POST /auth/token")) == 1


@everywhere
@pytest.mark.parametrize("jump", [3600, -3600, 86_400])
async def test_f22_a_clock_that_jumps_costs_at_most_one_login(seed, jump) -> None:
    async with nothing_left(), walked(seed) as (server, halo, clock):
        at, ids = Random(seed).randrange(ROWS), []
        async for ticket in halo.tickets.list(order="id"):
            ids.append(ticket.id)
            if len(ids) == at:
                clock.set_wall(clock.time() + jump)
        assert len(set(ids)) == ROWS
        assert len(server.requests("POST /auth/token")) <= 2
        assert len(server.requests(LIST)) <= PAGES


@everywhere
async def test_f26_a_quota_that_shrinks_meanwhile_loses_no_row(seed) -> None:
    clock = VirtualClock(auto_advance=True)
    async with (
        nothing_left(),
        Emulator(seed=seed, tickets=ROWS, clock=clock, rate_limit=RateLimit(300, 300)) as server,
    ):
        credentials = ClientCredentials(server.client_id, server.client_secret)
        halo = Halo(server.url, credentials, tenant=server.tenant, clock=clock)
        ids = []
        async for ticket in halo.tickets.list(order="id"):
            ids.append(ticket.id)
            if len(ids) == seed * 20:
                server.rate_limit = RateLimit(2, 300)
        assert len(set(ids)) == ROWS
        assert halo.statistics().throttled <= 2
        await halo.aclose()


@everywhere
async def test_f28_a_walk_that_is_cancelled_anywhere_gives_its_place_back(seed) -> None:
    dice = Random(seed)
    async with nothing_left(), walked(seed) as (server, halo, _):
        for _ in range(12):
            task = asyncio.create_task(walk(server, halo))
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        # A login that was under way goes on, for the next call.
        assert (await walk(server, halo)).name == "whole"
        assert halo.transport._limiter._in_flight == 0


@everywhere
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_f01_an_instance_that_went_away_is_tried_again_whatever_the_call(
    make, server, seed, method
) -> None:
    closing = server.token().replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
    server.on("/auth/token", closing)
    transport = make(random=Random(seed).random)
    await transport.token()
    await server.stop()
    with pytest.raises(ConnectionFailedError, match="refused") as caught:
        await transport.send(Request(method, "/Tickets"), decode_json)
    assert len(caught.value.history) == 5
    await server.start()


@everywhere
@pytest.mark.parametrize("header", ["a\r\nX: y", "a\nb", "a\0", "\ud800"])
async def test_f50_nothing_leaves_with_an_injected_header(server, seed, header) -> None:
    halo = Halo(server.url, ClientCredentials("id", "secret"))
    place = Random(seed).randrange(20)
    with pytest.raises(InvalidRequestError):
        halo.tickets.with_options(headers={"X-Note": "x" * place + header})
    assert server.hits == []


@everywhere
def test_f30_f31_loops_come_and_go(seed) -> None:
    """A client is left open in one loop, used in the next, and forgotten there."""

    async def use(halo: Halo) -> object:
        return await halo.request("GET", "/Tickets")

    async def life() -> None:
        server = ScriptedServer()
        async with nothing_left():
            await server.start()
            server.on("/api/Tickets", respond(200, {"ok": seed}))
            halo = Halo(Instance.parse(server.url), ClientCredentials("id", "secret"))
            for _ in range(seed):
                assert await use(halo) == {"ok": seed}
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                del halo
                gc.collect()
            assert any("never closed" in str(warning.message) for warning in told)
            await server.stop()

    asyncio.run(life())
