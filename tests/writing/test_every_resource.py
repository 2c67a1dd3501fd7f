"""Create, read back, update, save and delete on every resource whose POST takes an array of records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from halo_async._operations.operation import Operation
from halo_async.emulator import Emulator
from halo_async.errors import InvalidRequestError, NotFoundError
from halo_async.records.record import changes, wrap
from halo_async.writing.record_keys import keys_of, record_class
from tests.support.operations_kit import newest_with
from tests.support.writes_kit import PARENTS, UPSERTS, client, posts, resource_of, sample_field

CHUNKS = 8
NOT_BY_ID = {
    *(
        "ChatFlow",
        "ChatMatchingData",
        "Notifications",
        "OnlineStatus",
        "PasswordField",
        "SecurityQuestionValidate",
    ),
    *("TicketApproval", "Timesheet"),
}
"""Resources whose records no id tells apart: their schema has none, or rows have an id of 0."""
NOT_BY_NUMBER = {
    *("Application", "ChatProfile", "ContractSchedule", "HaloDeviceInfo", "Holiday", "Lookup", "Priority"),
    *("Cspinvoice", "Roles", "VirtualAgent", "Webhook"),
}
"""Resources with a DELETE that takes a number where the id is a text, or an id that is not unique."""


def test_there_are_at_least_214_of_them():
    assert len(UPSERTS) >= 214


@pytest.mark.parametrize("chunk", range(CHUNKS))
async def test_a_record_is_created_read_updated_saved_and_deleted(chunk):
    chosen = UPSERTS[chunk::CHUNKS]
    for release in {newest_with(operation) for operation in chosen}:
        async with Emulator(tickets=20, rate_limit=None, as_of=release) as emulator, client(emulator) as halo:
            for operation in chosen:
                if newest_with(operation) == release:
                    await round_trip(emulator, resource_of(halo, operation), operation)


async def round_trip(emulator: Emulator, resource: Any, operation: Operation) -> None:
    name, (first, second, third) = sample_field(type(resource))
    parents = PARENTS.get(operation.name.split(".")[0], {})
    before = len(posts(emulator))
    made = await resource.create({name: first, **parents})
    assert posts(emulator)[before:] == [(operation.path, [{name: first, **parents}])]
    if not keys_of(type(resource)).by_id:
        assert type(resource).__name__ in NOT_BY_ID
        await refuses_ids(emulator, resource, name, first)
        return
    key = {"id": made["id"], **{name: parents[name] for name in keys_of(type(resource)).within}}
    read = partial(read_back, emulator, resource, {**key, **parents})
    assert (await read())[name] == first

    before = len(posts(emulator))
    await write(resource, key, {name: second})
    assert posts(emulator)[before:] == [(operation.path, [{**key, name: second}])]

    record = await read()
    assert record[name] == second
    before = len(emulator.requests)
    assert await resource.save(record) is record
    assert len(emulator.requests) == before

    record[name] = third
    await resource.save(record)
    assert posts(emulator)[-1] == (operation.path, [{**key, name: third}])
    assert changes(record) == {}
    assert (await read())[name] == third
    await delete(resource, key, read)


async def write(resource: Any, key: dict[str, Any], fields: dict[str, Any]) -> None:
    known = record_class(type(resource)).__halo_fields__
    if fields.keys() <= known.keys():
        await resource.update(key["id"], **fields, **{name: key[name] for name in key if name != "id"})
    else:
        await resource.upsert([{**key, **fields}])


async def read_back(emulator: Emulator, resource: Any, key: dict[str, Any]) -> Any:
    """By its own operation if that takes such a key, else out of the list, else from behind the API."""
    get, listing = (getattr(getattr(resource, name, None), "operation", None) for name in ("get", "list"))
    if get is not None and _takes(get, key) and get.result.startswith("models."):
        return await resource.get(**key)
    rows = (
        await resource.list(**{n: v for n, v in key.items() if n in listing.argument_names}).all()
        if listing
        else []
    )
    found = [row for row in rows if all(row[name] == value for name, value in key.items())]
    if found or listing:
        return found[0] if found else {}
    table = emulator.world.table(type(resource).upsert.operation.path)
    return wrap(record_class(type(resource)), dict(table.full(table.find(key["id"]))))


def _takes(get: Operation, key: dict[str, Any]) -> bool:
    """Documents say that an id in a path is a number, also where rows have texts for ids."""
    return get.path_params == ("id",) and key.keys() <= get.argument_names and isinstance(key["id"], int)


async def delete(resource: Any, key: dict[str, Any], read: Callable[[], Awaitable[Any]]) -> None:
    deleting = getattr(getattr(resource, "delete", None), "operation", None)
    if deleting is None:
        return
    if not _takes(deleting, key):
        assert type(resource).__name__ in NOT_BY_NUMBER, type(resource)
        return
    await resource.delete(**key)
    with suppress(NotFoundError):
        assert await read() == {}


async def refuses_ids(emulator: Emulator, resource: Any, name: str, value: Any) -> None:
    """Where no id tells records apart, nothing that would need one is sent."""
    before = len(emulator.requests)
    with pytest.raises(InvalidRequestError, match="Use upsert"):
        await resource.update(5, **{name: value})
    assert len(emulator.requests) == before
