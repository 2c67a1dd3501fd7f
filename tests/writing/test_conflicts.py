"""Writing only if nobody else did."""

from __future__ import annotations

import pickle

import pytest

from halo_async.emulator import Emulator
from halo_async.errors import ConflictError, HaloError, InvalidRequestError, NotFoundError
from halo_async.models import Ticket
from halo_async.records.record import changes, wrap
from halo_async.writing.conflict import check_conflict
from tests.support.writes_kit import posts


def change(emulator: Emulator, id: int, path: str = "/Tickets", **fields) -> None:
    """Somebody else does."""
    emulator.world.table(path).change(id, fields)


async def test_an_update_of_what_nobody_changed_is_sent(emulator, halo):
    ticket = await halo.tickets.get(3)
    await halo.tickets.update(3, summary="mine", if_unchanged=ticket)
    assert posts(emulator) == [("/Tickets", [{"id": 3, "summary": "mine"}])]


async def test_an_update_of_what_somebody_changed_names_both_values_and_sends_nothing(emulator, halo):
    ticket = await halo.tickets.get(3)
    was = ticket.summary
    change(emulator, 3, summary="theirs")
    with pytest.raises(
        ConflictError, match=r"Tickets 3: summary was .* and is 'theirs' now\. Nothing was sent"
    ) as caught:
        await halo.tickets.update(3, summary="mine", if_unchanged=ticket)
    error = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(error, HaloError)
    assert (error.field, error.before, error.now) == ("summary", was, "theirs")
    assert repr(was) in str(error)
    assert posts(emulator) == []


async def test_another_field_changed_by_somebody_else_shows_in_the_stamp(emulator, halo):
    ticket = await halo.tickets.get(3)
    change(emulator, 3, details="theirs", last_update="2026-11-22T10:00:00")
    with pytest.raises(ConflictError) as caught:
        await halo.tickets.update(3, summary="mine", if_unchanged=ticket)
    assert caught.value.field == "last_update"
    assert posts(emulator) == []


async def test_where_there_is_no_stamp_other_fields_may_change(emulator, halo):
    team = await halo.team.get(1)
    change(emulator, 1, "/Team", sequence=77)
    await halo.team.update(1, name="mine", if_unchanged=team)
    assert posts(emulator) == [("/Team", [{"id": 1, "name": "mine"}])]


async def test_a_saved_record_is_compared_with_what_it_was_when_it_came(emulator, halo):
    ticket = await halo.tickets.get(3)
    ticket.summary = "mine"
    saved = await halo.tickets.save(ticket, if_unchanged=True)
    assert saved.summary == "mine"
    saved.summary = "mine again"
    change(emulator, 3, summary="theirs")
    with pytest.raises(ConflictError) as caught:
        await halo.tickets.save(saved, if_unchanged=True)
    assert (caught.value.before, caught.value.now) == ("mine", "theirs")
    assert changes(saved) == {"summary": "mine again"}
    assert len(posts(emulator)) == 1


async def test_a_saved_record_can_be_compared_with_one_read_earlier(emulator, halo):
    first, second = await halo.tickets.get(3), await halo.tickets.get(3)
    change(emulator, 3, summary="theirs")
    second.summary = "mine"
    with pytest.raises(ConflictError):
        await halo.tickets.save(second, if_unchanged=first)
    assert posts(emulator) == []


async def test_saving_again_goes_on_with_the_record_that_came_back(emulator, halo):
    ticket = await halo.tickets.get(3)
    for text in ("one", "two", "three"):
        ticket.summary = text
        ticket = await halo.tickets.save(ticket, if_unchanged=True)
    assert len(posts(emulator)) == 3


async def test_ids_that_count_within_something_are_read_within_it(emulator, halo):
    action = await halo.actions.create({"ticket_id": 3, "note": "a"})
    other = await halo.actions.create({"ticket_id": 4, "note": "of another ticket"})
    assert (action.id, other.id) != (None, None)
    action.note = "b"
    await halo.actions.save(action, if_unchanged=True)
    with pytest.raises(InvalidRequestError, match="another one"):
        await halo.actions.update(action.id, ticket_id=4, note="c", if_unchanged=action)
    assert len(posts(emulator)) == 3


async def test_a_record_with_another_id_is_no_record_to_compare_with(emulator, halo):
    with pytest.raises(InvalidRequestError, match="another one"):
        await halo.tickets.update(3, summary="x", if_unchanged=await halo.tickets.get(4))
    assert posts(emulator) == []


async def test_a_record_made_here_was_never_read_but_may_say_what_is_expected(emulator, halo):
    with pytest.raises(InvalidRequestError, match="was not loaded"):
        await halo.tickets.save(Ticket(id=3, summary="x"), if_unchanged=True)
    now = (await halo.tickets.get(3)).summary
    await halo.tickets.update(3, summary="x", if_unchanged=Ticket(id=3, summary=now))
    with pytest.raises(ConflictError):
        await halo.tickets.update(3, summary="y", if_unchanged=Ticket(id=3, summary=now))


async def test_a_record_that_is_gone_is_no_conflict_but_gone(emulator, halo):
    ticket = await halo.tickets.get(3)
    await halo.tickets.delete(3)
    with pytest.raises(NotFoundError):
        await halo.tickets.update(3, summary="x", if_unchanged=ticket)


async def test_what_cannot_be_read_cannot_be_checked(emulator, halo):
    with pytest.raises(InvalidRequestError, match="has no operation that reads one record"):
        await halo.outgoingemail.update(
            3, subject="x", if_unchanged=wrap(type(await halo.outgoingemail.create({})), {"id": 3})
        )


def compare(before, now, **sent):
    check_conflict(
        "Tickets 5", {"id": 5}, wrap(Ticket, {"id": 5, **before}), wrap(Ticket, {"id": 5, **now}), sent
    )


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"summary": None}, {}),
        ({}, {"summary": None}),
        ({"dateoccurred": "2026-01-02T03:04:05.12"}, {"dateoccurred": "2026-01-02T03:04:05.1200000"}),
        ({"team": "a"}, {"team": "b"}),
        ({"_flag": 1}, {"_flag": 2}),
    ],
)
def test_what_is_the_same_is_no_conflict(before, now):
    compare(before, now, summary="x", dateoccurred="2026-05-06", _flag=3)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({"summary": "a"}, {}, "was 'a' when it was read and is None now"),
        (
            {},
            {"summary": "b"},
            "was None when it was read (it was not among the fields that were read) and is 'b'",
        ),
        (
            {"password": "hunter2"},
            {"password": "swordfish"},
            "password was *** when it was read and is *** now",
        ),
        ({"summary": "a" * 500}, {"summary": "b"}, "aaa… when"),
    ],
)
def test_what_differs_is_told_briefly_and_without_secrets(before, now, said):
    with pytest.raises(ConflictError) as caught:
        compare(before, now, summary="x", password="y")
    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_of_custom_fields_only_those_that_are_sent_are_compared():
    fields = [{"id": 1, "value": "a"}, {"id": 2, "value": "b"}]
    theirs = [{"id": 1, "value": "a"}, {"id": 2, "value": "theirs"}, {"id": 3, "value": "c"}]
    compare({"customfields": fields}, {"customfields": theirs}, customfields=[{"id": 1, "value": "mine"}])
    with pytest.raises(ConflictError):
        compare({"customfields": fields}, {"customfields": theirs}, customfields=[{"id": 2, "value": "mine"}])
