"""Conversion of a request's headers and body to events, for any framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from halo_async._utils.secret import Secret
from halo_async._utils.validation import article, check_callable, check_whole_number
from halo_async.errors import SettingsError, WebhookError, WebhookUnauthorizedError
from halo_async.webhooks.basic import BasicAuthentication
from halo_async.webhooks.body import read_json
from halo_async.webhooks.event import Event, events_in

MAX_BYTES = 16 * 1024 * 1024
"""Default limit of a delivery. A ticket with all its fields has some 20 kB."""

Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]
"""Mapping, or pairs (including ASGI's, in bytes)."""
Unpack = Callable[[Any], Iterable[Mapping[str, Any]]]
"""Function from a delivery's JSON to one object per event, for custom payloads."""


def receive(
    headers: Headers,
    body: bytes,
    *,
    username: str | None,
    password: str | Secret | None,
    unpack: Unpack | None = None,
    max_bytes: int = MAX_BYTES,
) -> Sequence[Event]:
    """Return the events of one delivery.

    ```python
    from halo_async import webhooks

    body = b'{"event": "New Ticket", "object_id": 7, "ticket": {"id": 7, "summary": "Paper"}}'
    (event,) = webhooks.receive({}, body, username=None, password=None)
    print(event.name, event.object_id)
    ```

    :param headers: of the request, in any case.
    :param body: of the request, whole and decompressed.
    :param username: and `password`: as set in Halo; None for both if the webhook has no authentication.
    :param unpack: extracts the events of a custom payload.
    :param max_bytes: maximum size of a body.
    :raises WebhookUnauthorizedError: 401: the credentials are missing or wrong.
    :raises WebhookError: with the `.status` and `.headers` to respond with: 413 too large, 400 anything
        else.
    :raises SettingsError: one of user name and password is missing.
    """
    password = password and Secret(password)  # must not appear in a traceback with locals
    receiver = WebhookReceiver(username, password, unpack=unpack, max_bytes=max_bytes)
    given = lowered(headers)
    receiver.authorize(given)
    return receiver.events(given, body)


class WebhookReceiver:
    """Settings of one webhook, and the steps of a delivery."""

    def __init__(
        self,
        username: str | None,
        password: str | Secret | None,
        *,
        unpack: Unpack | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        password = password and Secret(password)
        if unpack is not None:
            check_callable("unpack", unpack)
        self._basic = _basic(username, password)
        self._unpack = unpack
        self.max_bytes = check_whole_number("max_bytes", max_bytes)

    def authorize(self, headers: Mapping[str, str]) -> None:
        """Refuse a request without the right credentials; the header names are in lower case.

        :raises WebhookUnauthorizedError: they are missing or wrong.
        """
        if self._basic is not None and not self._basic.allow(headers.get("authorization")):
            raise WebhookUnauthorizedError("The user name or the password is wrong or missing.")

    def events(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """Return the events of a body.

        :raises WebhookError: it is too large, or not a delivery.
        """
        body = _bytes(body)
        self.check_size(len(body))
        value = read_json(body, headers.get("content-type"))
        try:
            return tuple(events_in(value) if self._unpack is None else _unpacked(self._unpack(value)))
        except RecursionError:
            raise WebhookError("The body is nested too deeply.") from None

    def check_size(self, length: int) -> None:
        """:raises WebhookError: 413, above the cap."""
        if length > self.max_bytes:
            raise WebhookError(f"The body is larger than {self.max_bytes} bytes (max_bytes).", status=413)


def _unpacked(given: Any) -> Iterator[Event]:
    told = "`unpack` must return a mapping for each event"
    if not isinstance(given, Iterable) or isinstance(given, Mapping):
        raise TypeError(f"{told}, in a list or a generator, not {article(given)}.")
    for raw in given:
        if not isinstance(raw, Mapping):
            raise TypeError(f"{told}, not {article(raw)}.")
        yield Event.read(raw)


def lowered(headers: Headers) -> Mapping[str, str]:
    """Return headers by lower-case name. Repeated ones are joined, so that two credentials never match."""
    known: dict[str, str] = {}
    for name, value in _list_headers(headers):
        key = _decode_header(name).lower()
        known[key] = f"{known[key]}, {_decode_header(value)}" if key in known else _decode_header(value)
    return known


def _list_headers(headers: Any) -> list[tuple[Any, Any]]:
    """:raises TypeError: they are not headers."""
    given = headers.items() if isinstance(headers, Mapping) else headers
    listed: list[Any] = (
        list(given) if isinstance(given, Iterable) and not isinstance(given, str | bytes) else [given]
    )
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in listed):
        raise TypeError("Headers must be a mapping or pairs of names and values. Give those of the request.")
    return listed


def _bytes(body: Any) -> bytes:
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"The body must be bytes, not {article(body)}. Give it as received.")
    return bytes(body)


def _decode_header(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _basic(username: str | None, password: str | Secret | None) -> BasicAuthentication | None:
    if username is None and password is None:
        return None
    if username is None or password is None:
        raise SettingsError(
            f"The webhook's {'user name' if username is None else 'password'} is missing. "
            "Give both as set in Halo, or None for both if the webhook has no authentication."
        )
    return BasicAuthentication(username, password)
