"""Compressed responses, as a client's `Accept-Encoding` allows.

Where the client's package for `br` or `zstd` is not installed, these are written by hand as stored blocks: valid, too.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator

import attrs

from halo_async.emulator.reply import Reply
from halo_async.transport.decompression import brotli, zstd

_BLOCK = 2**16


def compressed(reply: Reply, offered: Iterable[str], accepted: str) -> Reply:
    """Return a reply in the first encoding that the instance offers and the request accepts."""
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    chosen = next((name for name in offered if name in names), None)
    if chosen is None or not reply.body or "Content-Encoding" in reply.headers:
        return reply
    headers = {**reply.headers, "Content-Encoding": chosen}
    return attrs.evolve(reply, body=_ENCODERS[chosen](reply.body), headers=headers)


def _brotli(body: bytes) -> bytes:
    if (package := brotli()) is not None:
        return bytes(package.compress(body, quality=4))
    return _stored_brotli(body)


def _stored_brotli(body: bytes) -> bytes:
    """Return the body as uncompressed meta-blocks (RFC 7932): a window of 64 KiB, and an empty last block."""
    pieces = []
    for number, part in enumerate(_split_body(body)):
        # In the order of their bits: not the last, four nibbles of length, length - 1, uncompressed.
        bits = (len(part) - 1) << 3 | 1 << 19
        pieces += [(bits << 1 if number == 0 else bits).to_bytes(3, "little"), part]
    return b"".join(pieces) + b"\x03"


def _zstd(body: bytes) -> bytes:
    if (package := zstd()) is not None:
        return bytes(package.compress(body))
    return _stored_zstd(body)


def _stored_zstd(body: bytes) -> bytes:
    """Return the body as one frame of raw blocks (RFC 8878) with a window of 128 KiB."""
    parts = list(_split_body(body))
    blocks = [
        (len(part) << 3 | (number == len(parts) - 1)).to_bytes(3, "little") + part
        for number, part in enumerate(parts)
    ]
    return b"\x28\xb5\x2f\xfd\x00\x38" + b"".join(blocks)


def _split_body(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), _BLOCK):
        yield body[start : start + _BLOCK]


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 1),
    "br": _brotli,
    "zstd": _zstd,
}
