"""Clients that we did not write work against the emulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HALOITSM = "haloitsm-python==0.1.0"
SCRIPT = """
import os
from halo import HaloClient

halo = HaloClient(base_url=os.environ["URL"], client_id=os.environ["ID"], client_secret=os.environ["SECRET"])
assert len(halo.tickets.list(page_size=100)) == 100
assert all(ticket.client_id == 3 for ticket in halo.tickets.list(client_id=3))
ticket = halo.tickets.create({"summary": "From elsewhere", "tickettype_id": 1})
assert halo.tickets.get(ticket.id).summary == "From elsewhere"
ticket.update({"summary": "Changed elsewhere"})
assert halo.tickets.get(ticket.id).summary == "Changed elsewhere"
print("done")
"""


@pytest.fixture(scope="session")
def haloitsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the PyPI package, in an environment of its own."""
    folder = tmp_path_factory.mktemp("haloitsm")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", HALOITSM]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{HALOITSM} cannot be installed here: {done.stderr.strip().splitlines()[-1]}")
    return python


def environment(emulator) -> dict[str, str]:
    return os.environ | {"URL": emulator.url, "ID": emulator.client_id, "SECRET": emulator.client_secret}


def test_haloitsm_python_logs_in_lists_creates_and_updates_tickets(haloitsm, halo_emulator):
    done = subprocess.run(
        [haloitsm, "-W", "ignore", "-c", SCRIPT],
        env=environment(halo_emulator),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "done", done.stderr
    assert [entry.status for entry in halo_emulator.requests("tickets.upsert")] == [201, 201]
