"""Complete responses with a corrupted body: not JSON, unexpected JSON, or JSON that decoders trip over."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import attrs

from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.reply import JSON, Reply

Rewrite = Callable[[Reply, Fault], Reply]


def _change_body(change: Callable[[bytes], bytes]) -> Rewrite:
    return lambda reply, fault: attrs.evolve(reply, body=change(reply.body))


def _exactly(text: bytes) -> Rewrite:
    return lambda reply, fault: attrs.evolve(reply, body=fault.option("value", text), content_type=JSON)


def _first_value(text: bytes) -> Rewrite:
    """Insert a member with this value at the start of the first object in the body."""
    return _change_body(lambda body: body.replace(b"{", b'{"odd":' + text + b",", 1))


def _first_row(members: bytes) -> Rewrite:
    """Insert members at the start of the first row of a list."""
    return _change_body(lambda body: body.replace(b"[{", b"[{" + members + b",", 1))


def _utf_16(reply: Reply, fault: Fault) -> Reply:
    body = reply.body.decode().encode("utf-16")
    return attrs.evolve(reply, body=body, content_type="application/json; charset=utf-16")


def _latin_1(reply: Reply, fault: Fault) -> Reply:
    body = reply.body.replace(b"{", b'{"odd":"caf\xe9",', 1)
    return attrs.evolve(reply, body=body, content_type="application/json; charset=iso-8859-1")


def _big(reply: Reply, fault: Fault) -> Reply:
    """Return a payload of ``bytes`` (500 MB): white space before the JSON, which is legal and heavy."""
    padding = int(fault.option("bytes", 500 * 1024 * 1024)) - len(reply.body)
    return attrs.evolve(reply, body=b" " * max(0, padding) + reply.body)


def _wide(reply: Reply, fault: Fault) -> Reply:
    fields = ",".join(f'"wide_{number}":{number}' for number in range(int(fault.option("fields", 3088))))
    return attrs.evolve(reply, body=reply.body.replace(b"{", b"{" + fields.encode() + b",", 1))


def _encoded(name: str, encode: Callable[[bytes], bytes]) -> Rewrite:
    def rewrite(reply: Reply, fault: Fault) -> Reply:
        headers = {**reply.headers, "Content-Encoding": name}
        return attrs.evolve(reply, body=encode(reply.body), headers=headers)

    return rewrite


def _bomb(reply: Reply, fault: Fault) -> Reply:
    """Return ``bytes`` (292 MB) of zeros, compressed to a thousandth of it."""
    size, chunk = int(fault.option("bytes", 292 * 1024 * 1024)), b"0" * 65_536
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    parts = [packer.compress(chunk) for _ in range(size // len(chunk))]
    body = b"".join((*parts, packer.flush()))
    return attrs.evolve(reply, body=body, headers={**reply.headers, "Content-Encoding": "gzip"})


def _deep(reply: Reply, fault: Fault) -> Reply:
    depth = int(fault.option("depth", 100_000))
    return attrs.evolve(reply, body=b"[" * depth + b"]" * depth)


def _cookie(reply: Reply, fault: Fault) -> Reply:
    """Set a cookie, as gateways and login pages do. A client that keeps it may act as somebody else later."""
    value = str(fault.option("cookie", "halo-session=1; Path=/"))
    return attrs.evolve(reply, headers={**reply.headers, "Set-Cookie": value})


FAULTS: dict[str, dict[str, Rewrite]] = {
    "F08": {
        "cut": _change_body(lambda body: body[: len(body) // 2]),
        "garbage": _change_body(lambda body: body + b"<!-- trace -->"),
        "twice": _change_body(lambda body: body + body),
    },
    "F10": {
        "empty": _change_body(lambda body: b""),
        "null": _exactly(b"null"),
        "text": _exactly(b'""'),
        "number": _exactly(b"7"),
        "array": _exactly(b"[]"),
        "count": _exactly(b'{"record_count": 0}'),
        "error": _exactly(b'{"error": "x", "record_count": 0}'),
    },
    "F42": {"huge": _big, "wide": _wide},
    "F43": {
        "bomb": _bomb,
        "nested": _encoded("gzip, gzip", lambda body: gzip.compress(gzip.compress(body))),
        "cut": _encoded("gzip", lambda body: gzip.compress(body)[:-9]),
        "not_gzip": _encoded("gzip", lambda body: body),
        "trailing": _encoded("gzip", lambda body: gzip.compress(body) + b"<!-- trace -->"),
        "members": _encoded("gzip", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
    },
    "F44": {
        "nan": _first_value(b"NaN"),
        "infinity": _first_value(b"Infinity"),
        "overflow": _first_value(b"1e400"),
        "row_overflow": _first_row(b'"odd":1e400'),
        "row_digits": _first_row(b'"odd":' + b"7" * 5000),
    },
    "F45": {
        "int64": _first_value(b"9223372036854775808"),
        "int128": _first_value(b"18446744073709551616123"),
    },
    "F46": {
        "bom": _change_body(lambda body: b"\xef\xbb\xbf" + body),
        "latin_1": _latin_1,
        "utf_16": _utf_16,
        "surrogate": _first_value(b'"\\ud800"'),
        "nul": _first_value(b'"a\x00b"'),
        "carriage_return": _first_row(b'"odd":"a\\rb"'),
    },
    "F47": {
        "duplicate_keys": _change_body(lambda body: body.replace(b"{", b'{"id":-1,"id":-2,', 1)),
        "deep": _deep,
    },
    "F51": {"cookie": _cookie},
}
