"""State that a client shares with other processes: made from its options, closed with it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from halo_async._utils.clock import Clock
from halo_async._utils.secret import Secret
from halo_async.auth.login_key import encode_parts
from halo_async.coordination.link import RedisLink
from halo_async.coordination.options import Coordination
from halo_async.coordination.window import SharedWindow
from halo_async.settings import Instance, RateLimit

if TYPE_CHECKING:
    from halo_async.coordination.tokens import SharedTokens


class Shared:
    """One connection to Redis, with the window and the login that are behind it."""

    def __init__(
        self,
        options: Coordination,
        instance: Instance,
        tenant: str | None,
        credentials: Any,
        *,
        limit: RateLimit | None,
        clock: Clock,
        patience: float,
        keeps_tokens: bool = True,
    ) -> None:
        """`keeps_tokens`: False if the client has a token store of its own.

        :raises SettingsError: tokens cannot be encrypted, or an option in the address is not valid.
        """
        self._options = options
        self._clock = clock
        self._patience = patience
        self._link = RedisLink(options.url)
        self._link.check_address()
        name = window_name(instance, tenant, credentials)
        self.window = SharedWindow(self._link, options, limit, name, clock, patience)
        self.tokens = self._tokens(credentials) if keeps_tokens else None

    def _tokens(self, credentials: Any) -> SharedTokens | None:
        from halo_async.auth.credentials import ApiKeyCredentials, CallableCredentials

        if self._options.tokens == "none" or isinstance(credentials, ApiKeyCredentials | CallableCredentials):
            return None
        from halo_async.coordination.tokens import SharedTokens, check_key

        check_key(credentials, self._options.key)
        return SharedTokens(self._link, self._options, self._clock, self._patience)

    async def aclose(self) -> None:
        """Give back what is held, and close the connection."""
        try:
            await self.window.aclose()
        finally:
            await self._link.aclose()


def window_name(instance: Instance, tenant: str | None, credentials: Any) -> str:
    """Return the name in Redis of the window of an instance, tenant and client id."""
    key = getattr(credentials, "key", None)
    who = getattr(credentials, "client_id", None) or (key.reveal() if isinstance(key, Secret) else None)
    digest = sha256(encode_parts(("window", instance.data_of(tenant), who))).hexdigest()
    return f"{instance.host}/{digest[:24]}"
