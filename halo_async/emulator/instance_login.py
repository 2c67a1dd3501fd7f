"""Properties of an emulated instance that are about its login: what a client gives, and the tenants there are."""

from __future__ import annotations

from collections.abc import Iterable

from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.login import Identity
from halo_async.emulator.service import EmulatorService


class LoginProperties:
    """Names and secrets that the instance accepts."""

    _identity: Identity
    _service: EmulatorService

    @property
    def client_id(self) -> str:
        """Id of the application that may log in with its secret."""
        return self._identity.client_id

    @property
    def client_secret(self) -> str:
        """Secret of the application: invented, useless elsewhere."""
        return self._identity.client_secret

    @property
    def tenant(self) -> str | None:
        """The tenant's name."""
        return self._identity.tenant

    @property
    def tenants(self) -> frozenset[str]:
        """More tenants that may be logged in to; each has its own data and rolling limit."""
        return self._service.login.tenants

    @tenants.setter
    def tenants(self, names: Iterable[str]) -> None:
        self._service.login.tenants = frozenset([names] if isinstance(names, str) else names)

    @property
    def username(self) -> str:
        """Username for the password grant."""
        return self._identity.username

    @property
    def password(self) -> str:
        """Password of that user."""
        return self._identity.password

    @property
    def api_key(self) -> str:
        """Value of the header ``X-Halo-Api-Key`` that is accepted in place of a token."""
        return self._identity.api_key


def identity_of(seed: int, client_id: str | None, client_secret: str | None, tenant: str | None) -> Identity:
    """Return names and secrets by the seed, where none are given."""
    dice = SeededRandom(seed, "application")
    return Identity(
        client_id or guid(dice(1)),
        client_secret or f"{guid(dice(2))}-{guid(dice(3))}",
        tenant,
        username="service.desk",
        password=guid(dice(4)),
        api_key=guid(dice(5)),
    )
