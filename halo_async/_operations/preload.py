"""Loading everything at start, for hosts that prefer to pay then, and for forking servers."""

from __future__ import annotations

from importlib import import_module

from halo_async._operations.resource import operations


def preload() -> None:
    """Import aiohttp, every resource and every record now instead of on first access."""
    import_module("halo_async.transport.session")
    import_module("halo_async.client")
    for _ in operations():
        pass
    models = import_module("halo_async.models")
    for name in dir(models):
        getattr(models, name)
