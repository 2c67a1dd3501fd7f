from __future__ import annotations

import logging

from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import respond


async def test_the_log_tells_calls_times_repeats_and_request_ids(server, transport, caplog) -> None:
    server.on("/api/Tickets", respond(503), respond(200, {}, X_Request_Id="r-7"))
    with caplog.at_level(logging.DEBUG, "halo_async"):
        await transport.send(Request("GET", "/Tickets", query=(("q", "canary"),)), decode_json)
    lines = [record.getMessage() for record in caplog.records if record.name == "halo_async.transport"]
    assert [line.partition(" GET ")[2].partition(" in ")[0] for line in lines[::2]] == [
        "/Tickets: 503",
        "/Tickets: 200",
    ]
    assert "retried in 0.2 s after: 503" in lines[1]
    assert lines[2].endswith("(attempt 2, request id r-7)")
    assert len({line.split()[0] for line in lines}) == 1  # all of one call
    logins = [record.getMessage() for record in caplog.records if record.name == "halo_async.auth"]
    assert [line.partition(": ")[0].rpartition("/")[2] for line in logins[:2]] == ["authinfo", "token"]
    assert "canary" not in caplog.text
    assert "tenant" not in caplog.text


async def test_nothing_is_logged_above_debug_when_all_goes_well(server, transport, caplog) -> None:
    server.on("/api/Tickets", respond(200, {}))
    with caplog.at_level(logging.INFO):
        await transport.send(Request("GET", "/Tickets"), decode_json)
    assert caplog.records == []
