"""Webhooks posted by Halo: `handler` for aiohttp, `receive` for any other framework.

Both check Basic credentials, accept single and batched deliveries, and return `Event` values with ticket
and action as records.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.errors import WebhookError as WebhookError
    from halo_async.errors import WebhookUnauthorizedError as WebhookUnauthorizedError
    from halo_async.webhooks.event import Event as Event
    from halo_async.webhooks.receiver import MAX_BYTES as MAX_BYTES
    from halo_async.webhooks.receiver import receive as receive
    from halo_async.webhooks.route import handler as handler
    from halo_async.webhooks.trigger import WatchTrigger as WatchTrigger

__all__ = [
    "MAX_BYTES",
    "Event",
    "WatchTrigger",
    "WebhookError",
    "WebhookUnauthorizedError",
    "handler",
    "receive",
]

_TABLE = {
    "Event": "event",
    "MAX_BYTES": "receiver",
    "WatchTrigger": "trigger",
    "WebhookError": "halo_async.errors",
    "WebhookUnauthorizedError": "halo_async.errors",
    "handler": "route",
    "receive": "receiver",
}

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    __getattr__, __dir__ = attach(__name__, _TABLE)
