#!/usr/bin/env bash
# aioresponses 0.7.9 with aiohttp 3.13.5: a mocked redirect turns every method into GET, also where the status is 307 or
# 308, which keep it, and PUT and DELETE after 301 and 302, whose method aiohttp keeps. What comes second is matched as
# "get", is not among mock.requests, and its response calls its method "get" in small letters. So a test that a write is
# not lost, or not repeated, over a redirect passes or fails whatever the client does.
# Expected: what aiohttp itself does over a socket with the same statuses.
# Seen: both, side by side, below.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet aioresponses==0.7.9 aiohttp==3.13.5
cat >"$scratch/look.py" <<'PY'
import asyncio

import aiohttp
from aiohttp import web
from aioresponses import aioresponses

METHODS, STATUSES = ("POST", "PUT"), (301, 303, 307, 308)


async def over_a_socket(method, status):
    seen = []

    async def first(request):
        seen.append(request.method)
        return web.Response(status=status, headers={"Location": "/second"})

    async def second(request):
        seen.append(request.method)
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/first", first)
    application.router.add_route("*", "/second", second)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with aiohttp.ClientSession() as session:
        port = runner.addresses[0][1]
        async with session.request(method, f"http://127.0.0.1:{port}/first", data=b"x") as response:
            result = [*seen, response.method]
    await runner.cleanup()
    return result


async def mocked(method, status):
    with aioresponses() as mock:
        for each in ("GET", "POST", "PUT"):
            mock.add("http://host.example/first", each, status=status, headers={"Location": "/second"})
            mock.add("http://host.example/second", each)
        async with aiohttp.ClientSession() as session:
            async with session.request(method, "http://host.example/first", data=b"x") as response:
                return [*(key[0] for key in mock.requests), response.method]


async def main():
    for method in METHODS:
        for status in STATUSES:
            print(method, status, "socket", *await over_a_socket(method, status), "mock", *await mocked(method, status))


asyncio.run(main())
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "POST 301 socket POST GET GET mock POST get
POST 303 socket POST GET GET mock POST get
POST 307 socket POST POST POST mock POST get
POST 308 socket POST POST POST mock POST get
PUT 301 socket PUT PUT PUT mock PUT get
PUT 303 socket PUT GET GET mock PUT get
PUT 307 socket PUT PUT PUT mock PUT get
PUT 308 socket PUT PUT PUT mock PUT get" ]
