"""A package generated from an instance of one's own: whole, importable, and in use against that instance."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import Any

import pytest

from halo_async._operations.resource import operations
from halo_async.emulator import Emulator
from halo_async.settings import ClientCredentials
from halo_generator.__main__ import main
from tests.support.documents import REAL, needs_real_document
from tests.support.held_back import held_back
from tests.support.operations_kit import call, check


async def call_everything(name: str, emulator: Emulator) -> set[str]:
    """Call every operation of a package on an instance, which has each of them; their methods and paths."""
    package = importlib.import_module(name)
    everything = list(operations(importlib.import_module(f"{name}.api").Resources))
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with package.Halo(emulator.url, credentials, rate_limit=None) as halo:
        assert type(halo).__module__ == f"{name}.client"
        for operation in everything:
            before = len(emulator.requests)
            expected = await call(halo, operation)
            arrived = list(emulator.requests)[before]
            check(operation, arrived, expected)
            assert arrived.template or operation.path == "/AuthInfo", "the instance does not have it"
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]
    return {f"{operation.method} {operation.path}" for operation in everything}


INSTANCES: dict[str, Any] = {
    "2024": lambda: {"as_of": "2024-09", "seed": 3, "drift": 21},
    "2025": lambda: {"as_of": "2025-03", "seed": 4, "drift": 21},
    "2026": lambda: {"as_of": "2026-09", "seed": 5, "drift": 21},
    "held_back": lambda: {"document": held_back(7)},
}


@pytest.mark.parametrize("instance", INSTANCES)
async def test_a_package_of_an_instance_calls_every_operation_of_it(tmp_path, monkeypatch, instance):
    name = f"instance_{instance}"
    monkeypatch.syspath_prepend(str(tmp_path))
    async with Emulator(tickets=5, rate_limit=None, **INSTANCES[instance]()) as emulator:
        code = await asyncio.to_thread(main, [emulator.url, "--out", str(tmp_path / name), "--strict"])
        assert code == 0
        listed = await call_everything(name, emulator)
        changes = {(change.kind, change.where) for change in emulator.changes}
        assert {where for kind, where in changes if kind == "operation added"} <= listed
        assert not {where for kind, where in changes if kind == "operation removed"} & listed
    assert len(listed) > 1200


@needs_real_document
@pytest.mark.parametrize("release", REAL)
async def test_a_package_of_a_real_document_alone_calls_every_operation_of_an_instance_as_of_then(
    tmp_path, monkeypatch, release
):
    name = f"real_{release.replace('-', '_')}"
    monkeypatch.syspath_prepend(str(tmp_path))
    assert main([str(REAL[release]), "--out", str(tmp_path / name), "--strict"]) == 0
    async with Emulator(tickets=5, rate_limit=None, as_of=release) as emulator:
        listed = await call_everything(name, emulator)
    assert len(listed) == {"2024-09": 1216, "2025-03": 1331, "2026-09": 1455}[release]
