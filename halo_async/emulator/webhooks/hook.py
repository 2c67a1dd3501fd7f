"""Webhook receivers: rows of ``/Webhook``, as registered here or posted to the API."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

import attrs

from halo_async._utils.secret import Secret
from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.state import EmulatorState

Payload = Literal["full", "small", "event"]
Batch = Literal["none", "array", "events"]


def _one_of(kind: Any) -> Any:
    """Return a validator with a short message; the one of attrs shows its internals to the user."""

    def check(hook: Any, attribute: Any, value: Any) -> None:
        if value not in get_args(kind):
            raise ValueError(f"{attribute.name} must be one of {', '.join(get_args(kind))}, not {value!r}")

    return check


@attrs.frozen
class WebhookSubscription:
    """One webhook.

    :param payload: ``full`` objects, ``small`` objects, or ``event`` information only (the three in Halo's
        guide).
    :param batch: whether all pending events are sent in one delivery, as an array or as an object with
        ``events`` (Halo's batch format is not known).
    """

    id: str
    url: str
    username: str | None = None
    password: Secret | None = attrs.field(default=None, repr=False)
    payload: Payload = attrs.field(default="full", validator=_one_of(Payload))
    batch: Batch = attrs.field(default="none", validator=_one_of(Batch))

    @property
    def authorization(self) -> str | None:
        """The Authorization header to send, or None without authentication."""
        if self.username is None or self.password is None:
            return None
        text = f"{self.username}:{self.password.reveal()}"
        return f"Basic {base64.b64encode(text.encode()).decode()}"


def row(hook: WebhookSubscription, name: str) -> dict[str, Any]:
    """Return a webhook in the form of a ``/Webhook`` row."""
    kept: dict[str, Any] = {
        "id": hook.id,
        "name": name,
        "url": hook.url,
        "type": 0,
        "method": 0,
        "content_type": "application/json",
        "authentication_type": 0 if hook.username is None else 1,
        "active": True,
    }
    return kept if hook.username is None else {**kept, "basic_username": hook.username}


def new_id(world: EmulatorState, number: int) -> str:
    """Return the id of the next webhook."""
    return guid(SeededRandom(world.desk.seed, "webhook")(number))


def posted(world: EmulatorState, known: Mapping[str, WebhookSubscription]) -> Iterator[WebhookSubscription]:
    """Yield the active webhooks: those registered here unchanged, the others as in their rows."""
    table = world.table("/Webhook")
    for number in table.ids:
        if number not in table.written:
            continue  # seeded: its URL is made up
        fields = table.full(number)
        if fields.get("active") is not False and isinstance(fields.get("url"), str):
            yield known.get(str(fields["id"])) or _parse_subscription(fields)


def _parse_subscription(fields: Mapping[str, Any]) -> WebhookSubscription:
    named = fields.get("authentication_type") != 0 and fields.get("basic_username") is not None
    return WebhookSubscription(
        str(fields["id"]),
        fields["url"],
        str(fields["basic_username"]) if named else None,
        Secret(str(fields.get("basic_password") or "")) if named else None,
        batch="array" if fields.get("batch_method") else "none",
    )
