"""Writes that were shown and wait for their confirmation."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import attrs

from halo_async._utils.clock import Clock
from halo_async.cli.mcp_server.cursors import digest_of
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.transport.prepared_request import PreparedRequest

LIFETIME = 300.0
"""Seconds that a confirmation is good for."""
_MOST = 64
"""Writes that wait at the same time; the oldest is forgotten first."""
_AGAIN = "Show the write again by a call without `confirm`, and let the user agree to it."


@attrs.frozen
class _ShownWrite:
    """One write as it was shown."""

    digest: str
    expires: float


class PendingWrites:
    """Tokens of confirmation: each is good once, for one request, and not for long."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shown: OrderedDict[str, _ShownWrite] = OrderedDict()

    def show(self, name: str, given: Mapping[str, Any], prepared: PreparedRequest) -> str:
        """Return a new token for a write.

        :param given: the arguments as the assistant gave them.
        """
        token = secrets.token_urlsafe(18)
        self._shown[token] = _ShownWrite(
            _digest_request(name, given, prepared), self._clock.monotonic() + LIFETIME
        )
        while len(self._shown) > _MOST:
            self._shown.popitem(last=False)
        return token

    def confirm(self, token: str, name: str, given: Mapping[str, Any], prepared: PreparedRequest) -> None:
        """Use up a token; return if it is that of this write.

        :raises RefusedError: it is not known, was used, has expired, or was given for another write.
        """
        shown = self._shown.pop(token, None)
        if shown is None:
            raise RefusedError(f"`confirm` is not known, or was used before. Nothing was sent. {_AGAIN}")
        if self._clock.monotonic() > shown.expires:
            raise RefusedError(f"`confirm` expired after {LIFETIME:.0f} seconds. Nothing was sent. {_AGAIN}")
        if shown.digest != _digest_request(name, given, prepared):
            raise RefusedError(f"`confirm` was given for another request. Nothing was sent. {_AGAIN}")


def _digest_request(name: str, given: Mapping[str, Any], prepared: PreparedRequest) -> str:
    kind = prepared.header("Content-Type") or ""
    _, _, boundary = kind.partition("boundary=")  # random each time
    body = (prepared.body or b"").replace(boundary.encode() or b"\0boundary", b"")
    return digest_of(name, given, prepared.method, prepared.url, body.hex())
