"""One export a folder."""

from __future__ import annotations

from halo_async.locking import lock as lock
