"""Conversion of options, a profile and environment variables to a client."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import attrs

from halo_async._utils.secret import Secret
from halo_async.auth.credentials import Credentials
from halo_async.auth.login_file import LoginFileStore, StoredLogin, default_path, read
from halo_async.auth.profiles.arguments import stored_login_of
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.profiles.secret_sources import environment_variable
from halo_async.auth.stored_login import WantedLogin, login_again, stored_credentials, usable_login
from halo_async.cli.chosen_profile import GivenLogin, profile_for, text_of, variable
from halo_async.cli.client_secret import (
    can_prompt,
    find_secret,
    secret_from_environment,
    secret_from_file,
    secret_from_prompt,
)
from halo_async.cli.errors import UsageError, as_sentence
from halo_async.cli.wait_display import show_waits
from halo_async.client import Halo
from halo_async.errors import AuthenticationError, SettingsError
from halo_async.settings import ClientCredentials, Instance, RateLimit


@attrs.frozen
class ChosenInstance:
    """The login that a command uses."""

    instance: Instance
    credentials: Credentials
    tenant: str | None
    scope: str
    kept: StoredLogin | None = None
    auth_url: str | None = None
    profile: Profile | None = None


@attrs.frozen(slots=False)
class Connection:
    """Values of a command's shared options."""

    given: GivenLogin
    secret_file: Path | None = None
    given_rate_limit: str | None = None
    store: Path | None = None
    given_deadline: float | None = None
    """Timeout in seconds; None for the profile's, or the client's default."""
    given_overlay: Path | None = None
    """File of measurements of the instance, from `doctor --probe`."""
    given_coordination: Secret | None = None
    """Redis that processes share; None for that of the profile, or of the environment."""

    def open(self, **options: Any) -> Halo:
        """Return a client, not yet logged in.

        :raises UsageError: something is missing or cannot be read.
        :raises SettingsError: an option or the profile is invalid.
        :raises AuthenticationError: the stored login has expired.
        """
        return self.client(self.choose(), **options)

    def client(self, chosen: ChosenInstance, **options: Any) -> Halo:
        """Return a client with this login, not yet logged in."""
        known: dict[str, Any] = {"deadline": self.deadline} if self.deadline is not None else {}
        known = {**known, "measurements": self.measurements, "coordination": self.coordination}
        return open_chosen(chosen, self.rate_limit, **{**known, **options})

    def choose(self) -> ChosenInstance:
        """Return the login: secret file, `--store`, then that of the profile or the environment.

        :raises UsageError: there is none, or something is missing or cannot be read.
        """
        if self.secret_file is not None and self.store is not None:
            raise UsageError("--client-secret-file and --store exclude each other. Give one of them.")
        if self.secret_file is not None:
            instance, client_id = self.named()
            return self._choose_instance(
                instance, ClientCredentials(client_id, secret_from_file(self.secret_file))
            )
        if self.store is not None:
            return self._load_login(self.store)
        if self.profile is not None:
            return self._of_profile(self.profile)
        if (
            not secret_from_environment()
            and (found := usable_login(default_path(), self._wanted)) is not None
        ):
            return self._stored(found)
        instance, client_id = self.named()
        return self._choose_instance(instance, ClientCredentials(client_id, find_secret(None)))

    def place(self) -> Instance:
        """Return the instance alone, as given or from the stored login.

        :raises UsageError: none is given.
        """
        if self._wanted.instance is not None:
            return self._wanted.instance
        found = None if self.secret_file or secret_from_environment() else read(self.store or default_path())
        return Instance.parse(found.api_url) if found else self.named()[0]

    def named(self) -> tuple[Instance, str]:
        """Return the instance and the client id.

        :raises UsageError: one is missing.
        """
        return named(self._wanted)

    @cached_property
    def profile(self) -> Profile | None:
        """The profile that is used, if one is.

        :raises SettingsError: there is no such profile, or it is not valid.
        :raises UsageError: the options name another instance.
        """
        return profile_for(
            self.given, alone=not (self.secret_file or self.store or secret_from_environment())
        )

    @property
    def tenant(self) -> str | None:
        """The tenant, if one is given."""
        return self._wanted.tenant

    @property
    def auth_url(self) -> str | None:
        """The authorization server, if one is given."""
        return self._wanted.auth_url

    @property
    def rate_limit(self) -> RateLimit | None:
        """The limit that is given, or the default; None for none.

        :raises UsageError: it is neither a limit nor `none`.
        """
        if text_of(self.given_rate_limit) is None and "rate_limit" in self._options:
            limit: RateLimit | None = self._options["rate_limit"]
            return limit
        return parse_rate_limit(text_of(self.given_rate_limit) or variable("HALO_RATE_LIMIT"))

    @property
    def deadline(self) -> float | None:
        """Timeout in seconds; None for the client's default."""
        return self.given_deadline if self.given_deadline is not None else self._options.get("deadline")

    @property
    def measurements(self) -> Path | None:
        """The file of measurements, if there is one."""
        own = self.given_overlay or self._options.get("measurements")
        named = variable("HALO_OVERLAY")
        return own or (Path(named) if named else None)

    @property
    def coordination(self) -> Secret | str | None:
        """The Redis that processes share; None for that of the environment, if it has one."""
        return self.given_coordination or self._options.get("coordination")

    @property
    def _options(self) -> Mapping[str, Any]:
        return {} if self.profile is None else self.profile.options

    @cached_property
    def _wanted(self) -> WantedLogin:
        return self.given.completed(self.profile)

    def _choose_instance(self, instance: Instance, credentials: Credentials) -> ChosenInstance:
        wanted = self._wanted
        return ChosenInstance(
            instance,
            credentials,
            wanted.tenant,
            wanted.scope or "all",
            auth_url=wanted.auth_url,
            profile=self.profile,
        )

    def _of_profile(self, profile: Profile) -> ChosenInstance:
        """Return the login of a profile: never by `HALO_CLIENT_SECRET`, which may be that of another instance."""
        read_variable = environment_variable()
        source = profile.secret_source(read_variable)
        if source is not None:
            instance, client_id = self.named()
            return self._choose_instance(instance, source.credentials(client_id, read_variable))
        if (found := stored_login_of(profile, self._wanted)) is not None:
            return self._stored(found)
        instance, client_id = self.named()
        if not can_prompt():
            raise UsageError(
                f"The profile {profile.name!r} has no secret and no stored login. Set {profile.variable}, or run"
                f" `halo-async login --profile {profile.name}`."
            )
        return self._choose_instance(instance, ClientCredentials(client_id, secret_from_prompt()))

    def _stored(self, kept: StoredLogin) -> ChosenInstance:
        assert kept.token is not None
        where, credentials = Instance.parse(kept.api_url), stored_credentials(kept)
        return ChosenInstance(
            where, credentials, kept.tenant, kept.token.scope, kept, kept.auth_url, self.profile
        )

    def _load_login(self, path: Path) -> ChosenInstance:
        found = usable_login(path, self._wanted)
        if found is None:
            raise UsageError(
                f"{path} has no login for this instance, client id, tenant, scope and authorization server."
                " Run `halo-async login`."
            )
        return self._stored(found)


def named(wanted: WantedLogin) -> tuple[Instance, str]:
    """Return the instance and the client id of a login.

    :raises UsageError: one is missing.
    """
    missing = [
        f"{option} (or {variable})"
        for value, option, variable in (
            (wanted.instance, "--instance", "HALO_INSTANCE"),
            (wanted.client_id, "--client-id", "HALO_CLIENT_ID"),
        )
        if value is None
    ]
    if wanted.instance is None or wanted.client_id is None:
        raise UsageError(
            f"Missing {' and '.join(missing)}. Give what is missing or a --profile, or try `halo-async demo`."
        )
    return wanted.instance, wanted.client_id


class _KeptHalo(Halo):
    """A client on a stored login, which may have been revoked meanwhile."""

    again = ""

    async def __aenter__(self) -> Self:
        try:
            return await super().__aenter__()
        except AuthenticationError as error:
            if type(error) is not AuthenticationError:  # not a refusal: no server was reached
                raise
            raise AuthenticationError(f"{as_sentence(error)} {self.again}") from error


def again(chosen: ChosenInstance) -> str:
    """Return the sentence that names the command for a new login."""
    return login_again(None if chosen.profile is None else chosen.profile.name)


def open_chosen(chosen: ChosenInstance, limit: RateLimit | None, **options: Any) -> Halo:
    """A client with a login, not yet logged in, whose waits are shown; by the environment's proxy, if it has one."""
    from halo_async.transport.proxy import has_environment_proxy

    show_waits()
    given: dict[str, Any] = {
        "tenant": chosen.tenant,
        "scope": chosen.scope,
        "rate_limit": limit,
        "token_store": _token_store(chosen),
        "auth_url": chosen.auth_url,
        "trust_env": has_environment_proxy(chosen.instance.api_url),
        **options,
    }
    if chosen.kept is None:
        return Halo(chosen.instance, chosen.credentials, **given)
    halo = _KeptHalo(chosen.instance, chosen.credentials, **given)
    halo.again = again(chosen)
    return halo


def _token_store(chosen: ChosenInstance) -> Any:
    if chosen.kept is not None:
        return LoginFileStore(chosen.kept)
    return None if chosen.profile is None else chosen.profile.options.get("token_store")


def parse_rate_limit(text: str | None) -> RateLimit | None:
    """`RateLimit.parse`, for an option that may be left out.

    :raises UsageError: it is neither a limit nor `none`.
    """
    try:
        return RateLimit.parse(text or "")
    except SettingsError as error:
        raise UsageError(f"--rate-limit {error}") from None
