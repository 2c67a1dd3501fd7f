"""`halo-async mcp`: its options, before it serves anything."""

from __future__ import annotations

import socket
import sys

import pytest


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--port", "8765"], "--port and --token-file are for --http. Add it, or leave them out."),
        (["--resources", "tikets"], "There is no resource 'tikets'. Did you mean 'tickets'?"),
        (["--resources", ""], "--resources is empty. Give a name, or leave it out for all."),
        (["--resources", " , "], "--resources is empty. Give a name, or leave it out for all."),
        (["--max-tokens", "5"], "A result of 5 tokens holds too little. Allow 500 or more."),
        (["--export-folder", "/nowhere"], "/nowhere is not a folder. Create it, or name another one."),
        (["--http", "--token-file", "/nowhere"], "The secret in /nowhere cannot be read"),
    ],
)
def test_a_wrong_option_is_one_sentence(halo_async, options: list[str], sentence: str) -> None:
    outcome = halo_async("mcp", *options)
    assert outcome.code == 2
    assert outcome.sentence.startswith(sentence)


def test_a_short_token_is_refused(halo_async) -> None:
    outcome = halo_async("mcp", "--http", HALO_MCP_TOKEN="tiny")
    assert outcome.code == 2
    assert outcome.sentence.startswith("The bearer token has fewer than 16 characters.")
    assert "tiny" not in outcome.err


def test_a_port_that_is_taken_is_said_before_any_token_is_made_up(halo_async) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = halo_async("mcp", "--http", "--port", str(port))
    assert outcome.code == 2
    assert outcome.sentence.startswith(f"Port {port} cannot be listened on")
    assert "HALO_MCP_TOKEN" not in outcome.err


def test_a_login_that_is_refused_is_said_before_any_token_is_made_up(halo_async) -> None:
    outcome = halo_async("mcp", "--http", HALO_CLIENT_SECRET="wrong")
    assert outcome.code == 3
    assert "HALO_MCP_TOKEN" not in outcome.err


def test_without_the_extra_the_command_names_it(halo_async, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    outcome = halo_async("mcp")
    assert outcome.code == 2
    assert outcome.sentence == 'The server requires mcp. Run pip install "halo-async[mcp]".'
