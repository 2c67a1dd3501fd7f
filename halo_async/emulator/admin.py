"""``/_emulator/``: the knobs over HTTP, for tests in other languages. Bodies and answers are JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from halo_async.emulator.journal import RecordedRequest
from halo_async.emulator.reply import Reply, json_reply

ROOT = "/_emulator/"


class Controls(Protocol):
    """What can be turned while an instance runs."""

    async def control(self, name: str, body: Mapping[str, Any]) -> Any:
        """Do what one admin call asks.

        :raises KeyError: for a name that does not exist.
        :raises ValueError, TypeError: for a body that does not fit.
        """
        ...


async def answer(controls: Controls, entry: RecordedRequest) -> Reply:
    """The answer to one admin call: 404 for an unknown name, 400 with the reason for a body that does not fit."""
    name = entry.path[len(ROOT) :].strip("/").lower()
    try:
        body = msgspec.json.decode(entry.body) if entry.body.strip() else dict(entry.query)
        if not isinstance(body, dict):
            return json_reply({"error": "the body has to be a JSON object"}, 400)
        return json_reply(await controls.control(name, body))
    except KeyError:
        return json_reply({"error": f"there is no {ROOT}{name}"}, 404)
    except (ValueError, TypeError) as error:
        return json_reply({"error": str(error)}, 400)
