"""Compressions that the instance sends where a request accepts them."""

from __future__ import annotations

from halo_async.probing.question import Question
from halo_async.probing.requests import ProbeRequests
from halo_async.transport.decompression import UnknownEncodingError

_NAMES = ("gzip", "br", "zstd")


class Encodings(Question):
    """Request the same page once per compression. The client itself accepts what it can read."""

    name = "encodings"
    usual = "gzip or none"

    async def measure(self, requests: ProbeRequests, subject: str) -> list[str]:
        """See `Question`."""
        return [name for name in _NAMES if await _sends(requests, name)]

    def differs(self, subject: str, measured: list[str]) -> bool:
        """See `Question`."""
        return not set(measured) <= {"gzip"}


async def _sends(requests: ProbeRequests, name: str) -> bool:
    paging = (("pageinate", "true"), ("page_no", "1"), ("page_size", "50"))
    path, headers = requests.operation("tickets").path, (("Accept-Encoding", name),)
    try:
        sent = await requests.send(
            path,
            paging,
            lambda response: response.headers.get("Content-Encoding"),
            retry="never",
            headers=headers,
        )
    except UnknownEncodingError as error:
        return error.encoding == name
    return (sent or "").strip().lower() == name
