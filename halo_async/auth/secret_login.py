"""Login of an application whose secret is read at each login."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from halo_async._utils.secret import Secret
from halo_async._utils.threads import run_in_thread
from halo_async._utils.validation import article
from halo_async.auth.tokens import LoginFailed
from halo_async.auth.validation import check_credentials
from halo_async.errors import AuthenticationError, HaloError
from halo_async.settings import ClientCredentials

if TYPE_CHECKING:
    from halo_async.auth.credentials import SecretSourceCredentials
    from halo_async.auth.token_response import TokenResponse

LoginOf = Callable[[ClientCredentials], Callable[[], Awaitable["TokenResponse"]]]


class SecretSourceLogin:
    """Reads the secret, then logs in; what was learned of the login service stays until the secret changes."""

    def __init__(self, credentials: SecretSourceCredentials, login_of: LoginOf) -> None:
        """:param login_of: makes the login of an application whose secret is known."""
        self._given = credentials
        self._login_of = login_of
        self._secret: Secret | None = None
        self._login: Callable[[], Awaitable[TokenResponse]] | None = None

    async def __call__(self) -> TokenResponse:
        """See `Login.__call__`.

        :raises LoginFailed: the secret cannot be read, or the login failed.
        """
        secret = await self._read_secret()
        if self._login is None or secret != self._secret:
            await self.aclose()
            self._secret = secret
            self._login = self._login_of(ClientCredentials(self._given.client_id, secret))
        return await self._login()

    async def aclose(self) -> None:
        """See `PersistentLogin.aclose`."""
        if (close := getattr(self._login, "aclose", None)) is not None:
            await close()

    async def _read_secret(self) -> Secret:
        try:
            return await run_in_thread(_secret_of, self._given)
        except HaloError as error:
            wrong = AuthenticationError(str(error))
        except Exception as error:
            wrong = AuthenticationError(
                f"The source of the client secret failed with {type(error).__name__}."
            )
            wrong.__cause__ = error.with_traceback(None)
        raise LoginFailed(wrong, False, 1)


def _secret_of(given: SecretSourceCredentials) -> Secret:
    found = given.source()
    if not isinstance(found, str | Secret):
        raise AuthenticationError(
            f"The source of the client secret must return a string, not {article(found)}."
        )
    secret = Secret(found)
    del found  # tracebacks show locals
    check_credentials(ClientCredentials(given.client_id, secret))
    return secret
