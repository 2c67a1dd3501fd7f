"""A package generated from an instance of one's own: whole, importable, and in use against that instance."""

from __future__ import annotations

import asyncio
import importlib
import sys

import pytest

from halo_async._operations.resource import operations
from halo_async.emulator import Emulator
from halo_async.settings import ClientCredentials
from halo_generator.__main__ import main
from tests.support.operations_kit import call, check


@pytest.mark.parametrize(("seed", "release"), [(3, "2024-09"), (4, "2025-03"), (5, "2026-09")])
async def test_a_package_of_a_drifted_instance_calls_every_operation_of_it(
    tmp_path, monkeypatch, seed, release
):
    name = f"drifted_{seed}"
    monkeypatch.syspath_prepend(str(tmp_path))
    async with Emulator(seed=seed, tickets=5, drift=21, rate_limit=None, as_of=release) as emulator:
        code = await asyncio.to_thread(main, [emulator.url, "--out", str(tmp_path / name), "--strict"])
        assert code == 0
        package = importlib.import_module(name)
        everything = list(operations(importlib.import_module(f"{name}.api").Resources))
        changes = {(change.kind, change.where) for change in emulator.changes}
        listed = {f"{operation.method} {operation.path}" for operation in everything}
        assert {where for kind, where in changes if kind == "operation added"} <= listed
        assert not {where for kind, where in changes if kind == "operation removed"} & listed
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with package.Halo(emulator.url, credentials, rate_limit=None) as halo:
            assert type(halo).__module__ == f"{name}.client"
            for operation in everything:
                before = len(emulator.requests)
                expected = await call(halo, operation)
                check(operation, list(emulator.requests)[before], expected)
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]
