#!/usr/bin/env bash
# aioresponses 0.7.9 (the newest, which allows any aiohttp from 3.8 and below 4) with aiohttp 3.14.5: every mocked
# request ends in a TypeError, since ClientResponse needs a keyword argument that is new in 3.14. The request is recorded
# all the same, so that a test which looks at requests only, around an `except Exception`, passes.
# Expected: the response, as with aiohttp 3.13.5, or an upper bound among the requirements.
# Seen: below; a response_class of one's own that gives the argument a value makes it work with 3.14.5, and only there.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/look.py" <<'PY'
import asyncio
from unittest.mock import Mock

import aiohttp
from aioresponses import aioresponses


class Response(aiohttp.ClientResponse):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"stream_writer": Mock(output_size=0), **kwargs})


async def main():
    for kind in (None, Response):
        with aioresponses() as mock:
            mock.get("http://host.example/", payload={"a": 1}, response_class=kind)
            async with aiohttp.ClientSession() as session:
                try:
                    async with session.get("http://host.example/") as response:
                        seen = await response.json()
                except TypeError as error:
                    seen = f"TypeError, {'stream_writer' in str(error)}"
            print(aiohttp.__version__, "usual" if kind is None else "own", seen, len(mock.requests))


asyncio.run(main())
PY
seen=$(for version in 3.13.5 3.14.5; do
    "${PYTHON:-python3}" -m venv "$scratch/$version"
    "$scratch/$version/bin/pip" install --quiet aioresponses==0.7.9 "aiohttp==$version"
    "$scratch/$version/bin/python" "$scratch/look.py"
done)
echo "$seen"
[ "$seen" = "3.13.5 usual {'a': 1} 1
3.13.5 own TypeError, True 1
3.14.5 usual TypeError, True 1
3.14.5 own {'a': 1} 1" ]
