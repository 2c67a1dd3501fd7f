"""Conversion of options and environment variables to a client."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Self

import attrs

from halo_async._utils.secret import Secret
from halo_async._utils.secret_file import is_one_word, read_secret_file
from halo_async.auth.credentials import Credentials, RefreshTokenCredentials
from halo_async.auth.discovery import override
from halo_async.cli.errors import UsageError, as_sentence
from halo_async.cli.login_file import LoginFileStore, StoredLogin, default_path, read
from halo_async.cli.wait_display import show_waits
from halo_async.client import Halo
from halo_async.errors import AuthenticationError, SettingsError
from halo_async.settings import ClientCredentials, Instance, RateLimit

AGAIN = "Run `halo-async login` again."


@attrs.frozen
class ChosenInstance:
    """The login that a command uses."""

    instance: Instance
    credentials: Credentials
    tenant: str | None
    scope: str
    kept: StoredLogin | None = None
    auth_url: str | None = None


@attrs.frozen
class Connection:
    """Values of a command's shared options."""

    instance: str | None
    client_id: str | None
    secret_file: Path | None
    tenant: str | None
    scope: str | None
    rate_limit: str | None
    store: Path | None = None
    auth_url: str | None = None
    deadline: float | None = None
    """Timeout in seconds; None for the client's default."""
    overlay: Path | None = None
    """Measurements of the instance, from `doctor --probe`."""

    def open(self, **options: Any) -> Halo:
        """Return a client, not yet logged in.

        :raises UsageError: something is missing or cannot be read.
        :raises SettingsError: an option is invalid.
        :raises AuthenticationError: the stored login has expired.
        """
        return self.client(self.choose(), **options)

    def client(self, chosen: ChosenInstance, **options: Any) -> Halo:
        """Return a client with this login, not yet logged in."""
        if self.deadline is not None:
            options = {"deadline": self.deadline, **options}
        return open_chosen(chosen, parse_rate_limit(self.rate_limit), measurements=self.overlay, **options)

    def choose(self) -> ChosenInstance:
        """Return the login: secret file, `--store`, environment secret, stored login or prompt.

        :raises UsageError: there is none, or something is missing or cannot be read.
        """
        if self.secret_file is None:
            if self.store is not None:
                return self._kept(self.store)
            if not secret_from_environment() and (found := self._kept_for_this(default_path())) is not None:
                return found
        instance, client_id = self.named()
        return ChosenInstance(
            instance,
            ClientCredentials(client_id, find_secret(self.secret_file)),
            _text(self.tenant),
            self._scope,
            auth_url=_text(self.auth_url),
        )

    @property
    def _scope(self) -> str:
        return _text(self.scope) or "all"

    def place(self) -> Instance:
        """Return the instance alone, as given or from the stored login.

        :raises UsageError: none is given.
        """
        if _text(self.instance):
            return Instance.parse(_text(self.instance) or "")
        found = None if self.secret_file or secret_from_environment() else read(self.store or default_path())
        return Instance.parse(found.api_url) if found else self.named()[0]

    def named(self) -> tuple[Instance, str]:
        """Return the instance and the client id.

        :raises UsageError: one is missing.
        """
        missing = [
            f"{option} (or {variable})"
            for value, option, variable in (
                (self.instance, "--instance", "HALO_INSTANCE"),
                (self.client_id, "--client-id", "HALO_CLIENT_ID"),
            )
            if not _text(value)
        ]
        if missing:
            raise UsageError(
                f"Missing {' and '.join(missing)}. Give what is missing, or try `halo-async demo`."
            )
        return Instance.parse(_text(self.instance) or ""), _text(self.client_id) or ""

    def _kept(self, path: Path) -> ChosenInstance:
        found = self._kept_for_this(path)
        if found is None:
            raise UsageError(
                f"{path} has no login for this instance, client id, tenant, scope and authorization server."
                " Run `halo-async login`."
            )
        return found

    def _kept_for_this(self, path: Path) -> ChosenInstance | None:
        """Return the stored login, unless the options differ in instance, client, tenant, scope or URL."""
        kept = read(path)
        if kept is None or not self._fits(kept):
            return None
        if kept.ended or kept.token is None:
            raise AuthenticationError(f"The login stored in {path} has expired. {AGAIN}")
        credentials = RefreshTokenCredentials(kept.client_id, kept.token.refresh_token or Secret(""))
        where = Instance.parse(kept.api_url)
        return ChosenInstance(where, credentials, kept.tenant, kept.token.scope, kept, kept.auth_url)

    def _fits(self, kept: StoredLogin) -> bool:
        instance = _text(self.instance)
        return (
            (instance is None or Instance.parse(instance).api_url == kept.api_url)
            and _text(self.client_id) in (None, kept.client_id)
            and _text(self.tenant) in (None, kept.tenant)
            and (not _text(self.scope) or set(self._scope.split()) == set(kept.scope.split()))
            and self._renews_where(kept)
        )

    def _renews_where(self, kept: StoredLogin) -> bool:
        """Return whether the refresh token is sent only to the login service that issued it."""
        auth_url = _text(self.auth_url)
        return auth_url is None or (
            kept.auth_url is not None and override(auth_url) == override(kept.auth_url)
        )


class _KeptHalo(Halo):
    """A client on a stored login, which may have been revoked meanwhile."""

    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except AuthenticationError as error:
            if type(error) is not AuthenticationError:  # not a refusal: no server was reached
                raise
            raise AuthenticationError(f"{as_sentence(error)} {AGAIN}") from error


def open_chosen(chosen: ChosenInstance, limit: RateLimit | None, **options: Any) -> Halo:
    """A client with a login, not yet logged in, whose waits are shown."""
    show_waits()
    client = Halo if chosen.kept is None else _KeptHalo
    store = None if chosen.kept is None else LoginFileStore(chosen.kept)
    given: dict[str, Any] = {
        "tenant": chosen.tenant,
        "scope": chosen.scope,
        "rate_limit": limit,
        "token_store": store,
        "auth_url": chosen.auth_url,
    }
    return client(chosen.instance, chosen.credentials, **given, **options)


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None


def parse_rate_limit(text: str | None) -> RateLimit | None:
    """`RateLimit.parse`, for an option that may be left out.

    :raises UsageError: it is neither a limit nor `none`.
    """
    try:
        return RateLimit.parse(text or "")
    except SettingsError as error:
        raise UsageError(f"--rate-limit {error}") from None


# Sources of the client secret: never an argument.


def find_secret(file: Path | None) -> Secret:
    """Return the secret from a file, else the environment, else an interactive prompt.

    :raises UsageError: there is none.
    """
    if file is not None:
        return _secret_from_file(file)
    if given := secret_from_environment():
        return given
    if sys.stdin is not None and sys.stdin.isatty():
        return _secret_from_prompt()
    raise UsageError(
        "No client secret was given. Set HALO_CLIENT_SECRET, give --client-secret-file FILE, or run `halo-async login`."
    )


def secret_from_environment() -> Secret | None:
    """Return the secret in `HALO_CLIENT_SECRET`."""
    given = os.environ.get("HALO_CLIENT_SECRET", "").strip()
    return Secret(given) if given else None


def _secret_from_file(path: Path) -> Secret:
    try:
        return read_secret_file(path)
    except SettingsError as error:
        raise UsageError(str(error)) from error


def _secret_from_prompt() -> Secret:
    from getpass import getpass

    try:
        secret = Secret(getpass("Client secret: ").strip())
    except EOFError:
        raise UsageError(
            "No secret was given. Set HALO_CLIENT_SECRET, or use --client-secret-file."
        ) from None
    if not is_one_word(secret):
        raise UsageError("The input is not one secret. Type it alone, on one line.")
    return secret
