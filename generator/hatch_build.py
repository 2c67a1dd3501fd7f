"""Put the overlay into the wheel: beside the generator in a checkout, inside it in a source distribution."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class OverlayHook(BuildHookInterface):  # type: ignore[type-arg]
    """Include `spec/overlay.toml` as `halo_generator/overlay.toml`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file unless the source distribution, which holds it already, is what is built."""
        overlay = Path(self.root).parent / "spec" / "overlay.toml"
        if overlay.is_file() and version != "editable":
            build_data["force_include"][str(overlay)] = "halo_generator/overlay.toml"
