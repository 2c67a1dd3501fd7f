"""``/_emulator/webhooks``: control of the webhooks over HTTP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async.emulator.webhooks.delivery import WebhookDelivery
from halo_async.emulator.webhooks.testing import WebhookSender

_REPLAY: Mapping[str, type | tuple[type, ...]] = {
    "seed": int,
    "batch": int,
    "duplicates": (int, float),
    "shuffled": bool,
}


async def control(webhooks: WebhookSender, body: Mapping[str, Any]) -> dict[str, Any]:
    """Run the body's command: register (``url``), ``send``, ``replay`` or ``bad``; else show the state.

    :raises ValueError, TypeError: the body is not valid.
    """
    if "url" in body:
        return {"id": webhooks.register(**body).id}
    if "replay" in body:
        return _list_deliveries(await webhooks.replay(**_replay(body)))
    if "bad" in body:
        return _list_deliveries(await webhooks.send_bad(_bad(webhooks, body["bad"])))
    if body.get("send"):
        return _list_deliveries(await webhooks.send())
    hooks = [{"id": hook.id, "url": hook.url} for hook in webhooks.hooks]
    return {"hooks": hooks, "pending": len(webhooks.pending), "bad": dict(webhooks.bad)}


def _replay(body: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in body.items():
        kind = int if name == "replay" else _REPLAY.get(name, ())
        if not isinstance(value, kind):
            raise TypeError(f"replay takes a number, and {', '.join(_REPLAY)}.")
    if body.get("batch", 1) < 1:
        raise ValueError("`batch` must be 1 or more.")
    return {"count": body["replay"], **{name: body[name] for name in _REPLAY if name in body}}


def _bad(webhooks: WebhookSender, name: object) -> str:
    if name not in webhooks.bad:
        raise ValueError(f"`bad` must be one of {', '.join(webhooks.bad)}.")
    return str(name)


def _list_deliveries(deliveries: Sequence[WebhookDelivery]) -> dict[str, Any]:
    shown = [
        {"webhook_id": one.hook.id, "events": len(one.events), "status": one.status, "text": one.text}
        for one in deliveries
    ]
    return {"deliveries": shown}
