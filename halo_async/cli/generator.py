"""Access to the optional generator. It is loaded by name only: the client must not depend on it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from halo_async.cli.errors import UsageError

GENERATOR = "halo_generator"


def generator(module: str) -> Any:
    """Return one module of the generator.

    :raises UsageError: it is not installed; the message says how to install it.
    """
    if find_spec(GENERATOR) is None:
        raise UsageError(
            "the generator is not installed: pip install halo-async-generator"
            " (in a checkout: pip install ./generator)"
        )
    return import_module(f"{GENERATOR}.{module}")
