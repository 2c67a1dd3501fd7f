from __future__ import annotations

import subprocess
import sys

PROBE = """
import sys
import halo_async.transport, halo_async.auth.tokens
print(*sorted(name for name in {names} if name in sys.modules))
"""


def loaded(*names: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", PROBE.format(names=names)], capture_output=True, text=True, check=True
    )
    return set(out.stdout.split())


def test_the_transport_loads_without_aiohttp_and_other_weight() -> None:
    assert loaded("aiohttp", "anyio", "limits", "rich", "email.utils", "yarl") == set()
