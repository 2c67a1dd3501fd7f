"""Faults of statuses, headers and bodies, as they look through a raw socket."""

from __future__ import annotations

import gzip
import zlib

import msgspec
import pytest

from halo_async.emulator import Fault
from halo_async.settings import RateLimit
from tests.support.raw_socket import faulty, raw


@pytest.mark.parametrize("variant", ["cut", "garbage", "twice"])
async def test_f08_the_body_is_no_single_json_document(start, variant):
    response = await raw(await faulty(start, "F08", variant))
    assert response.status == 200
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(response.body)


async def test_f09_a_login_page_with_200(start):
    response = await raw(await faulty(start, "F09"))
    assert response.status == 200
    assert b"text/html" in response.head


@pytest.mark.parametrize(
    ("variant", "body"),
    [
        ("empty", b""),
        ("null", b"null"),
        ("text", b'""'),
        ("number", b"7"),
        ("array", b"[]"),
        ("count", b'{"record_count": 0}'),
        ("error", b'{"error": "x", "record_count": 0}'),
    ],
)
async def test_f10_bodies_that_hold_nothing(start, variant, body):
    response = await raw(await faulty(start, "F10", variant))
    assert (response.status, response.body) == (200, body)


async def test_f11_the_other_shape_and_another_key(start):
    flipped = await raw(await faulty(start, "F11", on="GET /Client"), "/api/Client")
    renamed = await raw(await faulty(start, "F11", "renamed", on="GET /Client"), "/api/Client")
    assert isinstance(msgspec.json.decode(flipped.body), list)
    assert isinstance(msgspec.json.decode(renamed.body)["renamed"], list)


async def test_f14_one_401_and_then_all_is_well(start):
    wire = await faulty(start, "F14", times=1)
    assert [(await raw(wire)).status for _ in range(2)] == [401, 200]


async def test_f18_no_permission_is_an_empty_401_for_one_path_only(start):
    wire = await faulty(start, "F18")
    response = await raw(wire)
    assert (response.status, response.body) == (401, b"")
    assert (await raw(wire, "/api/Team")).status == 200


@pytest.mark.parametrize(("variant", "status"), [("error", 500), ("html", 200), ("throttled", 429)])
async def test_f19_the_token_endpoint_fails(start, variant, status):
    wire = await faulty(start, "F19", variant, on="POST /auth/token")
    assert (await raw(wire, "/auth/token", method="POST")).status == status


@pytest.mark.parametrize(
    ("variant", "expiry"),
    [("text_expiry", "3600"), ("zero", 0), ("negative", -5), ("absurd", 10**12), ("no_expiry", None)],
)
async def test_f21_odd_token_responses(start, variant, expiry):
    wire = await faulty(start, "F21", variant, on="POST /auth/token")
    response = msgspec.json.decode((await raw(wire, "/auth/token", method="POST")).body)
    assert response["access_token"]
    assert response.get("expires_in") == expiry


@pytest.mark.parametrize(
    ("number", "variant", "header"),
    [
        ("F23", None, b"Retry-After: 3\r\n"),
        ("F24", "date", b"Retry-After: Thu, 01 Jan 2026 00:00:03 GMT\r\n"),
        ("F24", "garbage", b"Retry-After: soon\r\n"),
        ("F24", "nan", b"Retry-After: NaN\r\n"),
        ("F24", "negative", b"Retry-After: -1\r\n"),
    ],
)
async def test_f23_and_f24_429_with_a_time_to_wait(start, number, variant, header):
    response = await raw(await faulty(start, number, variant))
    assert response.status == 429
    assert header in response.head + b"\r\n"


async def test_f25_429_without_a_time_to_wait(start):
    response = await raw(await faulty(start, "F25"))
    assert response.status == 429
    assert b"retry-after" not in response.head.lower()


async def test_f26_the_limit_drops_while_the_instance_runs(start):
    wire = await start(rate_limit=RateLimit(100, 300))
    assert (await raw(wire)).status == 200
    wire.emulator.rate_limit = RateLimit(1, 300)
    assert (await raw(wire)).status == 429


async def test_f27_a_seeded_share_of_calls_fails_the_same_way_for_the_same_seed(start):
    runs = []
    for _ in range(2):
        wire = await start(seed=4, faults=[Fault("F27", "GET /Status", "503", probability=0.3)])
        runs.append([(await wire.get("/Status")).status for _ in range(40)])
    assert runs[0] == runs[1]
    assert 4 <= runs[0].count(503) <= 20


async def test_f27_every_third_call_after_the_first_two(start):
    wire = await start(faults=[Fault("F27", "GET /Status", "502", after=2, every=3, times=2)])
    statuses = [(await wire.get("/Status")).status for _ in range(12)]
    assert [at for at, status in enumerate(statuses, 1) if status == 502] == [5, 8]


async def test_f40_a_redirect_elsewhere(start):
    response = await raw(await faulty(start, "F40", "307", location="http://other.example/"))
    assert response.status == 307
    assert b"Location: http://other.example/" in response.head


async def test_f42_a_payload_of_any_size_and_objects_of_3088_fields(start):
    huge = await raw(await faulty(start, "F42", bytes=2_000_000))
    wide = await raw(await faulty(start, "F42", "wide"))
    assert len(huge.body) == 2_000_000
    assert len(msgspec.json.decode(wide.body)[0]) > 3088


async def test_f43_a_bomb_and_other_lies_about_the_encoding(start):
    bomb = await raw(await faulty(start, "F43", bytes=20_000_000))
    assert b"Content-Encoding: gzip" in bomb.head
    assert len(bomb.body) < 30_000
    assert len(zlib.decompressobj(31).decompress(bomb.body)) > 19_000_000
    nested = await raw(await faulty(start, "F43", "nested"))
    assert msgspec.json.decode(gzip.decompress(gzip.decompress(nested.body)))
    cut = await raw(await faulty(start, "F43", "cut"))
    with pytest.raises(EOFError):
        gzip.decompress(cut.body)
    trailing = await raw(await faulty(start, "F43", "trailing"))
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(trailing.body)
    members = await raw(await faulty(start, "F43", "members"))
    assert zlib.decompressobj(31).decompress(members.body) == gzip.decompress(members.body)[:9]


@pytest.mark.parametrize(
    ("number", "variant", "part"),
    [
        ("F44", "nan", b"NaN"),
        ("F44", "overflow", b"1e400"),
        ("F44", "row_overflow", b'[{"odd":1e400,'),
        ("F44", "row_digits", b'[{"odd":7777'),
        ("F48", "names", b'"a\\\\b":2'),
        ("F45", "int64", b"9223372036854775808"),
        ("F45", "int128", b"18446744073709551616123"),
        ("F46", "bom", b"\xef\xbb\xbf"),
        ("F46", "latin_1", b"caf\xe9"),
        ("F46", "utf_16", b"\xff\xfe"),
        ("F46", "surrogate", b"\\ud800"),
        ("F46", "nul", b"a\x00b"),
        ("F46", "carriage_return", b'[{"odd":"a\\rb",'),
        ("F47", "duplicate_keys", b'"id":-1,"id":-2'),
        ("F47", "deep", b"[" * 1000),
    ],
)
async def test_f44_to_f47_bodies_that_decoders_trip_over(start, number, variant, part):
    assert part in (await raw(await faulty(start, number, variant))).body


async def test_f48_values_of_the_wrong_type(start):
    rows = msgspec.json.decode((await raw(await faulty(start, "F48"))).body)
    assert all(isinstance(row["id"], str) and row["inactive"] is None for row in rows)


async def test_f53_407(start):
    assert (await raw(await faulty(start, "F53"))).status == 407
