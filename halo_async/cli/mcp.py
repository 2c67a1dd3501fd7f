"""`halo-async mcp`: the operations of an instance as tools for assistants."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async._utils.secret import Secret
    from halo_async.cli.connection import Connection
    from halo_async.cli.mcp_server.options import ServerOptions

TOKEN = "HALO_MCP_TOKEN"  # noqa: S105 - the variable's name
_SHORTEST = 16


@connected
def mcp(
    connection: Connection,
    resources: Annotated[
        str | None,
        typer.Option("--resources", metavar="A,B,...", help="Only these resources. Default: all."),
    ] = None,
    allow_writes: Annotated[
        bool, typer.Option("--allow-writes", help="Permit writes, each shown first and then confirmed.")
    ] = False,
    export_folder: Annotated[
        Path | None,
        typer.Option("--export-folder", metavar="DIR", help="Folder for exported files. Default: none."),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="N", help="Maximum size of one result. Default: 8000."),
    ] = None,
    http: Annotated[
        bool, typer.Option("--http", help="Serve HTTP on 127.0.0.1, not standard input and output.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="PORT", min=0, max=65535, help="Port for --http. Default: any free one."
        ),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file", metavar="FILE", help="File with the bearer token for --http (HALO_MCP_TOKEN)."
        ),
    ] = None,
) -> int:
    """Serve an instance to assistants by the Model Context Protocol.

    Tools: search_operations, describe_operation, call_operation, run_report (SELECT only) and export_rows.
    It only reads, unless --allow-writes is given; then each write is shown before it is sent. Over HTTP
    it serves this machine alone, for clients with the bearer token. A token is made up and printed on
    stderr if none is given by --token-file or HALO_MCP_TOKEN.

    Example:
      halo-async mcp --resources tickets,client,agent
      halo-async mcp --http --port 8765 --export-folder exports
    """
    from halo_async.cli.errors import UsageError, option_names
    from halo_async.cli.signals import run_awake

    if not http and (port is not None or token_file is not None):
        raise UsageError("--port and --token-file are for --http. Add it, or leave them out.")
    _check_installed()
    from halo_async.cli.mcp_server.options import BUDGET, server_options

    options = server_options(
        allow_writes=allow_writes,
        resources=option_names("--resources", None if resources is None else [resources]),
        budget=BUDGET if max_tokens is None else max_tokens,
        export_folder=export_folder,
    )
    if http:
        return run_awake(_serve_http(connection, options, _given_token(token_file), port or 0))
    return run_awake(_serve_stdio(connection, options))


def _check_installed() -> None:
    from importlib import import_module

    from halo_async.cli.errors import UsageError

    try:
        import_module("mcp.server.lowlevel")
    except ImportError:
        raise UsageError('The server requires mcp. Run pip install "halo-async[mcp]".') from None


async def _serve_stdio(connection: Connection, options: ServerOptions) -> int:
    from halo_async.cli.mcp_server.server import create_server
    from halo_async.cli.mcp_server.stdio import serve_stdio
    from halo_async.cli.signals import on_signals

    async with connection.open() as halo:
        await serve_stdio(create_server(halo, options), on_signals)
    return 0


async def _serve_http(connection: Connection, options: ServerOptions, given: Secret | None, port: int) -> int:
    """Serve until SIGINT or SIGTERM; both are a normal exit.

    :param given: the bearer token; None for a new one, which is printed once it is of use.
    :raises UsageError: the port is taken.
    """
    from halo_async.cli.errors import UsageError, remark
    from halo_async.cli.mcp_server.http import HttpServer, new_token
    from halo_async.cli.mcp_server.server import create_server
    from halo_async.cli.signals import on_signals

    token = given or new_token()
    async with connection.open() as halo:
        try:
            server = HttpServer(create_server(halo, options), token, port)
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            raise UsageError(f"Port {port} cannot be listened on ({reason}). Use --port 0.") from error
        on_signals(server.stop)
        if given is None:
            remark(f"{TOKEN}={token.reveal()}")
        remark(f"serving {server.url}")
        await server.serve()
    return 0


def _given_token(file: Path | None) -> Secret | None:
    """Return the bearer token of the file or of the environment; None if neither has one."""
    from halo_async._utils.secret import Secret
    from halo_async._utils.secret_file import is_one_word, read_secret_file
    from halo_async.cli.errors import UsageError

    if file is not None:
        return _long_enough(read_secret_file(file))
    if given := os.environ.get(TOKEN, "").strip():
        if not is_one_word(token := Secret(given)):
            raise UsageError(f"{TOKEN} is not one word. Set it to a random one.")
        return _long_enough(token)
    return None


def _long_enough(token: Secret) -> Secret:
    from halo_async.cli.errors import UsageError

    if len(token.reveal()) < _SHORTEST:
        raise UsageError(f"The bearer token has fewer than {_SHORTEST} characters. Use a longer random one.")
    return token
