"""Writes called as nobody should, and the one sentence that each gets."""

from __future__ import annotations

import copy
import pickle

import pytest

from halo_async import models


@pytest.mark.parametrize("read", [True, 5, {"id": 5}, "record"], ids=repr)
async def test_what_is_compared_with_has_to_be_a_record(halo, halo_emulator, read):
    with pytest.raises(TypeError, match="if_unchanged takes the record as it was read, not"):
        await halo.tickets.update(5, if_unchanged=read, summary="x")
    assert halo_emulator.requests("POST /Tickets") == []


async def test_a_value_without_a_form_is_named_by_its_type(halo):
    with pytest.raises(TypeError, match=r"^an object has no form in JSON"):
        await halo.tickets.create({"summary": object()})
    with pytest.raises(TypeError, match=r"^id: a Ticket has no form in a query"):
        await halo.tickets.delete(models.Ticket(id=5))
    with pytest.raises(TypeError, match=r"^Tickets takes a Ticket, not None"):
        await halo.tickets.save(None)


async def test_what_a_dry_run_hands_back_says_that_it_is_no_record(halo):
    with halo.dry_run():
        prepared = await halo.tickets.create({"summary": "x"})
    with pytest.raises(AttributeError, match=r"no 'id': it is a request that a dry run did not send"):
        prepared.id  # noqa: B018
    with pytest.raises(TypeError, match="it is a request that a dry run did not send"):
        prepared["id"]
    assert copy.deepcopy(prepared) == pickle.loads(pickle.dumps(prepared)) == prepared
    assert not hasattr(prepared, "__len__")
