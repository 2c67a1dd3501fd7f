"""The IntegrationData calls: Halo passing a third party's answer through.

No public source shows a successful page, so where the continuation stands in the answer is a guess: under the
request's own name.
"""

from __future__ import annotations

from typing import Any

import attrs

from halo_async.emulator.call import Call
from halo_async.emulator.data.dice import Dice, guid
from halo_async.emulator.data.words import PLACES, THINGS
from halo_async.emulator.errors import sentence
from halo_async.emulator.reply import Reply, json_reply, text_reply
from halo_async.emulator.world import World

# A proxy that has one of these refuses to guess what is wanted (measured).
_CHOOSERS = {
    "datatype": "Invalid Data Type",
    "resource": "Invalid Resource",
    "endpoint": "Invalid endpoint",
    "objecttype": "Invalid Resource",
}
_SAML = "urn:oasis:names:tc:SAML:2.0:metadata"
_XML = f'<?xml version="1.0"?><EntityDescriptor xmlns="{_SAML}" entityID="emulator"/>'


@attrs.frozen
class Behind:
    """The third party behind a proxy: how many rows it has and how many it gives at a time."""

    rows: int = 25
    page: int = 10


def answer(world: World, behind: Behind, call: Call) -> Reply:
    """One page of the third party's rows, in the way that the proxy's parameters ask for."""
    odd = _odd(call)
    if odd is not None:
        return odd
    names = call.operation.query_names()
    for name, message in _CHOOSERS.items():
        if name in names and not call.text(name):
            return sentence(message)
    start, continuation = _position(call, behind.page)
    rows = [_row(world, call, index) for index in range(start, min(start + behind.page, behind.rows))]
    return json_reply(_page(call, rows, start + len(rows), behind, continuation))


def _odd(call: Call) -> Reply | None:
    path = call.operation.path.lower()
    if path.endswith("/saml/sp/metadata"):
        return text_reply(_XML, content_type="application/xml")
    if path.endswith(("/shopifyverify", "/bigpanda/getdevicelist")):
        return Reply(302, headers={"Location": "/portal/login"})
    if "/search/" in path and not call.text("search"):
        return json_reply("")
    return None


def _position(call: Call, size: int) -> tuple[int, str]:
    """Where to begin, and which kind of continuation the proxy has."""
    kind = str(call.operation.hints.get("continuation", ""))
    value = call.text(str(call.operation.hints.get("parameter", "")))
    match kind:
        case "page":
            return max(0, _number(value, 1) - 1) * size, kind
        case "offset":
            return max(0, _number(value, 0)), kind
        case "token":
            return max(0, _number(value.rpartition("-")[2], 0)), kind
        case _:
            return 0, ""


def _number(text: str, default: int) -> int:
    try:
        return int(text)
    except ValueError:
        return default


def _row(world: World, call: Call, index: int) -> dict[str, Any]:
    bits = Dice(world.desk.seed, call.operation.path)(index)
    return {
        "id": index + 1,
        "name": f"{PLACES[bits % len(PLACES)]} {THINGS[(bits >> 9) % len(THINGS)]}",
        "externalId": guid(bits),
        "active": bool(bits & 3),
    }


def _page(call: Call, rows: list[dict[str, Any]], next: int, behind: Behind, kind: str) -> Any:
    if not kind:
        return rows
    answer: dict[str, Any] = {"data": rows}
    if kind == "token" and next < behind.rows:
        answer[str(call.operation.hints["parameter"])] = f"t-{next}"
    return answer
