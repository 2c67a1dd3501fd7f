"""Invalid deliveries that a receiver must refuse, by name."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import attrs

from halo_async.emulator.webhooks.delivery import WebhookDelivery

Spoil = Callable[[WebhookDelivery], WebhookDelivery]


def _headers(**changes: str | None) -> Spoil:
    def spoil(delivery: WebhookDelivery) -> WebhookDelivery:
        changed = {**delivery.headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
        return attrs.evolve(
            delivery, headers={name: value for name, value in changed.items() if value is not None}
        )

    return spoil


def _change_body(change: Callable[[bytes], bytes]) -> Spoil:
    return lambda delivery: attrs.evolve(delivery, body=change(delivery.body))


def _wrong_password(delivery: WebhookDelivery) -> WebhookDelivery:
    user = delivery.hook.username or "nobody"
    encoded = base64.b64encode(f"{user}:not the password".encode()).decode()
    return _headers(Authorization=f"Basic {encoded}")(delivery)


BAD: Mapping[str, tuple[int, Spoil]] = {
    "no credentials": (401, _headers(Authorization=None)),
    "wrong password": (401, _wrong_password),
    "garbled credentials": (401, _headers(Authorization="Basic %%%")),
    "bearer token": (401, _headers(Authorization="Bearer c29tZXRoaW5n")),
    "truncated": (400, _change_body(lambda body: body[: len(body) // 2])),
    "web page": (400, _change_body(lambda body: b"<html><body>Sign in</body></html>")),
    "empty": (400, _change_body(lambda body: b"")),
    "no object": (400, _change_body(lambda body: b'"ticket status changed"')),
    "not UTF-8": (400, _change_body(lambda body: b'{"message": "caf\xe9"}')),
    "too deep": (400, _change_body(lambda body: b"[" * 100_000 + b"]" * 100_000)),
    "not JSON by its type": (400, _headers(Content_Type="text/html")),
    "too large": (413, _change_body(lambda body: b'{"event": "' + b"x" * (17 * 1024 * 1024) + b'"}')),
}
"""By name: the status that a receiver should return, and what makes the delivery invalid."""
