from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Iterator

import pytest

from halo_async.errors import AttemptTimeoutError, DecodeError, ResponseTooLargeError
from halo_async.settings import Timeouts
from halo_async.transport.body import read_body

MEGABYTE = 2**20


class Chunks:
    """What a socket would give, without one; each chunk takes some seconds."""

    def __init__(self, chunks: Iterator[bytes] | list[bytes], seconds: float = 0.0) -> None:
        self._chunks = iter(chunks)
        self._seconds = seconds
        self.now = 0.0

    async def readany(self) -> bytes:
        self.now += self._seconds
        return next(self._chunks, b"")

    def clock(self) -> float:
        return self.now


async def read(stream: Chunks, encoding: str = "", cap: int = 8 * MEGABYTE) -> bytes:
    return await read_body(stream, encoding, cap, Timeouts(), stream.clock)


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MEGABYTE)) for _ in range(megabytes)) + packer.flush()


async def test_f43_a_bomb_costs_no_more_memory_than_the_cap_allows() -> None:
    packed = bomb(400)
    tracemalloc.start()
    try:
        with pytest.raises(ResponseTooLargeError):
            await read(Chunks([packed]), "gzip", cap=4 * MEGABYTE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= (4 + 8) * MEGABYTE


async def test_f42_a_body_without_compression_is_capped_as_it_comes() -> None:
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(65536)

    with pytest.raises(ResponseTooLargeError):
        await read(Chunks(endless()), cap=MEGABYTE)
    assert given == 17


async def test_a_body_of_exactly_the_cap_is_taken() -> None:
    assert len(await read(Chunks([bytes(MEGABYTE)]), cap=MEGABYTE)) == MEGABYTE


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_compressed_bodies_may_come_in_any_pieces(size) -> None:
    data = bytes(range(256)) * 100
    packed = zlib.compress(data)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert await read(Chunks(pieces), "deflate") == data


async def test_f12_a_trickle_is_given_up_when_it_had_its_chance() -> None:
    drip = Chunks(iter([b"x"] * 1000), seconds=1.0)
    with pytest.raises(AttemptTimeoutError, match="1 bytes per second"):
        await read(drip)
    assert 30 < drip.now <= 32


async def test_a_steady_slow_response_is_read_to_its_end() -> None:
    steady = Chunks(iter([bytes(2048)] * 300), seconds=1.0)
    assert len(await read(steady)) == 300 * 2048


async def test_f43_nothing_is_left_to_the_imagination_after_a_compressed_end() -> None:
    whole = zlib.compress(b"1")
    assert await read(Chunks([whole + b"\0\0\0"]), "deflate") == b"1"
    with pytest.raises(DecodeError):
        await read(Chunks([whole + b"garbage"]), "deflate")


async def test_an_empty_body_is_empty_whatever_its_headers_say() -> None:
    assert await read(Chunks([]), "gzip") == b""
