"""The listener of a browser login, visited as browsers and others do."""

from __future__ import annotations

import asyncio
import logging

import pytest

from halo_async.auth.redirect_listener import RedirectListener
from halo_async.errors import AuthenticationError


async def get(port: int, query: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /{query} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    response = await reader.read()
    writer.close()
    return response.decode()


def port_of(visit: RedirectListener) -> int:
    return int(visit.url.rstrip("/").rpartition(":")[2])


async def test_a_connection_on_which_nothing_comes_holds_nobody_up(caplog, monkeypatch) -> None:
    monkeypatch.setattr("halo_async.auth.redirect_listener._SILENCE", 3600.0)
    async with asyncio.timeout(60), RedirectListener("mine") as visit:
        idle = [await asyncio.open_connection("127.0.0.1", port_of(visit)) for _ in range(3)]
        await get(port_of(visit), "?code=c&state=mine")
        assert (await visit.code(5)).reveal() == "c"
    for reader, writer in idle:
        assert await reader.read() == b""
        writer.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?code=c&state=mine", "Logged in."),
        ("?error=access_denied&state=mine", "The login was refused."),
        ("?code=c&state=another", "Nothing to see here."),
        ("?code=c", "Nothing to see here."),
        ("favicon.ico", "Nothing to see here."),
        ("?state=mine", "Nothing to see here."),
    ],
)
async def test_the_page_says_what_came_of_it(query, said) -> None:
    async with RedirectListener("mine") as visit:
        assert said in await get(port_of(visit), query)


async def test_the_first_of_two_visits_counts_and_the_second_does_no_harm() -> None:
    async with RedirectListener("mine") as visit:
        pages = await asyncio.gather(*(get(port_of(visit), f"?code=c{n}&state=mine") for n in range(30)))
        assert (await visit.code(5)).reveal().startswith("c")
    assert all("200 OK" in page for page in pages)


async def test_visits_of_others_do_not_crowd_out_the_right_one() -> None:
    async with RedirectListener("mine") as visit:
        for _ in range(40):
            await get(port_of(visit), "?code=evil&state=guessed")
        await get(port_of(visit), "?code=good&state=mine")
        assert (await visit.code(5)).reveal() == "good"


async def test_a_port_that_is_taken_is_told() -> None:
    async with RedirectListener("mine") as visit:
        with pytest.raises(AuthenticationError, match="cannot be listened on"):
            async with RedirectListener("mine", port_of(visit)):
                raise AssertionError
