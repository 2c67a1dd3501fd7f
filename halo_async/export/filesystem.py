"""File systems of URLs, through fsspec."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from halo_async.errors import SettingsError


def filesystem(address: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it.

    :raises SettingsError: fsspec, or its driver for this kind of URL, is not installed.
    """
    try:
        fsspec: Any = import_module("fsspec")
    except ModuleNotFoundError:
        raise SettingsError(
            f'{address.partition("://")[0]}:// requires fsspec. Run pip install "halo-async[remote]".'
        ) from None
    try:
        found, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise SettingsError(f"{address.partition('://')[0]}:// cannot be used: {error}.") from error
    return found, str(path).rstrip("/")
