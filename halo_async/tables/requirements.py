"""Libraries that tables need and that are extras of this package."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from halo_async.errors import SettingsError


def required(module: str, what: str, extra: str) -> Any:
    """Return a module that an extra installs.

    :param what: what needs it, as the subject of the message.
    :raises SettingsError: it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise SettingsError(f'{what} requires {package}. Run pip install "halo-async[{extra}]".') from None
