"""Which record of a response belongs to which row, in whichever form Halo returns it."""

from __future__ import annotations

import json

import pytest

from halo_async._operations.resource import operations
from halo_async.api.tickets import Tickets
from halo_async.errors import UnknownOutcomeError
from tests.support.bulk_kit import all_of, outcomes
from tests.support.calls_kit import Sender, respond

ROWS = [{"summary": "a"}, {"id": 7, "summary": "b"}, {"summary": "c"}, {"id": 8, "summary": "d"}]
MADE = [{"id": 21}, {"id": 7}, {"id": 22}, {"id": 8}]


async def written(said, rows=ROWS):
    sender = Sender(lambda query: respond(said, status=201))
    results, _ = await all_of(Tickets(sender).bulk_upsert(rows, on_error="continue"))
    assert len(sender.requests) == 1
    assert json.loads(sender.requests[0].body) == rows
    return results


async def test_of_records_with_ids_alone_nothing_says_which_created_row_is_whose():
    """They may stand in any order: the rows were written, and the ids are said with them."""
    for said in (MADE, MADE[::-1]):
        results = await written(said)
        assert [result.id for result in results] == [None, 7, None, 8]
        assert [sorted(result.possible_ids) for result in results] == [[21, 22], [], [21, 22], []]
        assert [result.record and result.record["id"] for result in results] == [None, 7, None, 8]
        assert set(outcomes(results)) == {"written"}
        assert [result.error for result in results] == [None] * 4


async def test_a_row_whose_record_has_other_values_is_unknown_and_the_id_is_said():
    (result,) = await written({"id": 21, "summary": "of somebody else"}, [{"summary": "a"}])
    assert (result.outcome, result.id, result.possible_ids, result.repeatable) == (
        "unknown",
        None,
        (21,),
        False,
    )
    assert "record 21, whose values differ" in str(result.error)


async def test_one_row_may_come_back_without_its_array():
    (result,) = await written({"id": 21}, [{"summary": "a"}])
    assert (result.outcome, result.id) == ("written", 21)


@pytest.mark.parametrize("said", [b"", b"null", [], [None]])
async def test_of_a_request_that_was_taken_without_a_word_every_row_is_unknown(said):
    results = await written(said)
    assert [(result.outcome, result.id, result.record) for result in results] == [
        ("unknown", None, None), ("unknown", 7, None), ("unknown", None, None), ("unknown", 8, None)
    ]  # fmt: skip
    assert [result.repeatable for result in results] == [False, True, False, True]
    assert all(isinstance(result.error, UnknownOutcomeError) for result in results)
    assert "Look for it before writing it again" in str(results[0].error)
    assert "Send it again" in str(results[1].error)


async def test_a_created_row_whose_record_has_no_id_of_its_own_is_unknown():
    results = await written(
        [{"id": 0, "summary": "a"}, {"summary": "b"}], [{"summary": "a"}, {"summary": "b"}]
    )
    assert outcomes(results) == ["unknown", "unknown"]


async def test_a_row_gets_its_own_id_whatever_the_order_of_the_records():
    rows = [{"summary": "a"}, {"id": 7, "summary": "b"}, {"summary": "c"}]
    results = await written([{"id": 22, "summary": "c"}, {"id": 21, "summary": "a"}, {"id": 7}], rows)
    assert [(result.outcome, result.id) for result in results] == [
        ("written", 21),
        ("written", 7),
        ("written", 22),
    ]


async def test_the_last_record_for_each_row_leaves_all_but_the_last_row_unknown():
    rows = [{"summary": "a"}, {"summary": "b"}, {"summary": "c"}]
    for said in ([{"id": 23, "summary": "c"}] * 3, {"id": 23, "summary": "c"}):
        results = await written(said, rows)
        assert [(result.outcome, result.id) for result in results] == [
            ("unknown", None), ("unknown", None), ("written", 23)
        ]  # fmt: skip


async def test_an_error_among_the_records_is_told_with_the_rows_that_are_unknown():
    rows = [{"summary": "a"}, {"summary": "b"}]
    results = await written([{"id": 21, "summary": "a"}, {"error": "No more licences"}], rows)
    assert [(result.outcome, result.id) for result in results] == [("written", 21), ("unknown", None)]
    assert "No more licences" in str(results[1].error)


@pytest.mark.parametrize("said", [MADE[:3], MADE[1:][::-1], [*MADE, {"id": 30}], [{"id": 7}]])
async def test_where_the_order_is_in_doubt_rows_are_found_by_id_and_the_others_are_unknown(said):
    results = await written(said)
    here = {record["id"] for record in said}
    assert outcomes(results) == [
        "unknown", "written", "unknown", "written" if 8 in here else "unknown"
    ]  # fmt: skip
    assert all(result.record is None or result.record["id"] == result.row["id"] for result in results)
    assert not results[0].repeatable


async def test_an_id_may_come_back_as_a_text():
    (result,) = await written([{"id": "7"}], [{"id": 7, "summary": "x"}])
    assert result.outcome == "written"


async def test_an_id_that_came_as_a_text_is_the_number_that_other_calls_take():
    rows = [{"id": 7, "summary": "x"}, {"summary": "a"}, {"summary": "b"}]
    said = [{"id": "22", "summary": "b"}, {"id": "7"}, {"id": "21", "summary": "a"}]
    assert [result.id for result in await written(said, rows)] == [7, 21, 22]
    results = await written([{"id": "21"}, {"id": "22"}], rows[1:])
    assert [result.possible_ids for result in results] == [(21, 22), (21, 22)]


async def test_an_id_that_is_a_text_where_the_record_has_a_number_is_refused(halo, emulator):
    row = {"id": "7", "summary": "x"}
    with pytest.raises(TypeError, match="id takes an int"):
        await halo.tickets.update("7", summary="x")
    with pytest.raises(TypeError, match="id takes an int"):
        await halo.tickets.upsert([row])
    (result,) = [each async for each in halo.tickets.bulk_upsert([row], on_error="continue")]
    assert result.outcome != "written"
    assert "id takes an int" in str(result.error)
    assert emulator.requests("POST /Tickets") == []


async def test_what_is_no_response_leaves_all_unknown():
    results = await written(b"<html>", [{"summary": "a"}, {"id": 7, "summary": "b"}])
    assert outcomes(results) == ["unknown", "unknown"]
    assert [result.repeatable for result in results] == [False, True]


def test_every_post_of_an_array_of_records_to_a_resource_of_its_own_is_written_with_these_calls():
    """The others are actions of a resource (`/Tickets/vote`), imports, or arrays of ids: sent as their schema says."""
    taking: dict[str, int] = {}
    for operation in operations():
        body = next((p.type for p in operation.parameters if p.location == "body"), "")
        if operation.method != "POST" or not body.startswith(("Iterable[", "Sequence[")):
            continue
        taking[operation.kind] = taking.get(operation.kind, 0) + 1
        own = operation.path.count("/") == 1
        assert (operation.kind == "upsert") is (own and body.startswith("Iterable[")), operation
    assert sum(taking.values()) >= 260
    assert taking["upsert"] >= 214
