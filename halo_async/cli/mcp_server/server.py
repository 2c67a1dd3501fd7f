"""The protocol's side of the tools: what is listed, and each result or refusal as the protocol has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, ListToolsResult, TextContent

from halo_async.cli.mcp_server.budget import to_json
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.cli.mcp_server.toolbox import Toolbox
from halo_async.cli.mcp_server.tools import INSTRUCTIONS, tools

if TYPE_CHECKING:
    from mcp_types import CallToolRequestParams, PaginatedRequestParams

    from halo_async.cli.mcp_server.options import ServerOptions
    from halo_async.client import Halo

NAME = "halo-async"


def create_server(halo: Halo, options: ServerOptions) -> Server[Any]:
    """Return a server whose tools use a client, which stays open as long as the server runs."""
    offered = tools(options)
    toolbox = Toolbox(halo, options, {tool.name: tool.input_schema for tool in offered})

    async def list_tools(context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=offered)

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        if params.name not in toolbox:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name!r:.100}. List the tools.")
        return await _used(toolbox, params)

    return Server(
        NAME,
        version=_version(),
        title="Halo",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _used(toolbox: Toolbox, params: CallToolRequestParams) -> CallToolResult:
    try:
        result = await toolbox.use(params.name, params.arguments or {})
    except RefusedError as refused:
        return _refuse_call(refused)
    shown = {name: value for name, value in result.items() if value is not None or name == "data"}
    return CallToolResult(content=[TextContent(text=to_json(shown))], structured_content=shown)


def _refuse_call(refused: RefusedError) -> CallToolResult:
    """The sentence alone comes first; words of the instance follow, marked as data."""
    sentence = str(refused)
    said = {} if refused.data is None else {"data": refused.data}
    content = [TextContent(text=sentence), *([TextContent(text=to_json(said))] if said else [])]
    return CallToolResult(
        content=list(content), structured_content={"error": sentence, **said}, is_error=True
    )


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("halo-async")
    except PackageNotFoundError:
        return "0"
