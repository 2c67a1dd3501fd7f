"""An assistant's side of the protocol: the SDK's own client, and what a tool call came to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
from mcp import Client

from halo_async import Halo
from halo_async.cli.mcp_server.options import server_options
from halo_async.cli.mcp_server.server import create_server


@attrs.frozen
class Used:
    """What a tool call came to."""

    result: dict[str, Any]
    texts: list[str]
    refused: bool

    @property
    def refusal(self) -> str:
        """The sentence of a refusal."""
        assert self.refused, self.result
        assert self.texts[0] == self.result["error"]
        return self.texts[0]

    @property
    def data(self) -> Any:
        """The data of a result; the text says the same as the structure."""
        assert not self.refused, self.texts
        assert json.loads(self.texts[0]) == self.result
        return self.result["data"]


Use = Callable[..., Awaitable[Used]]


def user_of(client: Client) -> Use:
    """`await use("call_operation", operation="tickets.list")`."""

    async def use(tool: str, /, **given: Any) -> Used:
        response = await client.call_tool(tool, given)
        texts = [getattr(part, "text", "") for part in response.content]
        return Used(response.structured_content, texts, bool(response.is_error))

    return use


@asynccontextmanager
async def assistant(halo: Halo, **options: Any) -> AsyncIterator[Use]:
    """An assistant that is connected to a server with these options, in this process."""
    async with Client(create_server(halo, server_options(**options))) as client:
        await client.list_tools()  # its schemas: the client holds results against them
        yield user_of(client)


def files_in(folder: Path) -> list[str]:
    """Names of everything in a folder, hidden ones too."""
    return sorted(path.name for path in folder.iterdir())
