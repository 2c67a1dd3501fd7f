"""Admin API ``/_emulator/``: the controls over HTTP, for tests in other languages. All bodies are JSON.

It needs no token, so it must be protected from web pages open on the same machine: a GET changes nothing,
and requests with a foreign ``Origin`` or a foreign ``Host`` (a name that was rebound to 127.0.0.1) are
rejected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from halo_async._utils.json_depth import decode
from halo_async._utils.web_address import is_loopback
from halo_async.emulator.journal import RecordedRequest
from halo_async.emulator.reply import Reply, json_reply

ROOT = "/_emulator/"
TELLS: Mapping[str, frozenset[str]] = {
    "state": frozenset(),
    "truth": frozenset(),
    "requests": frozenset({"pattern"}),
    "faults": frozenset(),
    "webhooks": frozenset(),
}
"""Read-only calls available by GET, with the parameters that filter each."""


class Controls(Protocol):
    """Controls of a running instance."""

    async def control(self, name: str, body: Mapping[str, Any]) -> Any:
        """Execute one admin call.

        :raises KeyError: for a name that does not exist.
        :raises ValueError, TypeError: for an invalid body.
        """
        ...


async def respond(controls: Controls, entry: RecordedRequest) -> Reply:
    """Return the response to one admin call.

    It is 403 for a foreign host or origin, 405 for a change by anything but POST, 404 for an unknown name,
    400 with the reason for an invalid body.
    """
    name = entry.path[len(ROOT) :].strip("/").lower()
    foreign = _foreign(entry)
    if foreign:
        return json_reply({"error": foreign}, 403)
    if entry.method != "POST" and not _only_tells(name, entry):
        return Reply(405, headers={"Allow": "POST"})
    try:
        body = decode(entry.body) if entry.body.strip() else dict(entry.query)
        if not isinstance(body, dict):
            return json_reply({"error": "The body must be a JSON object."}, 400)
        return json_reply(await controls.control(name, body))
    except KeyError:
        return json_reply({"error": f"There is no {ROOT}{name}."}, 404)
    except (ValueError, TypeError, RecursionError) as error:
        return json_reply({"error": str(error)}, 400)


def _foreign(entry: RecordedRequest) -> str:
    """Return why a request is not from the same machine; empty if it is."""
    host = entry.headers.get("host", "")
    if not is_loopback(_name_of(host)):
        return f"The Host header must name this machine (127.0.0.1 or localhost), not {host[:100]!r}."
    origin = entry.headers.get("origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        return "A page of another origin must not send requests here."
    return ""


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _only_tells(name: str, entry: RecordedRequest) -> bool:
    """Return whether a request other than POST is allowed: a GET that changes nothing."""
    allowed = TELLS.get(name)
    given = {key for key, _ in entry.query}
    return entry.method == "GET" and allowed is not None and given <= allowed and not entry.body.strip()
