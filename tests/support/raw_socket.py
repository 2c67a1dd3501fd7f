"""One request on a socket of its own, and faulty emulators: nothing of a client is in the way."""

from __future__ import annotations

import asyncio

from halo_async.emulator import Fault

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
