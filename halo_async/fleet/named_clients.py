"""Clients by name: what a fleet is, with and without `await`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from halo_async.fleet.choice import checked_clients, client_named

if TYPE_CHECKING:
    from halo_async.transport.statistics import Statistics


class _Counting(Protocol):
    def statistics(self) -> Statistics: ...


C = TypeVar("C", bound=_Counting)


class NamedClients(Mapping[str, C], Generic[C]):
    """Read-only mapping of clients by the names of their instances."""

    groups: Mapping[str, Sequence[str]]
    """Names of instances by group, for `only=`: `fleet.map(func, only=fleet.groups["production"])`."""

    def __init__(
        self, clients: Mapping[str, C], kind: type[Any], groups: Mapping[str, Sequence[str]] | None
    ) -> None:
        """:raises SettingsError: not a mapping, an empty or non-string name, or a value not of the kind."""
        self._clients = checked_clients(clients, kind)
        self.groups = dict(groups or {})

    def __getitem__(self, name: str) -> C:
        """Return one client.

        :raises UnknownInstanceError: a KeyError, with the nearest name.
        """
        return client_named(name, self._clients)

    def __iter__(self) -> Iterator[str]:
        return iter(self._clients)

    def __len__(self) -> int:
        return len(self._clients)

    def statistics(self) -> Mapping[str, Statistics]:
        """Statistics of each client so far."""
        return {name: client.statistics() for name, client in self._clients.items()}

    def __repr__(self) -> str:
        return f"<Fleet of {len(self)}: {', '.join(self)}>"
