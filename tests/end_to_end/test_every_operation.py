"""Every operation of the client, called against the emulator: method, path, query and body that arrive."""

from __future__ import annotations

import pytest

from halo_async import Halo
from halo_async._operations.resource import operations
from halo_async.emulator import Emulator
from halo_async.settings import ClientCredentials
from tests.support.operations_kit import call, check

OPERATIONS = list(operations())
CHUNKS = 16


def test_there_are_at_least_1558_operations_each_with_a_name_of_its_own():
    assert len(OPERATIONS) >= 1558
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_every_operation_sends_what_its_signature_says(chunk):
    async with Emulator(tickets=20, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, rate_limit=None) as halo:
            for operation in OPERATIONS[chunk::CHUNKS]:
                before = len(emulator.requests)
                expected = await call(halo, operation)
                check(operation, list(emulator.requests)[before], expected)
