"""Faults below HTTP: connections that break, stall, drip, or frame their bodies wrongly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.faults.line import RawConnection, head
from halo_async.emulator.reply import Reply

Wire = Callable[[RawConnection, Reply, Fault], Awaitable[None]]
# Longer than every timeout of a client; a virtual clock makes it short.
FOREVER = 3600.0


async def _reset_before(line: RawConnection, reply: Reply, fault: Fault) -> None:
    line.reset()


async def _close_before(line: RawConnection, reply: Reply, fault: Fault) -> None:
    line.close()


async def _closed_after(line: RawConnection, reply: Reply, fault: Fault) -> None:
    """Send a complete response that promises keep-alive, then close the connection at once."""
    await line.write(head(reply, length=len(reply.body)) + reply.body)
    line.close()


async def _reset_on_reuse(line: RawConnection, reply: Reply, fault: Fault) -> None:
    """Send a complete response; the next request on this connection is reset."""
    line.doom()


async def _reset_in_headers(line: RawConnection, reply: Reply, fault: Fault) -> None:
    whole = head(reply, length=len(reply.body))
    await line.write(whole[: int(fault.option("at", len(whole) // 2))])
    await line.flush()
    line.reset()


async def _cut_body(line: RawConnection, reply: Reply, fault: Fault) -> None:
    await line.write(head(reply, length=len(reply.body)) + _cut(reply, fault))
    line.close()


async def _cut_chunks(line: RawConnection, reply: Reply, fault: Fault) -> None:
    part = _cut(reply, fault)
    await line.write(head(reply, length=None, chunked=True) + f"{len(part):x}\r\n".encode() + part + b"\r\n")
    line.close()


async def _bad_chunk(line: RawConnection, reply: Reply, fault: Fault) -> None:
    await line.write(head(reply, length=None, chunked=True) + b"zz\r\n" + reply.body + b"\r\n0\r\n\r\n")
    line.close()


async def _no_length(line: RawConnection, reply: Reply, fault: Fault) -> None:
    """Truncate where the JSON is still valid: HTTP cannot detect it, only the row count can."""
    reply.headers["Connection"] = "close"
    await line.write(head(reply, length=None) + _shorter_json(reply.body, int(fault.option("rows", 1))))
    line.close()


def _shorter_json(body: bytes, rows: int) -> bytes:
    import msgspec

    value = msgspec.json.decode(body)
    if isinstance(value, list):
        return msgspec.json.encode(value[:-rows])
    shorter = {
        name: part[:-rows] if isinstance(part, list) and name not in ("columns", "folders") else part
        for name, part in value.items()
    }
    return msgspec.json.encode(shorter)


async def _slow_headers(line: RawConnection, reply: Reply, fault: Fault) -> None:
    await _drip(line, head(reply, length=len(reply.body)) + reply.body, fault)


async def _slow_body(line: RawConnection, reply: Reply, fault: Fault) -> None:
    await line.write(head(reply, length=len(reply.body)))
    await _drip(line, reply.body, fault)


async def _drip(line: RawConnection, data: bytes, fault: Fault) -> None:
    for at in range(len(data)):
        if line.closed:
            return
        await line.write(data[at : at + 1])
        await line.sleep(float(fault.option("seconds", 1.0)))
    line.close()


async def _stall(line: RawConnection, reply: Reply, fault: Fault) -> None:
    await line.write(head(reply, length=len(reply.body)) + reply.body[: len(reply.body) // 2])
    await line.sleep(float(fault.option("seconds", FOREVER)))
    line.close()


async def _silence(line: RawConnection, reply: Reply, fault: Fault) -> None:
    await line.sleep(float(fault.option("seconds", FOREVER)))
    line.close()


async def _late(line: RawConnection, reply: Reply, fault: Fault) -> None:
    """Send the response after ``seconds``: long enough for a newer token to be in use."""
    await line.sleep(float(fault.option("seconds", 0.2)))
    await line.write(head(reply, length=len(reply.body)) + reply.body)
    line.close()


async def _many_headers(line: RawConnection, reply: Reply, fault: Fault) -> None:
    size, count = int(fault.option("bytes", 8000)), int(fault.option("count", 100))
    reply.headers.update({f"X-Filler-{number}": "f" * size for number in range(count)})
    await line.write(head(reply, length=len(reply.body)) + reply.body)
    line.close()


async def _long_header(line: RawConnection, reply: Reply, fault: Fault) -> None:
    reply.headers["X-Filler"] = "f" * int(fault.option("bytes", 65_536))
    await line.write(head(reply, length=len(reply.body)) + reply.body)
    line.close()


async def _informational(line: RawConnection, reply: Reply, fault: Fault) -> None:
    """Send 103 before the response: clients have to read on."""
    await line.write(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n")
    await line.write(head(reply, length=len(reply.body)) + reply.body)
    line.close()


async def _body_after_204(line: RawConnection, reply: Reply, fault: Fault) -> None:
    reply.status = 204
    await line.write(head(reply, length=len(reply.body)) + reply.body)
    line.close()


def _cut(reply: Reply, fault: Fault) -> bytes:
    return reply.body[: int(fault.option("at", len(reply.body) // 2))]


FAULTS: dict[str, dict[str, Wire]] = {
    "F02": {"reset": _reset_before, "close": _close_before},
    "F03": {"reset_on_reuse": _reset_on_reuse, "closed": _closed_after},
    "F04": {"reset": _reset_in_headers},
    "F05": {"short": _cut_body},
    "F06": {"cut": _cut_chunks, "bad_size": _bad_chunk},
    "F07": {"valid_json": _no_length},
    "F12": {"headers": _slow_headers, "body": _slow_body},
    "F13": {"stall": _stall, "silence": _silence},
    "F17": {"late": _late},
    "F19": {"silence": _silence},
    "F51": {"many": _many_headers, "long": _long_header},
    "F52": {"103": _informational, "204_with_body": _body_after_204},
}
