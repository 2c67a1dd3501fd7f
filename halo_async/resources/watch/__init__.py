"""Changes of a list as they happen: `async for change in halo.tickets.watch()`."""

from __future__ import annotations
