from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.errors import AttemptTimeoutError, CertificateError, ConnectionFailedError, DiscoveryError
from halo_async.settings import ClientCredentials, Instance
from halo_async.transport import Transport, tls
from halo_async.transport.client_options import ClientOptions
from halo_async.transport.diagnosis import DiagnosisStep, diagnose
from halo_async.transport.tls import handshake
from tests.support.scripted_server import ScriptedServer, respond

HERE = Path(__file__).parent
ENDS = ssl.cert_time_to_seconds("Oct 29 17:53:37 2126 GMT")  # notAfter of localhost.pem


@pytest.fixture
async def secure() -> AsyncIterator[ScriptedServer]:
    server = ScriptedServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "localhost.pem")
    await server.start(ssl=context)
    server.on("/api/Tickets", respond(200, {"tickets": []}))
    yield server
    await server.stop()


def trusting(name: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(HERE / name))


def at(server: ScriptedServer) -> Instance:
    return Instance.parse(f"https://127.0.0.1:{server.port}")


async def second_step(server: ScriptedServer, now: float = 0, **options) -> DiagnosisStep:
    transport = Transport(at(server), ClientCredentials("id", "secret"), ClientOptions(**options))
    clock = VirtualClock(start=now, auto_advance=True)
    steps = diagnose(transport, at(server), clock=clock)
    try:
        first = await anext(steps)
        assert first.ok
        return await anext(steps)
    finally:
        await steps.aclose()
        await transport.aclose()


async def test_a_good_certificate_is_told_with_its_end(secure) -> None:
    step = await second_step(secure, ssl=trusting("localhost.pem"))
    assert (step.name, step.ok) == ("tls", True)
    assert step.said == "TLSv1.3, the certificate is valid until 2126-10-29"
    assert step.facts == {"version": "TLSv1.3", "issuer": "localhost", "expires": "2126-10-29"}


async def test_a_certificate_that_ends_soon_is_remarked_on(secure) -> None:
    step = await second_step(secure, ENDS - 9 * 86_400, ssl=trusting("localhost.pem"))
    assert step.ok
    assert step.said.endswith("until 2126-10-29, which is in 9 days: renew it")


@pytest.mark.parametrize("context", [None, trusting("wrong_host.pem")], ids=["unknown authority", "another"])
async def test_a_certificate_that_is_not_valid_is_the_first_thing_wrong(secure, context) -> None:
    step = await second_step(secure, ssl=context)
    assert (step.name, step.ok, type(step.error)) == ("tls", False, CertificateError)
    assert "TLS certificate of 127.0.0.1 is not valid" in step.said
    assert "SSL_CERT_FILE" in step.said


async def test_a_certificate_of_another_host_is_told_in_one_sentence() -> None:
    server, context = ScriptedServer(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "wrong_host.pem")
    await server.start(ssl=context)
    transport = Transport(
        at(server), ClientCredentials("id", "secret"), ClientOptions(ssl=trusting("wrong_host.pem"))
    )
    for told in (handshake(at(server), trusting("wrong_host.pem")), transport.login_service()):
        with pytest.raises(
            (CertificateError, DiscoveryError), match=r"not valid for '127\.0\.0\.1'.* [Cc]heck"
        ):
            await told
    await transport.aclose()
    await server.stop()


async def test_who_hangs_up_during_the_handshake_is_said_to() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(
        ConnectionFailedError, match=r"closed the connection during the TLS handshake. Check the port"
    ):
        await handshake(Instance.parse(f"https://127.0.0.1:{port}"))
    server.close()
    await server.wait_closed()


async def test_a_proxy_is_left_to_the_next_step(secure) -> None:
    step = await second_step(secure, proxy="http://user:canary@127.0.0.1:9")
    assert (step.ok, step.said) == (True, "through a proxy, so it is seen at the next step")


async def test_who_speaks_no_tls_or_does_not_listen_is_said_so() -> None:
    done = asyncio.Event()

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        done.set()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with listening:
        with pytest.raises(
            ConnectionFailedError, match=r"does not speak TLS. Check the address and the port"
        ):
            await handshake(address(listening.sockets[0]))
        await done.wait()
    with pytest.raises(ConnectionFailedError, match="Connection refused: nothing listens at"):
        await handshake(Instance.parse("https://127.0.0.1:9"))


async def test_who_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls, "WAIT", 0.05)
    with (  # the kernel takes the connection, and nobody reads
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(AttemptTimeoutError, match="did not respond within"),
    ):
        await handshake(address(silent))


def address(listening: Any) -> Instance:
    return Instance.parse(f"https://127.0.0.1:{listening.getsockname()[1]}")
