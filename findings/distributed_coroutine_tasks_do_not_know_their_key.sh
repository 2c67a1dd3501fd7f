#!/usr/bin/env bash
# distributed 2026.8.0: a task asks its worker for its own key, by the call that the documentation of Worker gives for it
# ("Get the key of the task we are currently running. This only makes sense to run within a task"). In a function that runs in
# a thread it gets the key. In a coroutine function, which runs on the worker's event loop, the same call raises KeyError with
# the number of a thread, though get_worker() works there, and the worker does know the task and its state.
# Expected: the key, as in a thread.
# Seen: "thread: thread-1" and "coroutine: KeyError", on Python 3.11.7 and 3.13.0; the key has to be given to a coroutine as
# an argument, and then worker.state.tasks[key].state is "executing", and "cancelled" after Future.cancel(), while the
# coroutine runs on.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet distributed==2026.8.0
cat >"$scratch/look.py" <<'PY'
import asyncio
import sys

from distributed import Client, LocalCluster, get_worker

sys.states = []  # functions are pickled with copies of their globals


def thread():
    return get_worker().get_current_task()


async def coroutine():
    try:
        return get_worker().get_current_task()
    except KeyError as error:
        return type(error).__name__


async def long(key):
    worker = get_worker()
    for _ in range(40):
        sys.states.append(worker.state.tasks[key].state)
        await asyncio.sleep(0.05)


async def main():
    async with LocalCluster(
        n_workers=1, processes=False, asynchronous=True, dashboard_address=":0", silence_logs="ERROR"
    ) as cluster:
        async with Client(cluster, asynchronous=True) as client:
            print("thread:", await client.submit(thread, key="thread-1"))
            print("coroutine:", await client.submit(coroutine, key="coroutine-1"))
            future = client.submit(long, "long-1", key="long-1")
            await asyncio.sleep(0.7)
            await future.cancel()
            await asyncio.sleep(0.7)
            print("states:", *dict.fromkeys(sys.states))


asyncio.run(main())
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py" 2>"$scratch/err" || { cat "$scratch/err"; exit 1; })
echo "$seen"
[ "$seen" = "$(printf 'thread: thread-1\ncoroutine: KeyError\nstates: executing cancelled')" ]
