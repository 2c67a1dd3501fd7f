"""One complete login: discover the service, post the grant, retry where that may help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from halo_async._utils.background import complete_in_time
from halo_async._utils.backoff import Random, backoff, jittered, retry_after
from halo_async._utils.clock import Clock
from halo_async._utils.wait_notice import wait
from halo_async.auth.discovery import LoginService, discover
from halo_async.auth.grants import Grant
from halo_async.auth.http import HttpSender, LoginResponse, TemporarilyUnavailable
from halo_async.auth.token_response import (
    TokenResponse,
    read_token_response,
    refuses_grant,
    says_nothing_of_tokens,
)
from halo_async.auth.tokens import LoginFailed
from halo_async.errors import (
    AuthenticationError,
    CertificateError,
    CoordinationError,
    DecodeError,
    LoginUnavailableError,
    ResponseTooLargeError,
    TransportError,
)
from halo_async.settings import Instance

RETRIES = 3
GRACE = 30.0
"""Seconds that a login has to end once its client is closed, if it uses up a refresh token."""
LONGEST_WAIT = 30.0
"""Maximum wait that a login service may ask for; a longer one is reported instead."""


class Login:
    """Requests new tokens and caches what it learned about the login service."""

    def __init__(
        self,
        exchange: HttpSender,
        instance: Instance,
        grant: Grant,
        *,
        clock: Clock,
        random: Random,
        tenant: str | None = None,
        auth_url: str | None = None,
    ) -> None:
        self._exchange = exchange
        self._instance = instance
        self._grant = grant
        self._clock = clock
        self._random = random
        self._tenant = tenant
        self._auth_url = auth_url
        self._service: LoginService | None = None
        self._has_worked = False
        """True if a token was received: a wrong tenant gets none."""
        self._refused = False
        self._sending = False
        self.keep: Callable[[TokenResponse], Awaitable[None]] | None = None
        """Stores a token before it is returned."""
        self.asked_at = 0.0
        """Wall-clock time of the last posted grant: the token's lifetime starts there."""

    async def __call__(self) -> TokenResponse:
        """Log in.

        :raises LoginFailed: on every failure; it contains the error for users.
        """
        tries, self._refused = 0, False
        while True:
            try:
                return await self._once()
            except AuthenticationError as error:
                raise LoginFailed(error, True, tries + 1, refused=self._refused) from None
            except TemporarilyUnavailable as trouble:
                tries += 1
                seconds = self._compute_wait(trouble, tries)
                reason = f"the login is retried. {trouble.error}"
            await wait(self._clock, seconds, reason)

    def _compute_wait(self, trouble: TemporarilyUnavailable, tries: int) -> float:
        asked = retry_after(trouble.headers, self._clock.time())
        if tries > RETRIES or (asked or 0.0) > LONGEST_WAIT:
            if isinstance(trouble.error.__cause__, TransportError):
                self._service = None  # its host may no longer exist
            raise LoginFailed(trouble.error, False, tries, asked) from None
        return max(backoff(tries - 1, self._random), jittered(asked or 0.0, self._random))

    async def _once(self) -> TokenResponse:
        service = await self.service()
        await self._grant.prepare(service)
        if self._grant.spends:  # cancelled or not, what it sends is used up
            return await complete_in_time(self._exchanged(service), self._too_late)
        return await self._exchanged(service)

    async def _too_late(self) -> None:
        """Return when a login is no longer waited for: its service does not respond, or its store."""
        await self._clock.sleep(GRACE)
        if not self._sending:
            await asyncio.sleep(GRACE)

    async def _exchanged(self, service: LoginService) -> TokenResponse:
        response = await self._post(service)
        if refuses_grant(response):
            self._refused = True
            self._grant.refused()
        if says_nothing_of_tokens(response):
            self._service = None  # the login service may have moved: the next login discovers it again
        granted = read_token_response(response, service)
        self._service, self._has_worked = service._replace(tenant_is_certain=True), True
        self._grant.received(granted.refresh_token)
        if self.keep is not None:
            await self.keep(granted)
        return granted

    async def service(self) -> LoginService:
        """Return the login service, discovered once and again when it is no longer found.

        :raises DiscoveryError: see `discover`.
        """
        if self._service is None:
            found = await discover(
                self._exchange, self._instance, tenant=self._tenant, auth_url=self._auth_url
            )
            self._service = found._replace(tenant_is_certain=found.tenant_is_certain or self._has_worked)
        return self._service

    async def _post(self, service: LoginService) -> LoginResponse:
        self.asked_at = self._clock.time()
        self._sending = True
        try:
            return await self._exchange("POST", service.token_url, form=self._grant.form())
        except CoordinationError:
            raise  # waited for as long as it may be
        except (CertificateError, ResponseTooLargeError) as error:
            raise AuthenticationError(f"The login failed. {error}") from error
        except (TransportError, DecodeError) as error:
            raise TemporarilyUnavailable(
                LoginUnavailableError(f"The login failed. {error}"), cause=error
            ) from None
        finally:
            self._sending = False
