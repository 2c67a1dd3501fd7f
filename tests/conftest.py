"""The fixtures that users have too, taken from the checkout where the package is not installed."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["halo_async.emulator.pytest_plugin"]


# Tests never depend on how fast the machine is: several of them run beside each other.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")


def pytest_configure() -> None:
    """A shell that starts the tests in the background may leave Ctrl+C ignored, and so in all processes they start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
