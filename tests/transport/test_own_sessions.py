"""A caller's own session that gets in the way is told so at once, and no write counts as sent."""

from __future__ import annotations

import aiohttp
import pytest

from halo_async.errors import ConnectionFailedError, DiscoveryError
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import respond
from tests.support.secrets_kit import assert_clean, everything_shown

POST = Request("POST", "/Tickets", body=b"[{}]")


async def test_a_session_that_is_closed_is_named(server, make, clock) -> None:
    session = aiohttp.ClientSession()
    transport = make(session=session)
    await session.close()
    with pytest.raises(RuntimeError, match="The aiohttp session of this Halo client is closed"):
        await transport.send(POST, decode_json)
    assert clock.monotonic() == 0.0


async def test_a_session_with_a_login_of_its_own_is_named(server, make, clock, monkeypatch, tmp_path) -> None:
    (tmp_path / "netrc").write_text("default login someone password canary-netrc\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.on("/api/Tickets", respond(200, {}))
    async with aiohttp.ClientSession(trust_env=True) as session:
        with pytest.raises(ConnectionFailedError, match=r"POST /Tickets: .*own login .*\.netrc") as caught:
            await make(session=session).send(POST, decode_json)
    assert_clean(everything_shown(caught.value))
    assert (server.count("/api/Tickets"), clock.monotonic()) == (0, 0.0)


async def test_f01_a_proxy_whose_name_is_none_is_not_taken_for_the_instance(make) -> None:
    transport = make("https://acme.halopsa.com", proxy="http://u:canary-proxy@no-such-host.invalid:8080")
    with pytest.raises(
        DiscoveryError, match=r"No such host name at the proxy \(acme\.halopsa\.com\)"
    ) as caught:
        await transport.token()
    assert_clean(everything_shown(caught.value))
