"""A value of the wrong type is a TypeError that names the mend, and nothing of the call is sent."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from halo_async import Halo, InvalidRequestError, asdict, changes, models, replace, wrap
from halo_async.emulator import Emulator


class Whole(IntEnum):
    THREE = 3


class Text(StrEnum):
    NEW = "new"


class Plain(Enum):
    THREE = 3
    NEW = "new"


class Index:
    """As numpy's integers are."""

    def __index__(self) -> int:
        return 3


class Sub(int):
    """As `IntEnum` and others are, but that it shows itself otherwise."""

    def __str__(self) -> str:
        return "three"

    __repr__ = __str__


QUERY: list[tuple[dict[str, Any], str]] = [
    ({"client_id": "abc"}, "client_id takes an int, not a str 'abc'. Give a number without a fraction"),
    ({"client_id": "12"}, "Give 12."),
    ({"client_id": 12.0}, "client_id takes an int, not a float 12.0. Give 12."),
    ({"client_id": Decimal(12)}, "Give 12."),
    ({"client_id": 12.5}, "such as 12."),
    ({"client_id": float("nan")}, "client_id takes an int"),
    ({"client_id": float("inf")}, "client_id takes an int"),
    ({"client_id": True}, "client_id takes an int, not a bool True"),
    ({"client_id": [1, 2]}, "client_id takes an int, not a list <list of 2>"),
    ({"client_id": b"1"}, "client_id takes an int"),
    ({"client_id": models.Client(name="x")}, "client_id takes an int, not a Client <Client>"),
    ({"open_only": "yes"}, "open_only takes a bool, not a str 'yes'. Give True."),
    ({"open_only": 1}, "open_only takes a bool, not an int 1. Give True."),
    ({"open_only": 0}, "Give False."),
    ({"open_only": "maybe"}, "Give True or False."),
    ({"search": 1.5}, "search takes a str, not a float 1.5. Give '1.5'."),
    ({"search": True}, "Give 'true'."),
    (
        {"startdate": "last monday"},
        "startdate takes a datetime, a date or a string in ISO 8601, not a str 'last monday'",
    ),
    ({"enddate": "31.12.2026"}, "Give one such as '2026-05-31'"),
    ({"lastupdatefromdate": 20260101}, "lastupdatefromdate takes a datetime"),
    ({"lastupdatefromdate": True}, "lastupdatefromdate takes a datetime"),
    ({"startdate": ""}, "Leave it out"),
]


@pytest.mark.parametrize(("given", "said"), QUERY, ids=[str(given) for given, _ in QUERY])
def test_in_a_query(halo: Halo, halo_emulator: Emulator, given, said):
    before = len(halo_emulator.requests)
    with pytest.raises(TypeError) as caught:
        halo.tickets.list(**given)
    assert str(caught.value).startswith("tickets.list(): ")
    assert said in str(caught.value)
    with pytest.raises(TypeError):
        halo.tickets.changed_since(datetime(2026, 1, 1), **given)
    assert len(halo_emulator.requests) == before


async def test_what_a_document_types_wrongly_can_be_sent_by_options(halo: Halo, halo_emulator: Emulator):
    await halo.tickets.with_options(params={"open_only": 1, "search": 1.5}).list().first()
    query = dict(halo_emulator.requests("GET /Tickets")[-1].query)
    assert (query["open_only"], query["search"]) == ("1", "1.5")


@pytest.mark.parametrize("bad", [95.0, True, "95", "abc", None, float("nan"), [95], {"id": 95}])
async def test_in_a_path(halo: Halo, halo_emulator: Emulator, bad, tmp_path):
    before = len(halo_emulator.requests)
    for call in (
        lambda: halo.tickets.get(bad),
        lambda: halo.tickets.delete(bad),
        lambda: halo.attachment.download(bad, to=tmp_path),
        lambda: halo.report.run(bad).first(),
    ):
        with pytest.raises(TypeError, match="id"):
            await call()
    assert len(halo_emulator.requests) == before


async def test_of_a_record_in_the_place_of_an_id_its_id_is_wanted(halo: Halo):
    ticket = await halo.tickets.get(5)
    with pytest.raises(TypeError, match=r"id takes an int, not a Ticket .*\. Give its id: record\.id\."):
        await halo.tickets.delete(ticket)


async def test_what_counts_as_a_number_or_text_is_taken(halo: Halo, halo_emulator: Emulator):
    for three in (3, Whole.THREE, Plain.THREE, Index(), Sub(3)):
        assert (await halo.tickets.get(three)).id == 3
        await halo.tickets.list(client_id=three).first()
        assert dict(halo_emulator.requests("GET /Tickets")[-1].query)["client_id"] == "3"
        await halo.tickets.update(5, client_id=three)
        assert json.loads(halo_emulator.requests("POST /Tickets")[-1].body) == [{"id": 5, "client_id": 3}]
        await halo.tickets.upsert([{"id": 5, "client_id": three}])
        assert json.loads(halo_emulator.requests("POST /Tickets")[-1].body) == [{"id": 5, "client_id": 3}]
    for new in ("new", Text.NEW, Plain.NEW):
        await halo.tickets.update(5, summary=new)
        assert json.loads(halo_emulator.requests("POST /Tickets")[-1].body) == [{"id": 5, "summary": "new"}]


@pytest.mark.parametrize("number", [2, 2.5, Decimal("2.5"), Index(), Fraction(5, 2)])
def test_a_number_with_a_fraction_may_be_any_number(number):
    assert models.Ticket(estimate=number)["estimate"] in (2, 3, 2.5, Decimal("2.5"))


FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"summary": 7}, "Ticket: summary takes a str, not an int 7. Give '7'."),
    ({"summary": True}, "Give 'true'."),
    ({"summary": ["x"]}, "Give a string."),
    ({"client_id": 95.0}, "Ticket: client_id takes an int, not a float 95.0. Give 95."),
    ({"client_id": "12"}, "Give 12."),
    ({"client_id": False}, "client_id takes an int"),
    ({"_novalidate": 1}, "_novalidate takes a bool, not an int 1. Give True."),
    ({"_novalidate": "false"}, "Give False."),
    ({"estimate": "2.5"}, "estimate takes a number, not a str '2.5'. Give 2.5."),
    ({"estimate": True}, "estimate takes a number"),
    ({"dateoccurred": "last monday"}, "dateoccurred takes a datetime, a date or a string in ISO 8601"),
    ({"dateoccurred": 20260101}, "dateoccurred takes a datetime"),
    ({"customfields": [{"id": 1.0}]}, "customfields[0].id takes an int, not a float 1.0. Give 1."),
    ({"customfields": [{"id": 1}, {"vlaue": 2}]}, "CustomField has no field 'vlaue'. Did you mean 'value'?"),
    ({"customfields": [5]}, "customfields[0] takes a CustomField or a mapping"),
    ({"_apply_ai_suggestions": [1, "2"]}, "_apply_ai_suggestions[1] takes an int, not a str '2'. Give 2."),
    ({"_apply_ai_suggestions": 1}, "takes a list, not an int 1. Put it in [ ]."),
    ({"_apply_ai_suggestions": "1"}, "takes a list"),
]


@pytest.mark.parametrize(("fields", "said"), FIELDS, ids=[str(fields) for fields, _ in FIELDS])
async def test_in_a_body(halo: Halo, halo_emulator: Emulator, fields, said):
    before = len(halo_emulator.requests)
    fetched = wrap(models.Ticket, {"id": 5})
    ((name, value),) = fields.items()

    async def save() -> None:
        setattr(fetched, name, value)
        await halo.tickets.save(fetched)

    calls = [
        lambda: halo.tickets.create(fields),
        lambda: halo.tickets.create(models.Ticket(**fields)),
        lambda: halo.tickets.update(5, **fields),
        lambda: halo.tickets.upsert([{"id": 1}, fields]),
        save,
    ]
    for call in calls:
        with pytest.raises(TypeError) as caught:
            await call()
        assert said in str(caught.value)
    with halo.dry_run() as prepared, pytest.raises(TypeError):
        await halo.tickets.create(fields)
    with pytest.raises(TypeError):
        replace(fetched, **fields)
    assert prepared == []
    assert changes(fetched) == {}
    assert len(halo_emulator.requests) == before


async def test_in_a_bulk_write_only_the_rows_to_blame_are_refused(halo: Halo, halo_emulator: Emulator):
    rows = [{"summary": "a"}, {"sumary": "b"}, {"summary": "c", "client_id": 95.0}, {"summary": "d"}]
    results = [result async for result in halo.tickets.bulk_upsert(rows, on_error="continue")]
    assert [result.outcome for result in results] == ["written", "refused", "refused", "written"]
    assert "Row 1: Ticket has no field 'sumary'. Did you mean 'summary'?" in str(results[1].error)
    assert "Row 2: Ticket: client_id takes an int, not a float 95.0. Give 95." in str(results[2].error)


async def test_in_what_is_sent_besides_records(halo: Halo, halo_emulator: Emulator):
    before = len(halo_emulator.requests)
    for call in (
        lambda: halo.attachment.upload(b"x", filename="x", ticket_id="5"),
        lambda: halo.attachment.upload(b"x", filename="x", ticket_id=5.0),
        lambda: halo.attachment.upload(b"x", filename=5),
        lambda: halo.report.run(1, client_id=2.0).first(),
        lambda: halo.resolve("site", "Main", client_id="2"),
        lambda: halo.tickets.process_children({"id": "x"}),
        lambda: halo.tickets.process_children(5),
        lambda: halo.client.update(3, name=5),
        lambda: halo.tickets.update(5, custom={7.5: "x"}),
    ):
        with pytest.raises(TypeError):
            await call()
    for number in (float("nan"), float("inf")):
        with pytest.raises(InvalidRequestError):
            await halo.tickets.update(5, estimate=number)
    assert len(halo_emulator.requests) == before


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"id": "x"}, "id takes an int, not a str 'x'"),
        ({"agent_id": 5.0}, "agent_id takes an int, not a float 5.0. Give 5."),
        ({"agent_idd": 2}, "Bookmark has no field 'agent_idd'. Did you mean 'agent_id'?"),
        (5, "takes a Bookmark or a mapping"),
    ],
)
async def test_in_the_body_of_an_operation_that_takes_one_record(
    halo: Halo, halo_emulator: Emulator, body, said
):
    before = len(halo_emulator.requests)
    with pytest.raises(TypeError) as caught:
        await halo.bookmark.post(body)
    assert said in str(caught.value)
    assert len(halo_emulator.requests) == before


async def test_a_misspelt_name_in_a_mapping_is_refused_and_a_newer_one_is_sent(
    halo: Halo, halo_emulator: Emulator
):
    with pytest.raises(TypeError, match=r"Did you mean 'summary'.*record\['sumary'\] = value"):
        await halo.tickets.create({"sumary": "x"})
    with pytest.raises(TypeError, match="Did you mean 'client_id'"):
        await halo.tickets.upsert([{"summary": "x", "clientid": 5}])
    assert halo_emulator.requests("POST /Tickets") == []
    made = await halo.tickets.create({"summary": "x", "any_new_field": 1, "SLA_ID": 1})
    assert made["any_new_field"] == 1


async def test_what_the_instance_has_can_be_written_whatever_it_is_called(
    halo: Halo, halo_emulator: Emulator
):
    ticket = models.Ticket(summary="x")
    ticket["sumary"] = "an instance may have it"
    ticket["client_id"] = "and may type it otherwise than its document"
    with halo.dry_run() as prepared:
        await halo.tickets.create(ticket)
    assert prepared[0].json() == [asdict(ticket)]
    fetched = await halo.tickets.get(5)
    fetched["sumary"] = 1
    await halo.tickets.save(fetched)
    assert json.loads(halo_emulator.requests("POST /Tickets")[-1].body) == [{"id": 5, "sumary": 1}]
    assert (await halo.tickets.get(5))["sumary"] == 1


async def test_what_came_from_an_instance_goes_back_as_it_is(halo: Halo):
    row = {
        "id": 5,
        "client_id": "12",
        "summary": 7,
        "dateoccurred": "soon",
        "sumary": 1,
        "customfields": [{"id": "x"}],
    }
    ticket = wrap(models.Ticket, dict(row))
    ticket.details = "new"
    ticket.customfields = ticket.customfields
    with halo.dry_run() as prepared:
        await halo.tickets.save(ticket)
        await halo.tickets.upsert([ticket])
        [_ async for _ in halo.tickets.bulk_upsert([ticket])]
    saved, upserted, bulk = [request.json() for request in prepared]
    assert saved == [{"id": 5, "customfields": [{"id": "x"}], "details": "new"}]
    assert upserted == bulk == [{**row, "details": "new"}]


async def test_a_value_that_may_be_a_secret_is_not_shown():
    with pytest.raises(TypeError) as caught:
        models.User(new_password=20260131)
    assert "20260131" not in str(caught.value)
    assert "new_password takes a str, not an int" in str(caught.value)


async def test_dates_are_taken_in_every_form(halo: Halo, halo_emulator: Emulator):
    forms = [date(2026, 5, 31), datetime(2026, 5, 31), "2026-05-31T00:00:00Z"]
    for form in forms:
        await halo.tickets.update(5, dateoccurred=form)
        assert (
            json.loads(halo_emulator.requests("POST /Tickets")[-1].body)[0]["dateoccurred"]
            == "2026-05-31T00:00:00Z"
        )
    for form in ("", "2026-05-31", "2026-05-31T10:00:00.1234567", None):
        assert models.Ticket(dateoccurred=form)["dateoccurred"] == form
    assert asdict(models.Ticket(summary=UUID(int=1))) == {"summary": UUID(int=1)}
