"""The client without `await`."""

from __future__ import annotations

from functools import update_wrapper
from typing import Any, NoReturn, Self

from halo_async.blocking.call import CallerDesk
from halo_async.blocking.facade import described_by, facade_class, stands_for
from halo_async.blocking.portal import Portal
from halo_async.blocking.resources import ResourceGroup
from halo_async.client import Client as AsyncClient
from halo_async.client import Halo as AsyncHalo
from halo_async.transport.factories import make_caller


@stands_for(AsyncClient)
class Client(ResourceGroup):
    """A client without resources: the base of `Halo`, also of the `Halo` of a generated package."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """See `halo_async.Halo`; a session cannot be given."""
        try:
            if options.get("session") is not None:
                raise TypeError("A session belongs to an event loop. Leave it out: the client has its own.")
            client = self._asynchronous(*args, **options)
        except BaseException:
            del args, options  # tracebacks show locals
            raise
        self._wrapped = client
        self._portal = Portal(client.aclose, make_caller())

    update_wrapper(__init__, AsyncClient.__init__)

    @classmethod
    def _new(cls, client: AsyncClient) -> Self:
        return cls._of(client, Portal(client.aclose, make_caller()))

    def __enter__(self) -> Self:
        """Open and log in.

        :raises AuthenticationError: secret, tenant or address is wrong; the message says which.
        :raises DeadlineExceededError: connecting and logging in took longer than `deadline=`.
        """
        self._portal.open()
        try:
            self._portal.run(self._wrapped.__aenter__())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection and end the event loop; once more does no harm. Calls under way are cancelled."""
        self._portal.close()

    @described_by(AsyncClient.export)
    def export(self, *args: Any, **options: Any) -> Any:
        """See `halo_async.Client.export`."""
        from halo_async.export.notebook import own_progress

        desk, on_progress = CallerDesk(), options.get("on_progress")
        if on_progress is None:
            on_progress = own_progress()
        if on_progress is not None:  # called by the thread that waits
            options["on_progress"] = lambda progress: desk.put(lambda: on_progress(progress))
        try:
            return self._wrap_result(self._wrapped.export(*args, **options), desk)
        except BaseException:
            del args, options, on_progress
            raise

    async def __aenter__(self) -> NoReturn:
        raise TypeError(
            f"This {type(self).__name__} is used by plain `with`. For `async with` use halo_async.Halo."
        )

    async def __aexit__(self, *error: object) -> None:
        """Python looks for it before it enters."""


Halo = facade_class(AsyncHalo)
"""The client with the built-in resources."""
