"""The generator run in this process, so that a profile includes it."""

from __future__ import annotations

from collections.abc import Callable


def ready(document: str, out: str) -> Callable[[], int]:
    """Run the generator as its command does."""
    from halo_generator.__main__ import main

    return lambda: main([document, "--out", out])
