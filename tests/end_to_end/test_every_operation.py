"""Every operation of the client, called against the emulator: method, path, query and body that arrive."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from halo_async import Halo
from halo_async._operations.resource import operations
from halo_async.emulator import Emulator
from halo_async.settings import ClientCredentials
from tests.support.operations_kit import call, check, newest_with

OPERATIONS = list(operations())
CHUNKS = 16


def test_there_are_at_least_1558_operations_each_with_a_name_of_its_own():
    assert len(OPERATIONS) >= 1558
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_every_operation_sends_what_its_signature_says(chunk):
    async with AsyncExitStack() as stack:
        running = {}
        for operation in OPERATIONS[chunk::CHUNKS]:
            release = newest_with(operation)
            if release not in running:
                emulator = await stack.enter_async_context(
                    Emulator(tickets=20, rate_limit=None, as_of=release)
                )
                credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
                client = Halo(emulator.url, credentials, rate_limit=None)
                running[release] = emulator, await stack.enter_async_context(client)
            emulator, halo = running[release]
            before = len(emulator.requests)
            expected = await call(halo, operation)
            arrived = list(emulator.requests)[before]
            check(operation, arrived, expected)
            login = operation.name == "auth_info.fetch"  # requested before there are operations
            assert login or arrived.operation == operation.name, "the instance does not have it"
