"""The aiohttp handler, over real sockets."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import logging

import aiohttp
import pytest

from halo_async import SettingsError
from halo_async.webhooks import handler

EVENT = {"id": "a-1", "event": "ticket status changed", "object_id": 5, "ticket": {"id": 5}}
RIGHT = "Basic " + base64.b64encode(b"halo:correct:horse:battery").decode()


async def post(url, body=EVENT, **headers):
    data = json.dumps(body).encode() if isinstance(body, dict | list) else body
    sent = {"Content-Type": "application/json", "Authorization": RIGHT} | headers
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=sent) as response:
        return response.status, await response.text(), response.headers


async def test_every_event_reaches_the_function_and_the_response_is_200(receive):
    receiver = await receive()
    assert (await post(receiver.url))[0] == 200
    batch = [{**EVENT, "id": f"b-{number}", "object_id": number} for number in range(3)]
    assert (await post(receiver.url, batch))[0] == 200
    assert [event.object_id for event in receiver.events] == [5, 0, 1, 2]
    assert receiver.events[0].ticket.id == 5


async def test_a_plain_function_will_do(receive):
    seen = []
    receiver = await receive(seen.append)
    assert (await post(receiver.url))[0] == 200
    assert len(seen) == 1


@pytest.mark.parametrize("header", ["", "Basic", "Basic x", "Bearer abc", RIGHT[:-4]])
async def test_the_wrong_credentials_are_a_401_with_a_challenge(receive, header):
    receiver = await receive()
    status, _, headers = await post(receiver.url, Authorization=header)
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Basic ")
    assert receiver.events == []


async def test_nothing_of_the_body_is_read_without_the_credentials(receive):
    receiver = await receive()
    reader, writer = await asyncio.open_connection("127.0.0.1", int(receiver.url.split(":")[2].split("/")[0]))
    writer.write(b"POST /halo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
    line = await reader.readline()  # it responds though the body never comes
    writer.close()
    await writer.wait_closed()
    assert b" 401 " in line


async def test_a_body_above_the_cap_is_a_413_before_it_is_whole(receive):
    receiver = await receive(max_bytes=100_000)
    read = 0

    async def endless():
        nonlocal read
        while True:
            read += 65536
            yield b"x" * 65536
            await asyncio.sleep(0)

    try:
        status = (await post(receiver.url, endless()))[0]
    except aiohttp.ClientError:
        status = 413  # it hung up while we were still sending
    assert status == 413
    assert read < 20_000_000
    assert (await post(receiver.url, b"x" * 200_000))[0] == 413
    assert receiver.events == []


async def test_a_compressed_body_is_taken_and_a_bomb_is_stopped_at_the_cap(receive):
    receiver = await receive(max_bytes=1_000_000)
    packed = {"Content-Encoding": "gzip"}
    assert (await post(receiver.url, gzip.compress(json.dumps(EVENT).encode()), **packed))[0] == 200
    bomb = gzip.compress(b'"' + b"x" * 50_000_000)
    assert len(bomb) < 100_000
    assert (await post(receiver.url, bomb, **packed))[0] == 413
    assert (await post(receiver.url, b"no gzip at all", **packed))[0] == 400
    assert len(receiver.events) == 1


async def test_a_body_that_breaks_off_reaches_nobody_and_hurts_nobody(receive, caplog):
    receiver = await receive()
    _, writer = await asyncio.open_connection("127.0.0.1", int(receiver.url.split(":")[2].split("/")[0]))
    head = f"POST /halo HTTP/1.1\r\nHost: x\r\nAuthorization: {RIGHT}\r\nContent-Length: 1000\r\n\r\n"
    writer.write(head.encode() + b'[{"id"')
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await post(receiver.url))[0] == 200
    assert len(receiver.events) == 1
    assert not caplog.records


async def test_an_event_that_fails_is_a_500_and_the_others_are_handled(receive, caplog):
    receiver = await receive()
    receiver.fail = lambda event: event.object_id == 1
    batch = [{**EVENT, "id": f"b-{number}", "object_id": number} for number in range(3)]
    with caplog.at_level(logging.ERROR):
        status, text, _ = await post(receiver.url, batch)
    assert (status, text) == (500, "1 of 3 events could not be handled.")
    assert [event.object_id for event in receiver.events] == [0, 2]
    assert "b-1" in caplog.text
    assert "correct:horse" not in caplog.text
    assert "database" not in text


async def test_the_same_delivery_again_handles_only_what_failed(receive):
    receiver = await receive()
    batch = [{**EVENT, "id": f"b-{number}", "object_id": number} for number in range(3)]
    receiver.fail = lambda event: event.object_id == 1
    assert (await post(receiver.url, batch))[0] == 500
    receiver.fail = lambda event: False
    assert (await post(receiver.url, batch))[0] == 200
    assert (await post(receiver.url, batch))[0] == 200
    assert [event.object_id for event in receiver.events] == [0, 2, 1]


async def test_events_with_one_id_and_other_contents_are_not_the_same(receive):
    receiver = await receive()
    for number in range(3):
        assert (await post(receiver.url, {**EVENT, "object_id": number}))[0] == 200
    assert len(receiver.events) == 3


async def test_events_without_an_id_are_handled_each_time(receive):
    receiver = await receive()
    for _ in range(2):
        await post(receiver.url, {"object_id": 5})
    assert len(receiver.events) == 2


async def test_remember_0_handles_each_time_and_a_small_memory_forgets_the_oldest(receive):
    receiver = await receive(remember=0)
    await post(receiver.url)
    await post(receiver.url)
    assert len(receiver.events) == 2
    receiver = await receive(remember=2)
    for name in ("1", "2", "3", "3", "1"):
        await post(receiver.url, {**EVENT, "id": name})
    assert [event.id for event in receiver.events] == ["1", "2", "3", "1"]


async def test_a_repeat_that_comes_meanwhile_waits_and_takes_over_where_the_first_one_fails(receive):
    begun, go_on, calls = asyncio.Event(), asyncio.Event(), []

    async def on_event(event):
        calls.append(event)
        begun.set()
        await go_on.wait()
        if len(calls) == 1:
            raise ConnectionError

    receiver = await receive(on_event)
    async with asyncio.TaskGroup() as group:
        first = group.create_task(post(receiver.url))
        await begun.wait()
        second = group.create_task(post(receiver.url))
        while (left := len(asyncio.all_tasks())) < 4:
            await asyncio.sleep(0)
        assert left
        go_on.set()
    assert sorted((first.result()[0], second.result()[0])) == [200, 500]
    assert len(calls) == 2


async def test_what_is_no_delivery_is_a_400_with_one_sentence(receive):
    receiver = await receive()
    for body in (b"", b"<html>", b"7", b"[1]"):
        status, text, _ = await post(receiver.url, body)
        assert status == 400
        assert text
        assert "\n" not in text
    assert (await post(receiver.url, **{"Content-Type": "text/html"}))[0] == 400


async def test_half_the_credentials_are_refused_at_the_start():
    with pytest.raises(SettingsError, match="password"):
        handler(print, username="halo", password=None)
    with pytest.raises(SettingsError, match="empty"):
        handler(print, username="halo", password="")
    with pytest.raises(SettingsError, match="remember"):
        handler(print, username=None, password=None, remember=-1)


async def test_an_event_of_any_depth_is_handled_or_refused(receive):
    receiver = await receive()
    for depth in (100, 300, 900, 3000):
        body = '{"id": "a", "x": ' + '{"a": ' * depth + "1" + "}" * depth + "}"
        assert (await post(receiver.url, body.encode()))[0] in (200, 400)
    assert receiver.events


def test_the_handler_shows_no_password():
    made = handler(print, username="halo", password="canary-4711")
    assert "canary" not in repr(made)
    assert "canary" not in repr(vars(made.__self__))
    receiver = vars(made.__self__)["_receiver"]
    assert "canary" not in repr(vars(receiver)) + repr(vars(vars(receiver)["_basic"]))
