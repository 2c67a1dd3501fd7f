"""What a Halo instance posts to others when tickets and actions are written: ``emulator.webhooks``."""

from __future__ import annotations

from halo_async.emulator.webhooks.delivery import Delivery
from halo_async.emulator.webhooks.hook import Hook
from halo_async.emulator.webhooks.kit import Webhooks

__all__ = ["Delivery", "Hook", "Webhooks"]
