"""The generator in this process, so that a profile sees it."""

from __future__ import annotations

from collections.abc import Callable


def ready(document: str, out: str) -> Callable[[], int]:
    """As its command runs."""
    from halo_generator.__main__ import main

    return lambda: main([document, "--out", out])
