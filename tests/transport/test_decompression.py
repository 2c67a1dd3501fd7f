"""Compressed bodies: the same result by every package that can read them, whole or an error, within the limits."""

from __future__ import annotations

import gzip
import os
import random
import tracemalloc
import zlib
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from halo_async.errors import DecodeError, ResponseTooLargeError
from halo_async.transport import Request, decompression
from halo_async.transport.decode import decode_json
from halo_async.transport.decompression import STEP, UnknownEncodingError, accepted, decoders, decompressor
from tests.support.scripted_server import respond

GET = Request("GET", "/Tickets")
SEEDS = int(os.environ.get("HALO_STREAMS", "400"))
MEGABYTE = 2**20


def zstd(data: bytes, **options: Any) -> bytes:
    module = pytest.importorskip(decoders().get("zstd", "backports.zstd"))
    parameters = {module.CompressionParameter.checksum_flag: 1}
    parameters |= {getattr(module.CompressionParameter, name): value for name, value in options.items()}
    packer = module.ZstdCompressor(options=parameters)
    return bytes(packer.compress(data) + packer.flush())


def br(data: bytes) -> bytes:
    return bytes(pytest.importorskip("brotli").compress(data, quality=4))


def bare_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
    "zstd": ("zstd", zstd),
    "br": ("br", br),
}
packed = pytest.mark.parametrize("kind", PACKERS)


class Sink:
    def __init__(self, limit: int = 2**40) -> None:
        self.pieces: list[bytes] = []
        self.left = limit

    def add(self, chunk: bytes) -> None:
        self.left -= len(chunk)
        if self.left < 0:
            raise ResponseTooLargeError("too large")
        self.pieces.append(chunk)


def read(encoding: str, *pieces: bytes) -> bytes:
    sink = Sink()
    taken = decompressor(encoding, sink)
    for piece in pieces:
        taken.feed(piece)
    taken.end()
    return b"".join(sink.pieces)


def rows(count: int) -> bytes:
    return b"[%b]" % b",".join([b'{"id":%d,"summary":"printer %d"}' % (id, id * 7919) for id in range(count)])


@packed
async def test_a_body_is_read_over_a_socket_in_each_compression_that_is_offered(
    server, transport, kind
) -> None:
    encoding, pack = PACKERS[kind]
    server.on("/api/Tickets", respond(200, pack(rows(20_000)), Content_Encoding=encoding))
    assert len(await transport.send(GET, decode_json)) == 20_000
    assert encoding in server.hits[-1].headers["accept-encoding"]


@packed
@pytest.mark.parametrize("damage", ["truncated", "followed by more", "something else"])
async def test_a_damaged_body_is_requested_again_and_then_an_error(server, transport, kind, damage) -> None:
    encoding, pack = PACKERS[kind]
    whole = pack(rows(3000))
    body = {
        "truncated": whole[:-1],
        "followed by more": whole + b"garbage",
        "something else": b"\xff\xfe\x07" + rows(10),
    }[damage]
    server.on("/api/Tickets", respond(200, body, Content_Encoding=encoding))
    with pytest.raises(DecodeError, match="compression is"):
        await transport.send(GET, decode_json)
    assert server.count("/api/Tickets") == 3


@packed
async def test_f43_a_bomb_is_requested_once_and_costs_no_more_memory_than_the_cap_allows(
    server, make, kind
) -> None:
    encoding, pack = PACKERS[kind]
    body = pack(bytes(64 * MEGABYTE))
    server.on("/api/Tickets", respond(200, body, Content_Encoding=encoding))
    client = make(max_bytes=4 * MEGABYTE)
    await client.token()
    tracemalloc.start()
    try:
        with pytest.raises(ResponseTooLargeError):
            await client.send(GET, decode_json)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= 12 * MEGABYTE
    assert server.count("/api/Tickets") == 1


@packed
def test_no_step_adds_much_more_than_the_limit_is_checked_for(kind) -> None:
    encoding, pack = PACKERS[kind]
    sink = Sink()
    taken = decompressor(encoding, sink)
    taken.feed(pack(bytes(8 * MEGABYTE)))
    taken.end()
    assert sum(map(len, sink.pieces)) == 8 * MEGABYTE
    assert max(map(len, sink.pieces)) <= 2 * STEP


@packed
@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_a_body_may_come_in_any_pieces(kind, size) -> None:
    encoding, pack = PACKERS[kind]
    body = pack(rows(200))
    assert read(encoding, *[body[at : at + size] for at in range(0, len(body), size)]) == rows(200)


@packed
def test_every_truncation_is_an_error(kind) -> None:
    encoding, pack = PACKERS[kind]
    body = pack(rows(40))
    for end in range(1, len(body)):
        with pytest.raises(DecodeError):
            read(encoding, body[:end])


@packed
def test_a_body_whose_end_is_held_back_at_a_full_step_is_whole(kind) -> None:
    encoding, pack = PACKERS[kind]
    for more in range(0, 300, 7):  # the last bytes of the stream then stand for more than fits into a step
        data = b"a" * (STEP + more)
        assert read(encoding, pack(data)) == data


@pytest.mark.parametrize("kind", ["gzip", "deflate", "zstd"])
def test_several_streams_in_a_body_are_read_one_after_the_other(kind) -> None:
    encoding, pack = PACKERS[kind]
    assert read(encoding, pack(b"[1,"), pack(b"2]")) == b"[1,2]"
    assert read(encoding, pack(b"[1,") + pack(b"") + pack(b"2]")) == b"[1,2]"
    with pytest.raises(DecodeError):
        read(encoding, pack(b"[1,") + pack(b"2]")[:-1])


def test_a_zstd_window_beyond_what_http_allows_is_refused_before_it_is_allocated() -> None:
    assert read("zstd", zstd(b"[1]", window_log=23)) == b"[1]"
    with pytest.raises(DecodeError):
        read("zstd", zstd(b"[1]", window_log=27))


# zlib-ng beside zlib ----------------------------------------------------------------------------------


def outcome(module: Any, encoding: str, pieces: list[bytes], monkeypatch: pytest.MonkeyPatch) -> bytes | None:
    monkeypatch.setattr(decompression, "fast_zlib", lambda: module)
    try:
        return read(encoding, *pieces)
    except DecodeError:
        return None


def damaged(kind: str, chance: random.Random) -> bytes:
    """Return one stream or two, whole or with a few bytes changed, left out or added."""
    pack, data = PACKERS[kind][1], chance.choice([b"", b"[]", rows(3), rows(60), rows(12_000)])
    body = bytearray(pack(data) + (pack(rows(2)) if chance.random() < 0.3 else b""))
    for _ in range(chance.choice([0, 1, 1, 2])):
        at = chance.choice([chance.randrange(len(body) + 1), chance.randrange(20), max(0, len(body) - 9)])
        match chance.randrange(4):
            case 0:
                del body[at:]
            case 1:
                body[at:at] = bytes([chance.randrange(256)])
            case 2:
                body[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                body += bytes(chance.randrange(3))
    return bytes(body)


def test_zlib_ng_and_zlib_agree_on_every_body_whole_or_damaged(monkeypatch) -> None:
    fast = pytest.importorskip("zlib_ng.zlib_ng")
    good = 0
    for seed in range(SEEDS):
        chance = random.Random(seed)
        kind = chance.choice(["gzip", "deflate", "bare deflate"])
        body = damaged(kind, chance)
        at = chance.randrange(len(body) + 1)
        pieces = [piece for piece in (body[:at], body[at:]) if piece]
        found = outcome(zlib, PACKERS[kind][0], pieces, monkeypatch)
        assert outcome(fast, PACKERS[kind][0], pieces, monkeypatch) == found, (seed, kind)
        good += found is not None
    assert SEEDS / 5 < good < SEEDS


# What is installed ------------------------------------------------------------------------------------


@pytest.fixture
def installed(monkeypatch) -> Callable[..., None]:
    """Choose again, with these packages alone."""
    caches = (decompression.zstd, decompression.brotli, decompression.decoders, decompression.accepted)

    def choose(*names: str) -> None:
        found = {name: import_module(name) for name in names}
        monkeypatch.setattr(decompression, "_imported", lambda name: found.get(name))
        for cached in caches:
            cached.cache_clear()

    yield choose
    monkeypatch.undo()
    for cached in caches:
        cached.cache_clear()


def test_only_what_can_be_read_is_offered(installed) -> None:
    installed()
    assert accepted() == "gzip, deflate"
    for encoding in ("zstd", "br", "gzip, gzip", "compress"):
        with pytest.raises(UnknownEncodingError):
            decompressor(encoding, Sink())
    pytest.importorskip("brotli")
    installed("brotli")
    assert accepted() == "gzip, deflate, br;q=0.5"


def test_a_brotli_that_cannot_be_stopped_is_not_used(installed, monkeypatch) -> None:
    installed()
    old = SimpleNamespace(Decompressor=SimpleNamespace(process=None, is_finished=None))
    monkeypatch.setattr(decompression, "_imported", {"brotli": old}.get)
    assert "br" not in decoders()


async def test_the_statistics_name_what_reads_each_compression(make) -> None:
    found = make().statistics().decoders
    assert found == decoders()
    assert found["gzip"] in ("zlib", "zlib-ng")
