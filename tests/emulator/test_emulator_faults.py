"""Faults as they look on the wire, through a raw socket: below HTTP nothing of a client is in the way."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import aiohttp
import msgspec
import pytest

from halo_async.clock import VirtualClock
from halo_async.emulator import Fault
from halo_async.emulator.faults import known

STATUS = "/api/Status"


class Raw:
    """What came back on a socket, up to its end."""

    def __init__(self, data: bytes, reset: bool) -> None:
        self.data = data
        self.reset = reset
        self.head, _, self.body = data.partition(b"\r\n\r\n")

    @property
    def status(self) -> int:
        return int(self.head.split(b" ")[1])


async def raw(wire, path=STATUS, *, method="GET", timeout=5.0, extra=()) -> Raw:
    """One request on a fresh connection, asking the server to close it afterwards."""
    host, port = wire.emulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {wire.token}",
        *extra,
        "Connection: close",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    data, reset = b"", False
    try:
        async with asyncio.timeout(timeout):
            while part := await reader.read(65_536):
                data += part
    except ConnectionResetError:
        reset = True
    finally:
        writer.close()
    return Raw(data, reset)


async def faulty(start, number, variant=None, *, on="GET /Status", **options):
    times = options.pop("times", None)
    return await start(faults=[Fault(number, on, variant, times=times, options=options)])


async def test_f02_reset_before_headers(start):
    answer = await raw(await faulty(start, "F02"))
    assert (answer.data, answer.reset) == (b"", True)


async def test_f02_close_before_headers(start):
    answer = await raw(await faulty(start, "F02", "close"))
    assert (answer.data, answer.reset) == (b"", False)


async def test_f02_what_was_asked_is_done_all_the_same(start):
    wire = await faulty(start, "F02", on="POST /Tickets", times=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await wire.post("/Tickets", [{"summary": "lost answer"}])
    assert (await wire.get("/Tickets/301")).json()["summary"] == "lost answer"


async def test_f03_a_kept_alive_connection_is_reset_when_it_is_used_again(start):
    wire = await faulty(start, "F03", times=1)
    host, port = wire.emulator.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET {STATUS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {wire.token}\r\n\r\n".encode()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
    )
    await reader.readexactly(length)
    writer.write(request)
    with pytest.raises(ConnectionResetError):
        await reader.readexactly(1)
    writer.close()


async def test_f04_reset_in_the_middle_of_the_headers(start):
    answer = await raw(await faulty(start, "F04", at=20))
    assert (len(answer.data), answer.reset) == (20, True)


async def test_f05_the_body_is_shorter_than_its_length(start):
    answer = await raw(await faulty(start, "F05", at=10))
    assert b"Content-Length: " in answer.head
    assert b"Content-Length: 10" not in answer.head
    assert len(answer.body) == 10


async def test_f06_a_chunked_body_ends_without_its_last_chunk(start):
    answer = await raw(await faulty(start, "F06", at=10))
    assert b"Transfer-Encoding: chunked" in answer.head
    assert answer.body.startswith(b"a\r\n")
    assert not answer.body.endswith(b"0\r\n\r\n")


async def test_f06_a_chunk_size_that_is_no_number(start):
    assert (await raw(await faulty(start, "F06", "bad_size"))).body.startswith(b"zz\r\n")


async def test_f07_a_body_without_length_is_cut_where_the_json_is_whole(start):
    wire = await faulty(start, "F07")
    whole = (await wire.post("/Status", [])).status
    answer = await raw(wire)
    assert whole == 201
    assert b"Content-Length" not in answer.head
    assert len(msgspec.json.decode(answer.body)) == 8


@pytest.mark.parametrize("variant", ["cut", "garbage", "twice"])
async def test_f08_the_body_is_no_single_json_document(start, variant):
    answer = await raw(await faulty(start, "F08", variant))
    assert answer.status == 200
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(answer.body)


async def test_f09_a_login_page_with_200(start):
    answer = await raw(await faulty(start, "F09"))
    assert answer.status == 200
    assert b"text/html" in answer.head


@pytest.mark.parametrize(
    ("variant", "body"), [("empty", b""), ("null", b"null"), ("text", b'""'), ("number", b"7")]
)
async def test_f10_bodies_that_hold_nothing(start, variant, body):
    answer = await raw(await faulty(start, "F10", variant))
    assert (answer.status, answer.body) == (200, body)


async def test_f11_the_other_shape_and_another_key(start):
    flipped = await raw(await faulty(start, "F11", on="GET /Client"), "/api/Client")
    renamed = await raw(await faulty(start, "F11", "renamed", on="GET /Client"), "/api/Client")
    assert isinstance(msgspec.json.decode(flipped.body), list)
    assert isinstance(msgspec.json.decode(renamed.body)["renamed"], list)


@pytest.mark.parametrize(("variant", "least"), [("headers", 1), ("body", 40)])
async def test_f12_a_byte_at_a_time(start, variant, least):
    clock = VirtualClock()
    wire = await start(clock=clock, faults=[Fault("F12", "GET /Status", variant)])
    task = asyncio.create_task(raw(wire))
    for _ in range(5):
        await asyncio.sleep(0.02)
        clock.advance(1)
    await wire.emulator.stop()
    answer = await task
    assert least <= len(answer.data) < 400


async def test_f13_half_a_body_and_then_nothing(start):
    wire = await faulty(start, "F13")
    with pytest.raises(TimeoutError):
        await raw(wire, timeout=0.2)
    wire.emulator.faults.clear()
    assert (await raw(wire)).status == 200


async def test_f14_one_401_and_then_all_is_well(start):
    wire = await faulty(start, "F14", times=1)
    assert [(await raw(wire)).status for _ in range(2)] == [401, 200]


async def test_f17_an_answer_that_comes_late(start):
    clock = VirtualClock()
    wire = await start(clock=clock, faults=[Fault("F17", "GET /Status", options={"seconds": 30})])
    task = asyncio.create_task(raw(wire))
    while clock.sleepers == 0:
        await asyncio.sleep(0.01)
    clock.advance(30)
    assert (await task).status == 200


async def test_f18_no_permission_is_an_empty_401_for_one_path_only(start):
    wire = await faulty(start, "F18")
    answer = await raw(wire)
    assert (answer.status, answer.body) == (401, b"")
    assert (await raw(wire, "/api/Team")).status == 200


@pytest.mark.parametrize(("variant", "status"), [("error", 500), ("html", 200), ("throttled", 429)])
async def test_f19_the_token_endpoint_fails(start, variant, status):
    wire = await faulty(start, "F19", variant, on="POST /auth/token")
    assert (await raw(wire, "/auth/token", method="POST")).status == status


@pytest.mark.parametrize(
    ("variant", "expiry"),
    [("text_expiry", "3600"), ("zero", 0), ("negative", -5), ("absurd", 10**12), ("no_expiry", None)],
)
async def test_f21_odd_token_answers(start, variant, expiry):
    wire = await faulty(start, "F21", variant, on="POST /auth/token")
    answer = msgspec.json.decode((await raw(wire, "/auth/token", method="POST")).body)
    assert answer["access_token"]
    assert answer.get("expires_in") == expiry


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
    answer = await raw(await faulty(start, number, variant))
    assert answer.status == 429
    assert header in answer.head + b"\r\n"


async def test_f25_429_without_a_time_to_wait(start):
    answer = await raw(await faulty(start, "F25"))
    assert answer.status == 429
    assert b"retry-after" not in answer.head.lower()


async def test_f26_the_limit_drops_while_the_instance_runs(start):
    from halo_async.settings import RateLimit

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


async def test_f33_the_order_is_ignored(start):
    wire = await faulty(start, "F33", on="GET /Tickets")
    rows = (await wire.get("/Tickets", pageinate="true", page_no=1, order="id")).json()["tickets"]
    ids = [row["id"] for row in rows]
    assert ids != sorted(ids)


async def test_f34_the_cap_drops(start):
    wire = await faulty(start, "F34", on="GET /Tickets", cap=30)
    assert (
        len((await wire.get("/Tickets", pageinate="true", page_no=1, page_size=100)).json()["tickets"]) == 30
    )


async def test_f35_everything_comes_whatever_page_is_asked(start):
    wire = await faulty(start, "F35", on="GET /Tickets")
    assert (
        len((await wire.get("/Tickets", pageinate="true", page_no=1, page_size=10)).json()["tickets"]) == 300
    )


async def test_f36_page_1_for_ever(start):
    wire = await faulty(start, "F36", on="GET /Tickets")
    first = (await wire.get("/Tickets", pageinate="true", page_no=1, page_size=10)).json()
    second = (await wire.get("/Tickets", pageinate="true", page_no=2, page_size=10)).json()
    assert first == second
    assert wire.emulator.requests[-1].query[1] == ("page_no", "2")


@pytest.mark.parametrize(("variant", "pages"), [("itself", 1), ("cycle", 3), ("ever_new", 1)])
async def test_f37_continuations_that_never_end(start, variant, pages):
    wire = await faulty(start, "F37", variant, on="GET /IntegrationData/Get/Intune")
    seen, tokens, token = set(), set(), ""
    for _ in range(8):
        query = {"datatype": "users"} | ({"nextLink": token} if token else {})
        answer = (await wire.get("/IntegrationData/Get/Intune", **query)).json()
        token = answer["nextLink"]
        seen.add(answer["data"][0]["id"])
        tokens.add(token)
    assert len(seen) == pages
    assert (len(tokens) == 8) == (variant == "ever_new")


async def test_f38_a_continuation_that_names_another_host(start):
    wire = await faulty(start, "F38", on="GET /IntegrationData/Get/Intune", value="http://evil.example/")
    answer = (await wire.get("/IntegrationData/Get/Intune", datatype="users")).json()
    assert answer["nextLink"] == "http://evil.example/"


async def test_f40_a_redirect_elsewhere(start):
    answer = await raw(await faulty(start, "F40", "307", location="http://other.example/"))
    assert answer.status == 307
    assert b"Location: http://other.example/" in answer.head


@pytest.mark.parametrize(
    ("variant", "count"), [("zero", 0), ("text", "300"), ("low", 299), ("high", 301), ("missing", None)]
)
async def test_f41_record_counts_that_do_not_hold(start, variant, count):
    wire = await faulty(start, "F41", variant, on="GET /Tickets")
    assert (await wire.get("/Tickets", pageinate="true", page_no=1)).json().get("record_count") == count


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


@pytest.mark.parametrize(
    ("number", "variant", "part"),
    [
        ("F44", "nan", b"NaN"),
        ("F44", "overflow", b"1e400"),
        ("F45", "int64", b"9223372036854775808"),
        ("F45", "int128", b"18446744073709551616123"),
        ("F46", "bom", b"\xef\xbb\xbf"),
        ("F46", "latin_1", b"caf\xe9"),
        ("F46", "utf_16", b"\xff\xfe"),
        ("F46", "surrogate", b"\\ud800"),
        ("F46", "nul", b"a\x00b"),
        ("F47", "duplicate_keys", b'"id":-1,"id":-2'),
        ("F47", "deep", b"[" * 1000),
    ],
)
async def test_f44_to_f47_bodies_that_decoders_trip_over(start, number, variant, part):
    assert part in (await raw(await faulty(start, number, variant))).body


async def test_f48_values_of_the_wrong_type(start):
    rows = msgspec.json.decode((await raw(await faulty(start, "F48"))).body)
    assert all(isinstance(row["id"], str) and row["inactive"] is None for row in rows)


async def test_f51_a_hundred_headers_and_one_of_64_kb(start):
    many = await raw(await faulty(start, "F51", bytes=800))
    long = await raw(await faulty(start, "F51", "long"))
    assert many.head.count(b"X-Filler-") == 100
    assert len(long.head) > 65_536


@pytest.mark.parametrize(
    ("variant", "start_line"), [("299", b"HTTP/1.1 299"), ("599", b"HTTP/1.1 599"), ("103", b"HTTP/1.1 103")]
)
async def test_f52_unusual_statuses(start, variant, start_line):
    assert (await raw(await faulty(start, "F52", variant))).data.startswith(start_line)


async def test_f52_a_204_with_a_body(start):
    answer = await raw(await faulty(start, "F52", "204_with_body"))
    assert answer.status == 204
    assert answer.body


async def test_f53_407(start):
    assert (await raw(await faulty(start, "F53"))).status == 407


async def test_f56_a_column_appears_and_another_changes_its_type(start):
    wire = await start(faults=[Fault("F56", "GET /Tickets", after=1)])
    before = (await wire.get("/Tickets")).json()["tickets"][0]
    after = (await wire.get("/Tickets")).json()["tickets"][0]
    assert after.keys() - before.keys() == {"drift_new_column"}
    assert isinstance(after["summary"], int)


async def test_the_log_proves_what_fired(start):
    wire = await faulty(start, "F27", "503", on="GET /Tickets/{id}", times=1)
    await wire.get("/Tickets/4")
    await wire.get("/Tickets/5")
    (fired,) = wire.emulator.faults.log
    assert (fired.number, fired.variant, fired.method, fired.path) == ("F27", "503", "GET", "/Tickets/4")


async def test_an_unknown_fault_is_refused_by_name(start):
    with pytest.raises(ValueError, match="F99"):
        await start(faults=[Fault("F99")])
    with pytest.raises(ValueError, match="reset, close"):
        await start(faults=[Fault("F02", variant="explode")])


def test_every_fault_that_a_server_can_cause_is_there():
    # The others happen in the client, on its disk, in its proxy, or by knobs of their own (F20, F26, F32).
    elsewhere = {1, 16, 20, 22, 26, 28, 29, 30, 31, 32, 49, 50, 54, 55}
    assert {f"F{number:02d}" for number in range(1, 57) if number not in elsewhere} == set(known())
