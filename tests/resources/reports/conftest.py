from __future__ import annotations

from tests.support.instance_kit import emulator, emulator_and_halo, halo, start

__all__ = ["emulator", "emulator_and_halo", "halo", "start"]
