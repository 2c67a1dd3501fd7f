"""The fixtures that users have too, taken from the checkout where the package is not installed."""

from __future__ import annotations

pytest_plugins = ["halo_async.pytest_plugin"]
