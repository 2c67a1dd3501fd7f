"""The ways in which an emulated instance can differ: as text, as a file, and compressions that others can read."""

from __future__ import annotations

import gzip
import random

import pytest
import zstandard

from halo_async import ClientCredentials, Halo
from halo_async.emulator import Behaviour, Emulator, compression
from halo_async.emulator.compression import compressed
from halo_async.emulator.config import EmulatorConfig, behaviour_from_text
from halo_async.emulator.config_fields import ConfigError, read_object
from halo_async.emulator.reply import Reply
from halo_async.transport import Request, Response
from halo_async.transport.decompression import decoders


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order=ignored", Behaviour(order="ignored")),
        ("utc_offset=-300,encodings=br+gzip", Behaviour(utc_offset=-300, encodings=("br", "gzip"))),
        ("past_the_end=last page:inactive=shown", Behaviour(past_the_end="last page", inactive="shown")),
        ("encodings=none,rate-limit-headers=yes", Behaviour(rate_limit_headers=True)),
    ],
)
def test_it_is_written_as_text(text: str, expected: Behaviour) -> None:
    assert behaviour_from_text(text) == expected


def test_it_is_a_table_of_the_file() -> None:
    values = {"behaviour": {"several-ids": "repeats", "encodings": ["zstd"]}}
    config = read_object(EmulatorConfig, values)
    assert config.behaviour == Behaviour(several_ids="repeats", encodings=("zstd",))


@pytest.mark.parametrize(
    "text", ["order=no", "utc_offset=900", "utc_offset=x", "encodings=rot13", "several=commas", "order"]
)
def test_what_it_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        behaviour_from_text(text)


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, 300_000])
def test_compressed_bodies_are_whole_without_further_packages(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "brotli", lambda: None)
    monkeypatch.setattr(compression, "zstd", lambda: None)
    body = random.Random(size).randbytes(size)
    made = {name: compressed(Reply(200, body), [name], f"{name};q=1") for name in ("gzip", "br", "zstd")}
    assert {name: reply.headers for name, reply in made.items()} == {
        name: {"Content-Encoding": name} for name in made
    }
    assert gzip.decompress(made["gzip"].body) == body
    assert zstandard.ZstdDecompressor().decompressobj().decompress(made["zstd"].body) == body
    assert _stored_blocks(made["br"].body) == body


@pytest.mark.parametrize("name", ["gzip", "zstd", "br"])
async def test_a_client_reads_lists_in_each_compression_that_it_offers(name: str) -> None:
    if name not in decoders():
        pytest.skip(f"nothing here reads {name}")
    async with Emulator(tickets=120, behaviour=Behaviour(encodings=(name,))) as emulator:
        login = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, login) as halo:
            assert await halo.transport.send(Request("GET", "/Tickets"), _encoding) == name
            assert len(await halo.tickets.list().all()) == 120


def _encoding(response: Response) -> str:
    return response.headers["Content-Encoding"]


def _stored_blocks(data: bytes) -> bytes:
    """Decode brotli of uncompressed meta-blocks, as RFC 7932 describes their headers."""
    found, at, shift = b"", 0, 1  # the first header has one bit for the window before it
    while data[at:] != b"\x03":
        bits = int.from_bytes(data[at : at + 3], "little") >> shift
        assert (bits & 0b111, bits >> 19) == (0, 1)
        length = (bits >> 3 & 0xFFFF) + 1
        found, at, shift = found + data[at + 3 : at + 3 + length], at + 3 + length, 0
    return found


def test_nothing_is_compressed_that_a_request_does_not_accept() -> None:
    reply = Reply(200, b"body")
    assert compressed(reply, ["br", "zstd"], "gzip, deflate") is reply
    assert compressed(reply, [], "gzip") is reply
    assert compressed(reply, ["zstd", "gzip"], "gzip, zstd").headers == {"Content-Encoding": "zstd"}
