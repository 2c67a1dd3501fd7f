"""Rows that changed since a moment, and what makes two rows the same one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from halo_async import ClientCredentials, Halo, models
from halo_async._operations.resource import operations
from halo_async.emulator import Emulator
from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.pagination.pages import PaginationWarning
from halo_async.pagination.row_keys import key_by_fields, key_by_version
from tests.support.calls_kit import resources, rows

WHEN = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
EIGHT = {"asset", "client", "email_address_book", "opportunities", "projects", "site", "tickets", "users"}


@pytest.mark.parametrize(
    ("when", "more", "sent"),
    [
        (WHEN, {}, "2026-05-06T11:55:00Z"),
        (WHEN.replace(tzinfo=None), {}, "2026-05-06T11:55:00Z"),
        (WHEN.replace(tzinfo=timezone(timedelta(hours=2))), {}, "2026-05-06T09:55:00Z"),
        (WHEN, {"overlap": timedelta(0)}, "2026-05-06T12:00:00Z"),
        (WHEN, {"overlap": timedelta(days=1)}, "2026-05-05T12:00:00Z"),
        (date(2026, 5, 6), {}, "2026-05-05T23:55:00Z"),
        (datetime.min, {}, "0001-01-01T00:00:00Z"),
        (date.min, {}, "0001-01-01T00:00:00Z"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=2))), {}, "0001-01-01T00:00:00Z"),
    ],
)
async def test_moment_is_asked_for_in_utc_and_a_little_earlier(when, more, sent):
    group, sender = resources(lambda query: {"record_count": 1, "parcels": rows(1)})
    pages = group.parcels.changed_since(when, tags=["a"], **more)
    assert [type(row).__name__ for row in await pages.all()] == ["ParcelSummary"]
    assert sender.queries[0]["since"] == sent
    assert sender.queries[0].keys() == {"since", "tags", "pageinate", "page_no", "page_size"}
    assert repr(pages) == "<Pages of parcels.changed_since>"


async def test_moment_of_the_call_wins_over_that_of_the_options():
    group, sender = resources(lambda query: [])
    parcels = group.parcels.with_options(params={"since": "2001-01-01T00:00:00Z", "extra": 1})
    await parcels.changed_since(when=WHEN, overlap=timedelta(0)).all()
    assert ("since", "2026-05-06T12:00:00Z") in sender.requests[0].query
    assert ("extra", "1") in sender.requests[0].query
    assert [name for name, _ in sender.requests[0].query].count("since") == 1


@pytest.mark.parametrize(
    ("args", "given", "message"),
    [
        ((), {}, r"parcels.changed_since\(\) requires when"),
        ((WHEN,), {"since": WHEN}, "no parameter 'since'"),
        ((WHEN,), {"tagz": ["a"]}, "Did you mean 'tags'"),
        ((20260506,), {}, "a datetime and a timedelta"),
        (("2026-05-06",), {}, "a datetime and a timedelta"),
        ((WHEN, 300), {}, "a datetime and a timedelta"),
    ],
)
def test_wrong_arguments_are_refused(args, given, message):
    group, _ = resources(lambda query: [])
    with pytest.raises(TypeError, match=message):
        group.parcels.changed_since(*args, **given)


def stamped(number, moved):
    return {"id": number, "moved": moved}


async def test_each_state_of_a_row_comes_once():
    pages = [
        [stamped(1, "09:00"), stamped(2, "09:01")],
        [stamped(2, "09:01"), stamped(3, "09:02")],  # 2 was pushed onto this page
        [stamped(1, "09:03"), stamped(4, "09:04")],  # 1 changed again
    ]
    counts = [5, 6, 6]

    def handler(query):
        number = int(query["page_no"]) - 1
        return {"record_count": counts[number], "parcels": pages[number]}

    group, _ = resources(handler)
    states = [(row.id, row["moved"]) for row in await group.parcels.changed_since(WHEN).all()]
    assert states == [(1, "09:00"), (2, "09:01"), (3, "09:02"), (1, "09:03"), (4, "09:04")]


async def test_rows_without_a_stamp_are_told_by_everything_in_them():
    pages = [[{"id": 1, "a": 1}, {"id": 2}], [{"id": 1, "a": 2}, {"id": 2}], [{"id": 3}]]
    group, _ = resources(lambda query: {"record_count": 5, "parcels": pages[int(query["page_no"]) - 1]})
    with pytest.warns(PaginationWarning, match="received again"):
        changed = await group.parcels.changed_since(WHEN, on_incomplete="warn").all()
    assert [(row.id, row.__dict__.get("a")) for row in changed] == [(1, 1), (2, None), (1, 2), (3, None)]


async def test_all_eight_lists_that_can_be_asked_for_changes_are():
    group = operations()
    filtered = {
        one.name for one in group if one.kind == "list" and "lastupdatefromdate" in one.argument_names
    }
    assert {name.partition(".")[0] for name in filtered} == EIGHT
    async with Emulator(seed=1, tickets=120, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, tenant=emulator.tenant, rate_limit=None) as halo:
            for name in sorted(EIGHT):
                await getattr(halo, name).changed_since(datetime(2020, 1, 1, tzinfo=UTC)).all()
                query = dict(list(emulator.requests)[-1].query)
                assert query["lastupdatefromdate"] == "2019-12-31T23:55:00Z", name
                assert not list(emulator.requests)[-1].unknown, name


async def test_tickets_that_changed_come_and_the_others_do_not():
    async with Emulator(seed=1, tickets=250, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, tenant=emulator.tenant, rate_limit=None) as halo:
            everything = await halo.tickets.list().all()
            when = sorted(row.last_update for row in everything if row.last_update)[150]
            changed = await halo.tickets.changed_since(when, timedelta(0)).all()
            assert {type(row) for row in changed} == {models.TicketSummary}
            assert {row.id for row in changed} == {
                r.id for r in everything if r.last_update and r.last_update >= when
            }
            assert 0 < len(changed) < 250


def numbered_within_two(parcel, count=15):
    return [{"parcel_id": parcel, "id": number} for number in range(1, count + 1)]


async def test_ids_that_are_unique_within_a_parent_only_are_told_with_the_parent():
    pages = [numbered_within_two(7), numbered_within_two(8), numbered_within_two(9)]
    group, _ = resources(lambda query: {"record_count": 45, "stops": pages[int(query["page_no"]) - 1]})
    stops = await group.parcels.list_stops().all()
    assert [(row["parcel_id"], row["id"]) for row in stops] == [
        (p, n) for p in (7, 8, 9) for n in range(1, 16)
    ]


async def test_same_ids_are_the_same_page_where_they_are_unique():
    pages = [numbered_within_two(7), numbered_within_two(8)]
    group, _ = resources(lambda query: {"record_count": 30, "parcels": pages[int(query["page_no"]) - 1]})
    with pytest.raises(PaginationLoopError):
        await group.parcels.list().all()


async def test_rows_of_a_parent_that_came_again_are_left_out():
    held = [*numbered_within_two(7), *numbered_within_two(8)]

    def handler(query):
        number = int(query["page_no"])
        if number == 2:
            held.insert(0, held.pop(20))
        return {"record_count": 30, "stops": held[(number - 1) * 15 : number * 15]}

    group, _ = resources(handler)
    with pytest.raises(IncompleteError, match="received again"):
        await group.parcels.list_stops().all()
    held[:] = [*numbered_within_two(7), *numbered_within_two(8)]
    with pytest.warns(PaginationWarning, match="received again"):
        found = await group.parcels.list_stops(on_incomplete="warn").all()
    assert len({(row["parcel_id"], row["id"]) for row in found}) == len(found) == 29


def test_overlay_names_what_tells_rows_apart_where_the_id_does_not():
    named = {one.name: one.identity for one in operations() if one.kind == "list" and one.identity != ("id",)}
    assert named == {
        "actions.list": ("ticket_id", "id"),
        "asset_type_info.list": ("type", "id"),
        "lookup.list": ("lookupid", "id"),
        "timesheet.list": ("agent_id", "date"),
        "timesheet.list_mine": ("agent_id", "date"),
        "workflow_step.list": ("flow_id", "id"),
    }


def test_identity_of_a_row_needs_all_of_its_parts():
    identify = key_by_fields(("agent_id", "date"))
    assert identify([{"id": 0, "agent_id": 1, "date": "2026-05-06"}]) == [(1, "2026-05-06")]
    assert identify([{"id": 0, "agent_id": 1}, "text"]) == [None, None]
    assert key_by_fields(("id",))([{"id": [1]}, {}, 5, {"id": 7}]) == [None, None, None, 7]
    by_moved, by_content = key_by_version(("id",), "moved"), key_by_version(("id",), None)
    assert by_moved([{"id": 1, "moved": "x"}]) == [(1, "x")]
    assert by_moved([{"id": 1}]) == by_content([{"id": 1}]) != by_content([{"id": 2}])
