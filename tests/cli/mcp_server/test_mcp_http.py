"""The same tools over HTTP: for this machine alone, and for those who know the token."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from halo_async import Halo
from halo_async._utils.secret import Secret
from halo_async.cli.mcp_server.http import HttpServer, new_token
from halo_async.cli.mcp_server.options import server_options
from halo_async.cli.mcp_server.server import create_server
from halo_async.emulator import Emulator
from tests.support.cli_kit import finish, login, start
from tests.support.mcp_kit import Use, user_of

PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@asynccontextmanager
async def connected(url: str, token: str, mode: str = "auto") -> AsyncIterator[Use]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        await client.list_tools()
        yield user_of(client)


@asynccontextmanager
async def serving(halo: Halo, token: Secret) -> AsyncIterator[HttpServer]:
    """A server in this loop, for the time of a block."""
    server = HttpServer(create_server(halo, server_options()), token)
    async with anyio.create_task_group() as group:
        group.start_soon(server.serve)
        yield server
        server.stop()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_sdks_client_uses_the_tools_over_a_socket(halo: Halo, mode: str) -> None:
    token = new_token()
    async with serving(halo, token) as server, connected(server.url, token.reveal(), mode) as use:
        read = await use("call_operation", operation="tickets.list", fields=["id"], limit=2)
        write = await use("call_operation", operation="tickets.delete", arguments={"id": 7})
        unknown = await use("call_operation", operation="tickets.gte")
        long = await use("call_operation", operation="tickets.list", max_tokens=500)
    assert (len(read.data), read.result["total"]) == (2, 1000)
    assert "this server only reads" in write.refusal
    assert unknown.refusal.endswith("Did you mean tickets.get?")
    assert "Repeat the call with `fields`" in long.refusal


async def test_only_requests_of_this_machine_with_the_token_are_served(halo: Halo) -> None:
    token = Secret("a-token-of-this-test")
    right = {**ACCEPT, "Authorization": f"Bearer {token.reveal()}"}
    async with serving(halo, token) as server, aiohttp.ClientSession() as session:

        async def status(headers: dict[str, str], url: str = server.url) -> int:
            async with session.post(url, json=PING, headers=headers) as response:
                assert token.reveal() not in await response.text()
                return response.status

        here = f"127.0.0.1:{server.port}"
        assert await status(ACCEPT) == 401
        assert await status({**ACCEPT, "Authorization": "Bearer another-token-here"}) == 401
        assert await status({**ACCEPT, "Authorization": f"Basic {token.reveal()}"}) == 401
        assert await status(ACCEPT, f"http://{here}/other") == 401
        assert await status({**right, "Host": f"rebound.example:{server.port}"}) == 421
        assert await status({**right, "Host": "127.0.0.1:1"}) == 421
        assert await status({**right, "Origin": "https://rebound.example"}) == 403
        assert await status({**right, "Origin": f"http://{here}.rebound.example"}) == 403
        assert await status(right) not in (401, 403, 421)
        assert await status({**right, "Origin": f"http://{here}"}) not in (401, 403, 421)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals that a process can handle")
async def test_the_command_prints_address_and_token_and_ends_by_a_signal(halo_emulator: Emulator) -> None:
    process = start("mcp", "--http", env=login(halo_emulator))
    try:
        assert process.stderr
        token = re.fullmatch(r"HALO_MCP_TOKEN=(\S{40,})\n", process.stderr.readline())
        url = re.fullmatch(r"serving (http://127\.0\.0\.1:\d+/mcp)\n", process.stderr.readline())
        assert token
        assert url
        async with connected(url[1], token[1]) as use:
            assert (await use("search_operations", text="ticket")).result["total"] > 10
        process.send_signal(signal.SIGTERM)
    finally:
        outcome = finish(process)
    assert (outcome.code, outcome.out) == (0, "")


async def test_a_token_of_a_file_is_used_and_not_printed(halo_emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("a-token-of-a-file\n")
    process = start("mcp", "--http", "--token-file", str(file), env=login(halo_emulator))
    try:
        assert process.stderr
        first = process.stderr.readline()
        async with connected(first.split()[1], "a-token-of-a-file") as use:
            assert (await use("search_operations", text="ticket")).result["total"] > 10
    finally:
        process.terminate()
        outcome = finish(process)
    assert "a-token-of-a-file" not in first + outcome.err


def test_only_connections_from_this_machine_are_listened_for(halo: Halo) -> None:
    server = HttpServer(create_server(halo, server_options()), new_token())
    assert server._socket.getsockname()[0] == "127.0.0.1"
    server._socket.close()
