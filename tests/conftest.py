"""The fixtures that users have too, taken from the checkout where the package is not installed."""

from __future__ import annotations

import signal

pytest_plugins = ["halo_async.pytest_plugin"]


def pytest_configure() -> None:
    """A shell that starts the tests in the background may leave Ctrl+C ignored, and so in all processes they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
