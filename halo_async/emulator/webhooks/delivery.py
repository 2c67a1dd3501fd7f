"""One POST to a receiver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from time import perf_counter
from typing import TYPE_CHECKING, Any

import attrs
import msgspec

from halo_async.emulator.webhooks.hook import WebhookSubscription

if TYPE_CHECKING:
    from aiohttp import ClientSession

TIMEOUT = 30.0


@attrs.frozen
class WebhookDelivery:
    """A request to a webhook and the receiver's response.

    ``status`` is 0 if there was no response; ``text`` then contains the reason.
    """

    hook: WebhookSubscription
    events: Sequence[Mapping[str, Any]] = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    status: int = 0
    text: str = ""
    seconds: float = 0.0


def packed(hook: WebhookSubscription, events: Sequence[Mapping[str, Any]]) -> WebhookDelivery:
    """Return an unsent delivery: one event, or several as the webhook batches them."""
    value: Any = events[0] if hook.batch == "none" and len(events) == 1 else list(events)
    if hook.batch == "events":
        value = {"webhook_id": hook.id, "events": value}
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if hook.authorization is not None:
        headers["Authorization"] = hook.authorization
    return WebhookDelivery(hook, tuple(events), headers, msgspec.json.encode(value))


async def sent(session: ClientSession, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the delivery and return it with the receiver's response; a missing response does not raise."""
    import aiohttp

    start = perf_counter()
    try:
        async with session.post(
            delivery.hook.url,
            data=BytesIO(delivery.body),
            headers=delivery.headers,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=TIMEOUT),
        ) as response:
            status, text = response.status, (await response.content.read(65_536)).decode("utf-8", "replace")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        status, text = 0, f"{type(error).__name__}: {error}"
    return attrs.evolve(delivery, status=status, text=text, seconds=perf_counter() - start)
