"""Use of the login that `halo-async login` stored: only for the instance and application that it was made with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.secret import Secret
from halo_async.auth.credentials import RefreshTokenCredentials
from halo_async.auth.discovery import override
from halo_async.auth.login_file import LoginFileStore, StoredLogin, read
from halo_async.errors import AuthenticationError
from halo_async.settings import Instance


@attrs.frozen
class WantedLogin:
    """Properties that a stored login has to match; None where anything does."""

    instance: Instance | None = None
    client_id: str | None = None
    tenant: str | None = None
    scope: str | None = None
    auth_url: str | None = None

    def fits(self, kept: StoredLogin) -> bool:
        """Return whether a stored login is one of these."""
        return (
            (self.instance is None or self.instance.api_url == kept.api_url)
            and self.client_id in (None, kept.client_id)
            and self.tenant in (None, kept.tenant)
            and (self.scope is None or set(self.scope.split()) == set(kept.scope.split()))
            and self._renews_where(kept)
        )

    def _renews_where(self, kept: StoredLogin) -> bool:
        """Return whether the refresh token is sent only to the login service that issued it."""
        return self.auth_url is None or (
            kept.auth_url is not None and override(self.auth_url) == override(kept.auth_url)
        )


def login_again(profile: str | None = None) -> str:
    """Return the sentence that names the command for a new login."""
    return f"Run `halo-async login{f' --profile {profile}' if profile else ''}` again."


def usable_login(path: Path, wanted: WantedLogin, profile: str | None = None) -> StoredLogin | None:
    """Return the login in a file; None if there is none that fits.

    :param profile: whose login it is.
    :raises AuthenticationError: it has expired.
    :raises SettingsError: the file cannot be used.
    """
    kept = read(path)
    if kept is None or not wanted.fits(kept):
        return None
    if kept.ended or kept.token is None:
        raise AuthenticationError(f"The login stored in {path} has expired. {login_again(profile)}")
    return kept


def stored_credentials(kept: StoredLogin) -> RefreshTokenCredentials:
    """Return the credentials of a stored login; its store has the tokens that follow."""
    assert kept.token is not None
    return RefreshTokenCredentials(kept.client_id, kept.token.refresh_token or Secret(""))


def stored_arguments(kept: StoredLogin) -> dict[str, Any]:
    """Return the arguments of a client that uses a stored login."""
    assert kept.token is not None
    return {
        "instance": Instance.parse(kept.api_url),
        "credentials": stored_credentials(kept),
        "tenant": kept.tenant,
        "scope": kept.token.scope,
        "auth_url": kept.auth_url,
        "token_store": LoginFileStore(kept),
    }
