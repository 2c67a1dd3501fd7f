"""Instances, names and folders as a fleet is given them, checked; also of a fleet without `await`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from halo_async._utils.validation import article
from halo_async.errors import SettingsError, UnknownInstanceError

C = TypeVar("C")


def checked_clients(clients: Mapping[str, C], kind: type[Any]) -> dict[str, C]:
    """Return clients by name.

    :raises SettingsError: not a mapping, an empty or non-string name, or a value that is not of the kind.
    """
    if not isinstance(clients, Mapping):
        raise SettingsError(
            f"A fleet takes clients by name, not {article(clients)}. Use Fleet({{'acme': Halo(…)}})."
        )
    for name, client in clients.items():
        if not isinstance(name, str) or not name.strip():
            raise SettingsError(f"The name of an instance must be a non-empty string, not {name!r}.")
        if not isinstance(client, kind):
            place = kind.__module__.partition(".client")[0]
            raise SettingsError(
                f"The instance {name!r} must be a client such as {place}.Halo(…), not {article(client)}."
            )
    return dict(clients)


def client_named(name: object, clients: Mapping[str, C]) -> C:
    """Return one client.

    :raises UnknownInstanceError: a KeyError, with the nearest name.
    """
    if not isinstance(name, str) or name not in clients:
        from halo_async._utils.names import did_you_mean

        near = did_you_mean(str(name), clients)
        raise UnknownInstanceError(f"The fleet has no instance {name!r}{near or '.'}")
    return clients[name]


def chosen_names(fleet: Mapping[str, Any], only: Iterable[str] | None) -> Sequence[str]:
    """Return names of instances, each once; all where none is given.

    :raises SettingsError: not a list of names.
    :raises UnknownInstanceError: a name that the fleet does not have.
    """
    if isinstance(only, str):
        raise SettingsError(f"`only` must be a list of names. Use only=[{only!r}].")
    if only is not None and not isinstance(only, Iterable):
        raise SettingsError(f"`only` must be a list of names, not {only!r}.")
    names = list(fleet if only is None else only)
    for name in names:
        _ = fleet[name]
    return list(dict.fromkeys(names))


def checked_folder(out: Any) -> str:
    """Return the folder of a fleet's export.

    :raises SettingsError: it is not one.
    """
    if out in ("-", "") or not isinstance(out, str | os.PathLike):
        raise SettingsError(f"A fleet exports into folders. Give one in place of {out!r}.")
    return str(os.fspath(out))


def wanted_lists(resources: Iterable[str]) -> list[str]:
    """Return the names of lists to export.

    :raises SettingsError: they are one string.
    """
    if isinstance(resources, str):
        raise SettingsError(f"`resources` must be a list of names. Use [{resources!r}].")
    return list(resources)
