"""One function over many names, with bounded concurrency, and a result for each."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from halo_async._utils.background import in_own_task
from halo_async._utils.clock import Clock
from halo_async._utils.task_groups import OpenGroup, run_all
from halo_async._utils.validation import article
from halo_async.errors import DeadlineExceededError, HaloError
from halo_async.fleet.result import Result

if TYPE_CHECKING:
    from anyio.streams.memory import MemoryObjectSendStream


async def results(
    names: Sequence[str],
    call: Callable[[str], Any],
    *,
    concurrency: int,
    deadline: float | None,
    clock: Clock,
) -> AsyncGenerator[Result[Any], None]:
    """Yield results as they become available. Leaving early cancels and awaits the calls in progress."""
    from anyio import CapacityLimiter, create_memory_object_stream

    places = CapacityLimiter(concurrency)
    send, receive = create_memory_object_stream[Result[Any]](len(names))  # a slow reader holds up no call

    async def work(name: str, send: MemoryObjectSendStream[Result[Any]]) -> None:
        with send:
            async with places:
                send.send_nowait(await _run_call(name, call, deadline, clock))

    with send, receive:
        async with OpenGroup() as group:
            for name in names:
                group.start_soon(work, name, send.clone())
            send.close()  # the last call closes the last one
            try:
                async for result in receive:
                    yield result
            except GeneratorExit:
                group.cancel()
                raise


async def _run_call(
    name: str, call: Callable[[str], Any], deadline: float | None, clock: Clock
) -> Result[Any]:
    start = clock.monotonic()
    value: Any = None
    failure: Exception | None = None
    try:
        value = await _within(deadline, clock, lambda: call(name))
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # What the function awaited was cancelled; that is not a reason to stop the others.
        failure = HaloError("The operation that the function awaited was cancelled.")
        failure.__cause__ = error
    except Exception as error:
        failure = error
    if failure is not None:
        failure.add_note(f"instance {name}")
    return Result(name, value, failure, clock.monotonic() - start)


class _Done(Exception):
    """Ends the waiting: for the function, or for its time."""


async def _within(seconds: float | None, clock: Clock, call: Callable[[], Any]) -> Any:
    if seconds is None:
        return await _awaited(call)
    found: list[Any] = []

    async def ask() -> None:
        found.append(await _awaited(call))
        raise _Done

    async def end() -> None:
        await clock.sleep(seconds)
        raise _Done

    with suppress(_Done):
        await run_all([ask(), end()])
    if not found:
        raise DeadlineExceededError(f"The deadline of {seconds:g} s expired.")
    return found[0]


async def _awaited(call: Callable[[], Any]) -> Any:
    """Call a user's function: cancelled once, as it expects, its cleanup may wait for what it likes."""
    return await in_own_task(_await_value(call))


async def _await_value(call: Callable[[], Any]) -> Any:
    value = call()
    return await value if inspect.isawaitable(value) else value


def caller_of(func: Callable[..., Any], clients: Mapping[str, Any]) -> Callable[[str], Any]:
    """Return the function that calls a user's function for the client of a name.

    :raises TypeError: it is not a function.
    """
    if not callable(func):
        raise TypeError(
            f"`func` must be a function of a client, or of a name and a client, not {article(func)}."
        )
    if _wants_name(func):
        return lambda name: func(name, clients[name])
    return lambda name: func(clients[name])


def _wants_name(func: Callable[..., Any]) -> bool:
    """Return whether a function has two positional parameters without a default: name and client."""
    try:
        parameters = inspect.signature(func).parameters.values()
    except (TypeError, ValueError):  # implemented in C, without a signature
        return False
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [one for one in parameters if one.kind in positional and one.default is one.empty]
    return len(needed) == 2
