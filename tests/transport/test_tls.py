from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halo_async.errors import DiscoveryError
from halo_async.settings import ClientCredentials, Instance
from halo_async.transport import Request, Transport
from halo_async.transport.client_options import ClientOptions
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import ScriptedServer, respond

HERE = Path(__file__).parent  # the two certificates were made for these tests and are good for nothing else


async def secure_server(certificate: str) -> ScriptedServer:
    server = ScriptedServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / certificate)
    await server.start(ssl=context)
    server.on("/api/Tickets", respond(200, {"ok": 1}))
    return server


@pytest.fixture
async def wrong_host() -> AsyncIterator[ScriptedServer]:
    server = await secure_server("wrong_host.pem")
    yield server
    await server.stop()


@pytest.fixture
async def trusted() -> AsyncIterator[ScriptedServer]:
    server = await secure_server("localhost.pem")
    yield server
    await server.stop()


def client(server: ScriptedServer, clock, context: ssl.SSLContext | None = None) -> Transport:
    instance = Instance.parse(f"https://127.0.0.1:{server.port}")
    return Transport(
        instance, ClientCredentials("id", "canary-secret"), ClientOptions(clock=clock, ssl=context)
    )


def trusting(certificate: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(HERE / certificate))


@pytest.mark.parametrize(
    "context", [None, trusting("wrong_host.pem")], ids=["unknown authority", "another name"]
)
async def test_f01_an_invalid_certificate_is_never_tried_again(wrong_host, clock, context) -> None:
    transport = client(wrong_host, clock, context)
    with pytest.raises(
        DiscoveryError, match=r"The TLS certificate is not valid: .*pass ssl= for a private authority"
    ):
        await transport.send(Request("GET", "/Tickets"), decode_json)
    await transport.aclose()
    assert wrong_host.hits == []
    assert clock.monotonic() == 0.0


async def test_a_private_authority_can_be_trusted(trusted, clock) -> None:
    transport = client(trusted, clock, trusting("localhost.pem"))
    assert await transport.send(Request("GET", "/Tickets"), decode_json) == {"ok": 1}
    await transport.aclose()
