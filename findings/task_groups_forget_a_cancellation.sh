#!/usr/bin/env bash
# anyio 4.16.0: a task inside a task group is cancelled with Task.cancel() in the same turn of the event loop in which a
# child of the group fails. The group raises the child's error alone; whoever handles that error goes on as if nobody had
# cancelled, and Task.cancelling() still counts one. asyncio's own group did the same, and does not any more in Python
# 3.13.0: so the same program is cancelled by one group and not by the other.
# Expected: the cancellation is raised, or comes at the next await.
# Seen: anyio "went on, cancelling 1" on Python 3.11.7, 3.12.1 and 3.13.0; asyncio the same on 3.11.7 and 3.12.1, and
# "cancelled" on 3.13.0.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet anyio==4.16.0
cat >"$scratch/look.py" <<'PY'
import asyncio

import anyio


async def look(kind):
    fail = asyncio.Event()

    async def child():
        await fail.wait()
        raise ValueError("a child failed")

    async def parent():
        try:
            if kind == "anyio":
                async with anyio.create_task_group() as group:
                    group.start_soon(child)
            else:
                async with asyncio.TaskGroup() as group:
                    group.create_task(child())
        except* ValueError:
            pass
        await asyncio.sleep(0.01)  # a cancellation would be raised here at the latest
        return f"went on, cancelling {asyncio.current_task().cancelling()}"

    task = asyncio.create_task(parent())
    await asyncio.sleep(0.01)
    fail.set()
    task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        return "cancelled"


for kind in ("anyio", "asyncio"):
    print(kind, asyncio.run(look(kind)), sep=": ")
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
newest=$("$scratch/venv/bin/python" -c 'import sys; print(sys.version_info >= (3, 13))')
own="went on, cancelling 1"
[ "$newest" = True ] && own="cancelled"
[ "$seen" = "$(printf 'anyio: went on, cancelling 1\nasyncio: %s' "$own")" ]
