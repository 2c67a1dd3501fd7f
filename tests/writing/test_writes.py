"""Creating, updating and saving: no POST loses its id."""

from __future__ import annotations

import json
import pickle

import pytest

from halo_async.errors import DecodeError, UnknownOutcomeError
from halo_async.records.record import changes, wrap
from halo_async.transport.hidden_errors import HiddenError
from tests.support.acme_halo.models import Parcel
from tests.support.calls_kit import resources, respond


def echo(status=201, shape="object"):
    """Gives posted records back, as one object or an array; what was posted is kept."""
    posted = []
    group, sender = resources(lambda query: None)

    def handler(query):
        body = json.loads(sender.requests[-1].body)
        posted.append(body)
        made = [{"id": 77, **record} for record in body]
        return respond(made[0] if shape == "object" and len(made) == 1 else made, status=status)

    sender.handler = handler
    return group.parcels, posted, sender


@pytest.mark.parametrize("shape", ["object", "array"])
async def test_create_posts_one_record_without_id_and_gives_it_back(shape):
    parcels, posted, _ = echo(shape=shape)
    made = await parcels.create(Parcel(label="x"))
    assert (type(made), made.id, made.label) == (Parcel, 77, "x")
    assert (await parcels.create({"label": "y", "id": None})).label == "y"
    assert posted == [[{"label": "x"}], [{"label": "y"}]]


@pytest.mark.parametrize("record", [Parcel(id=5, label="x"), {"id": 5}, {"id": 0}])
async def test_create_refuses_an_id(record):
    parcels, posted, _ = echo()
    with pytest.raises(ValueError, match="without an id"):
        await parcels.create(record)
    assert posted == []


async def test_update_sends_the_id_and_the_fields_given_and_nothing_else():
    parcels, posted, _ = echo()
    updated = await parcels.update(5, label="new", sent="2024-05-06")
    assert posted == [[{"id": 5, "label": "new", "sent": "2024-05-06"}]]
    assert updated.label == "new"


@pytest.mark.parametrize("identity", [None, 0, "", True, 5.0])
async def test_update_without_a_real_id_is_impossible(identity):
    parcels, posted, _ = echo()
    with pytest.raises((ValueError, TypeError), match="id"):
        await parcels.update(identity, label="x")
    assert posted == []


async def test_update_refuses_unknown_fields_another_id_and_nothing():
    parcels, posted, _ = echo()
    with pytest.raises(TypeError, match="Did you mean 'label'"):
        await parcels.update(5, lable="x")
    with pytest.raises(ValueError, match="at least one"):
        await parcels.update(5)
    with pytest.raises(ValueError, match="id first"):
        await parcels.update(5, id=6)
    assert posted == []


async def test_save_sends_the_id_and_the_changes_only():
    parcels, posted, _ = echo()
    parcel = wrap(Parcel, {"id": 5, "label": "a", "weight": 1.5, "inside": [{"id": 6, "label": "b"}]})
    parcel.label = "c"
    parcel.inside[0].weight = 2.0
    await parcels.save(parcel)
    assert posted == [[{"label": "c", "inside": [{"id": 6, "label": "b", "weight": 2.0}], "id": 5}]]
    assert changes(parcel) == {}


async def test_save_without_changes_sends_nothing():
    parcels, posted, _ = echo()
    parcel = wrap(Parcel, {"id": 5, "label": "a"})
    assert await parcels.save(parcel) is parcel
    assert posted == []


async def test_save_without_an_id_is_refused():
    parcels, posted, _ = echo()
    with pytest.raises(ValueError, match="id"):
        await parcels.save(Parcel(label="x"))
    assert posted == []


async def test_save_that_failed_keeps_the_changes():
    group, _ = resources(lambda query: respond(b"<html>", kind="text/html"))
    parcel = wrap(Parcel, {"id": 5})
    parcel.label = "x"
    with pytest.raises(DecodeError):
        await group.parcels.save(parcel)
    assert changes(parcel) == {"label": "x"}


@pytest.mark.parametrize("shape", ["object", "array"])
async def test_upsert_always_gives_a_list_back(shape):
    parcels, posted, _ = echo(shape=shape)
    assert [p.label for p in await parcels.upsert([Parcel(label="x")])] == ["x"]
    both = await parcels.upsert(iter([Parcel(id=1), {"id": 2, "label": "y"}]))
    assert [type(parcel) for parcel in both] == [Parcel, Parcel]
    assert posted[1] == [{"id": 1}, {"id": 2, "label": "y"}]


async def test_upsert_of_nothing_sends_nothing():
    parcels, posted, sender = echo()
    assert await parcels.upsert([]) == []
    assert posted == sender.requests == []


@pytest.mark.parametrize("one", [Parcel(id=1), {"id": 1}, "x"])
async def test_upsert_of_one_without_its_list_is_refused(one):
    parcels, posted, _ = echo()
    with pytest.raises(TypeError):
        await parcels.upsert(one)
    assert posted == []


@pytest.mark.parametrize(
    "said", [b"", b"null", [], [None], b'""', {}, {"label": "x"}, {"id": 0, "label": "x"}]
)
@pytest.mark.parametrize("status", [200, 201, 204])
async def test_a_write_of_which_nothing_is_said_has_an_unknown_outcome(said, status):
    group, sender = resources(lambda query: respond(said, status=status))
    parcel = wrap(Parcel, {"id": 5, "label": "a"})
    parcel.label = "b"
    writes = [
        lambda: group.parcels.create({"label": "x"}),
        lambda: group.parcels.upsert([{"label": "x"}]),
        lambda: group.parcels.update(5, label="x"),
        lambda: group.parcels.save(parcel),
    ]
    for number, write in enumerate(writes, start=1):
        with pytest.raises(UnknownOutcomeError, match="unknown") as caught:
            await write()
        advice = "Look for it before writing it again" if number <= 2 else "Send it again"
        assert advice in str(caught.value)
        assert caught.value.records == (None,)
        assert len(sender.requests) == number
    assert changes(parcel) == {"label": "b"}


ERRORS = [
    ({"error": "No more licences"}, "No more licences"),
    ([{"error": "No more licences"}], "No more licences"),
    ({"error": {"message": "No more licences"}}, "No more licences"),
    ({"error": True, "message": "No more licences"}, "No more licences"),
    (
        {"ClassName": "System.Exception", "Message": "No more licences", "InnerException": None},
        "No more licences",
    ),
    ([{"ClassName": "System.Exception", "Message": "No more licences"}] * 2, "No more licences"),
    ({"resultCode": 7, "errorMessage": "No more licences"}, "No more licences"),
    ({"Message": "An error has occurred.", "ExceptionMessage": "No more licences"}, "No more licences"),
    ({"errors": {"label": ["No more licences"]}, "title": "One or more errors"}, "No more licences"),
]


@pytest.mark.parametrize(("said", "text"), ERRORS, ids=range(len(ERRORS)))
async def test_an_error_in_a_response_of_200_is_an_error_of_every_write(said, text):
    group, _ = resources(lambda query: respond(said))
    parcel = wrap(Parcel, {"id": 5})
    parcel.label = "b"
    for write in (
        group.parcels.create({"label": "x"}),
        group.parcels.upsert([{"label": "x"}, {"label": "y"}]),
        group.parcels.update(5, label="x"),
        group.parcels.save(parcel),
        group.parcels.delete(5),
        group.parcels.weigh({"ids": [1]}),
        group.parcels.get(5),
    ):
        with pytest.raises(HiddenError, match=text):
            await write
    assert changes(parcel) == {"label": "b"}


@pytest.mark.parametrize(
    "said",
    [
        {"id": 5, "resultCode": 7, "errorMessage": "No more licences"},
        {"id": 5, "ClassName": "System.Exception", "Message": "No more licences"},
        {"id": 0, "error": "No more licences"},
        {"id": None, "error": "No more licences"},
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_an_error_that_names_a_record_is_an_error_of_every_write_and_read(said, wrapped):
    group, _ = resources(lambda query: respond([said] if wrapped else said))
    for call in (
        group.parcels.create({"label": "x"}),
        group.parcels.upsert([{"label": "x"}]),
        group.parcels.update(5, label="x"),
        group.parcels.delete(5),
        group.parcels.get(5),
    ):
        with pytest.raises(HiddenError, match="No more licences"):
            await call


@pytest.mark.parametrize(
    "record",
    [
        {"id": 5, "error": "of the last delivery"},
        {"id": 5, "message": "a note"},
        {"id": 5, "errors": ["one"]},
        {"id": 5, "resultcode": 0, "errormessage": ""},
        {"id": 5, "error": False},
        {"id": 5, "error": None},
    ],
)
async def test_a_record_that_has_a_field_of_that_name_is_no_error(record):
    """Actions, queued emails and webhooks' events say by it what became of themselves."""
    group, _ = resources(lambda query: respond([record], status=201))
    assert (await group.parcels.create({"label": "x"})).id == 5
    assert [parcel.id for parcel in await group.parcels.list().all()] == [5]
    assert (await group.parcels.get(5)).id == 5
    assert (await group.parcels.delete(5)).id == 5


async def test_upsert_gives_records_in_the_order_of_the_rows():
    group, _ = resources(lambda query: respond([{"id": 8, "label": "y"}, {"id": 9, "label": "x"}]))
    made = await group.parcels.upsert([{"label": "x"}, {"label": "y"}])
    assert [(parcel.id, parcel.label) for parcel in made] == [(9, "x"), (8, "y")]


async def test_upsert_raises_when_fewer_came_back_and_has_what_is_known():
    group, _ = resources(lambda query: respond({"id": 9, "label": "z"}))
    with pytest.raises(UnknownOutcomeError, match=r"2 of 3 rows is unknown.*\(row 0, 1\)") as caught:
        await group.parcels.upsert([{"label": "x"}, {"label": "y"}, {"label": "z"}])
    assert [record and record.id for record in caught.value.records] == [None, None, 9]
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.records[2].id) == (str(caught.value), 9)


async def test_upsert_that_was_refused_in_part_says_why_and_what_is_known():
    group, _ = resources(lambda query: respond([{"id": 9, "label": "x"}, {"error": "too heavy"}]))
    with pytest.raises(UnknownOutcomeError, match="too heavy") as caught:
        await group.parcels.upsert([{"label": "x"}, {"label": "y"}])
    assert caught.value.records[0].id == 9
    assert caught.value.records[1] is None


@pytest.mark.parametrize(("body", "came"), [(b"", None), (b"null", None), (b'{"id": 5}', 5)])
async def test_delete_gives_the_record_back_if_halo_does(body, came):
    group, sender = resources(lambda query: respond(body))
    deleted = await group.parcels.delete(5, reason="old")
    assert (deleted and deleted.id) == came
    assert sender.requests[0].query == (("reason", "old"),)
