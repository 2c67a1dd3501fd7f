"""A watch in a `for` loop."""

from __future__ import annotations

from pathlib import Path

from halo_async import ClientCredentials
from halo_async.blocking import Halo
from halo_async.emulator import Emulator


def test_changes_are_told_once_over_watches(halo_emulator: Emulator, tmp_path: Path) -> None:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    with Halo(halo_emulator.url, credentials, rate_limit=None) as halo:
        options = {"state": tmp_path / "state", "once": True}
        assert list(halo.client.watch(**options)) == []
        halo.client.update(2, name="changed")
        watch = halo.client.watch(**options)
        for change in watch:
            assert (change.kind, change.id, change.row.name) == ("updated", 2, "changed")
            watch.handled()
            break
        assert list(halo.client.watch(**options)) == []
