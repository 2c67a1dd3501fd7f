"""Webhooks that a Halo instance posts when tickets and actions are written: ``emulator.webhooks``."""

from __future__ import annotations

from halo_async.emulator.webhooks.delivery import WebhookDelivery
from halo_async.emulator.webhooks.hook import WebhookSubscription
from halo_async.emulator.webhooks.testing import WebhookSender

__all__ = ["WebhookDelivery", "WebhookSender", "WebhookSubscription"]
