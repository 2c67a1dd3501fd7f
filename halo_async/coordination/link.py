"""The connection to Redis: one question at a time, each with a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from halo_async._utils.secret import Secret
from halo_async._utils.tracebacks import strip_traceback
from halo_async.coordination.options import FORMS
from halo_async.coordination.script import SCRIPT
from halo_async.errors import CoordinationError, SettingsError

T = TypeVar("T")

RESPONSE_TIMEOUT = 2.0
"""Seconds after which a Redis that does not respond counts as away."""
FIRST_RESPONSE = 20.0
"""Seconds for which a Redis is waited for that has never responded: its address may be wrong."""
_REFUSES = ("AuthenticationError", "AuthenticationWrongNumberOfArgsError", "NoPermissionError")


CONNECTIONS = 8
"""Connections of a process to one Redis, however many clients it has; questions beyond that take turns."""

_OPEN: dict[tuple[asyncio.AbstractEventLoop, Secret], tuple[Any, int]] = {}
"""The client of each event loop and address, and its number of users."""


class RedisAway(Exception):
    """Redis did not respond. The text names the kind of failure."""


class RedisLink:
    """A client of Redis for the running event loop, made when it is first used."""

    def __init__(self, address: Secret) -> None:
        self._address = address
        self._client: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._errors: Any = None
        self._sha: str | None = None
        self._has_responded = False

    @property
    def place(self) -> str:
        """Host and port, or the path of a socket, for messages."""
        parts = urlsplit(self._address.reveal())
        return f"{parts.hostname}:{parts.port}" if parts.hostname else parts.path

    @property
    def client(self) -> Any:
        """The client of the package `redis`.

        :raises SettingsError: the package is not installed, or does not accept the address.
        """
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            client, users = _OPEN.get((loop, self._address)) or (self._connect(), 0)
            _OPEN[loop, self._address] = client, users + 1
            self._client, self._loop = client, loop
        return self._client

    async def ask(self, keys: list[str], question: dict[str, Any]) -> list[Any]:
        """Run the script.

        :raises RedisAway: there is no response.
        :raises CoordinationError: Redis refuses the login or the script.
        """
        text = msgspec.json.encode(question)
        return await self.run(lambda client: self._evaluate(client, keys, text))

    async def run(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Let something be done with the client; see `ask`."""
        client = self.client
        errors = self._errors = import_module("redis.exceptions")
        try:
            async with asyncio.timeout(RESPONSE_TIMEOUT):
                try:
                    found = await work(client)
                except errors.ConnectionError as error:
                    if type(error) is not errors.ConnectionError:
                        raise
                    found = await work(client)  # on a connection that was not closed meanwhile
                self._has_responded = True
                return found
        except errors.RedisError as error:
            failed = error
        except (OSError, TimeoutError) as error:
            raise RedisAway(type(error).__name__) from None
        raise self._convert_error(failed)

    def check_waiting(self, seconds: float, patience: float) -> None:
        """Check that Redis, which has been away for so many seconds, may still be waited for.

        :raises CoordinationError: it was waited for long enough.
        """
        longest = patience if self._has_responded else min(patience, FIRST_RESPONSE)
        if seconds <= longest:
            return
        mend = "Start it" if self._has_responded else "Check the address and that it runs"
        raise CoordinationError(
            f"Redis at {self.place} has not responded for {longest:g} s. {mend}, or choose "
            'when_unavailable="share" to continue with a part of the quota. With "stop", the default, requests wait.'
        )

    def check_address(self) -> None:
        """Check the options in the address, where the package that knows them is installed.

        :raises SettingsError: one of them is not valid.
        """
        with suppress(ImportError):
            package, retry = _packages()
            _check_pool(_pool(package, self._address, retry))

    async def aclose(self) -> None:
        """Close the connections, if no other client of this process uses them."""
        client, self._client = self._client, None
        if client is None or self._loop is None:
            return
        entry = (self._loop, self._address)
        users = _OPEN.pop(entry)[1] - 1
        if users:
            _OPEN[entry] = client, users
        elif self._loop is asyncio.get_running_loop():
            await client.aclose(close_connection_pool=True)

    async def _evaluate(self, client: Any, keys: list[str], text: bytes) -> list[Any]:
        if self._sha is None:
            from hashlib import sha1

            self._sha = sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()
        try:
            found: list[Any] = await client.evalsha(self._sha, len(keys), *keys, text)
        except self._errors.NoScriptError:
            found = await client.eval(SCRIPT, len(keys), *keys, text)
        return found

    def _convert_error(self, error: Exception) -> Exception:
        name = type(error).__name__
        if name in _REFUSES:
            return CoordinationError(
                f"Redis at {self.place} refuses this login ({name}). Check the user and the password of coordination=."
            )
        from_server = isinstance(error, self._errors.ResponseError)
        reason = str(error).split(" ", 1)[0] if from_server else name  # such as READONLY; the rest may quote
        if reason == "ERR":
            return CoordinationError(
                f"Redis at {self.place} cannot run the script. Use Redis 6 or Valkey, or later."
            )
        return RedisAway(reason)

    def _connect(self) -> Any:
        try:
            package, retry = _packages()
        except ImportError:
            raise SettingsError(
                "Coordination requires two packages. Run pip install 'halo-async[redis]'."
            ) from None
        return package.Redis(connection_pool=_check_pool(_pool(package, self._address, retry)))


def _packages() -> tuple[Any, Any]:
    """Return `redis.asyncio`, and its way not to retry.

    :raises ImportError: it is not installed.
    """
    import redis.asyncio
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff

    return redis.asyncio, Retry(NoBackoff(), 0)


def _check_pool(pool: Any) -> Any:
    if not isinstance(pool, Exception):
        return pool
    raise SettingsError(
        f"`coordination` cannot be used ({type(pool).__name__}). Use {FORMS}. Options are "
        "?when_unavailable=, share= and tokens=, and those of the package redis, such as socket_timeout=."
    )


def _pool(package: Any, address: Secret, retry: Any) -> Any:
    """Return a pool of connections, or the error: a traceback from here would show the address."""
    try:
        pool = package.BlockingConnectionPool.from_url(
            address.reveal(),
            max_connections=CONNECTIONS,
            timeout=RESPONSE_TIMEOUT,
            socket_connect_timeout=RESPONSE_TIMEOUT,
            retry=retry,
        )
        pool.make_connection()  # fails for an option that the package does not know
    except Exception as error:
        return strip_traceback(error)
    return pool
