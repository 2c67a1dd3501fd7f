"""Writes called as nobody should, and the one sentence that each gets."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from enum import Enum

import pytest

from halo_async import models
from halo_async.errors import InvalidRequestError, SettingsError
from halo_async.writing import failed_rows, settle_rows


@pytest.mark.parametrize("read", [True, 5, {"id": 5}, "record"], ids=repr)
async def test_what_is_compared_with_has_to_be_a_record(halo, emulator, read):
    with pytest.raises(TypeError, match="if_unchanged must be the record as it was read, not"):
        await halo.tickets.update(5, if_unchanged=read, summary="x")
    assert emulator.requests("POST /Tickets") == []


async def test_a_value_without_a_form_is_named_by_its_type(halo):
    with pytest.raises(TypeError, match=r"^Cannot serialize 'object' to JSON"):
        await halo.tickets.create({"a_newer_field": object()})
    with pytest.raises(TypeError, match=r"id takes an int, not a Ticket"):
        await halo.tickets.delete(models.Ticket(id=5))
    with pytest.raises(TypeError, match=r"^save\(\) takes a record that was read and changed, not None"):
        await halo.tickets.save(None)


async def test_what_a_dry_run_hands_back_says_that_it_is_no_record(halo):
    with halo.dry_run():
        prepared = await halo.tickets.create({"summary": "x"})
    with pytest.raises(AttributeError, match=r"no 'id'\. The request was not sent \(dry run\)"):
        prepared.id  # noqa: B018
    with pytest.raises(TypeError, match=r"The request was not sent \(dry run\)"):
        prepared["id"]
    assert copy.deepcopy(prepared) == pickle.loads(pickle.dumps(prepared)) == prepared
    assert not hasattr(prepared, "__len__")


async def test_record_that_does_not_say_what_its_id_counts_within_names_the_field(halo, emulator):
    with pytest.raises(InvalidRequestError, match="Give ticket_id too"):
        await halo.actions.save(models.Action(id=3, note="x"))
    assert emulator.requests("POST /Actions") == []


class Whole(Enum):
    FIVE = 5


class Index:
    """As numpy's integers are: no int, but good for one."""

    def __index__(self) -> int:
        return 5


def kind(value: object) -> str:
    return type(value).__name__


@pytest.mark.parametrize("bad", [5.0, Decimal(5), Whole.FIVE, Index()], ids=kind)
async def test_what_only_counts_as_an_id_of_a_row_is_never_told_to_leave_it_out(halo, emulator, bad):
    rows = [{"id": bad, "summary": "x"}]
    with pytest.raises(TypeError, match=r"Row 0: The record: id takes an int, not an? .*\. Give 5\."):
        await halo.tickets.upsert(rows)
    (result,) = [row async for row in halo.tickets.bulk_upsert(rows, on_error="continue")]
    assert "Give 5." in str(result.error)
    assert emulator.requests("POST /Tickets") == []


@pytest.mark.parametrize("bad", [5.0, Decimal(5), True, [5], object()], ids=kind)
async def test_what_is_no_id_of_an_update_is_a_type_error_with_the_mend(halo, emulator, bad):
    said = rf"takes an int, not an? .*\. Give {'5' if bad == 5 else 'a number'}"
    with pytest.raises(TypeError, match=f"The record: id {said}"):
        await halo.tickets.update(bad, summary="x")
    with pytest.raises(TypeError, match=f"ticket_id {said}"):
        await halo.actions.update(3, ticket_id=bad, note="x")
    assert emulator.requests("POST /Tickets") == emulator.requests("POST /Actions") == []


@pytest.mark.parametrize("five", [Whole.FIVE, Index()], ids=kind)
async def test_what_counts_as_a_number_identifies_a_record_of_an_update(halo, emulator, five):
    assert (await halo.tickets.update(five, summary="x")).id == 5
    assert emulator.requests("POST /Tickets")[-1].json() == [{"id": 5, "summary": "x"}]


@pytest.mark.parametrize("option", ["journal", "errors"])
def test_an_empty_path_is_none(halo, option):
    with pytest.raises(SettingsError, match=f"{option}` must be the path of a file, or None"):
        halo.tickets.bulk_upsert([], **{option: ""})


def test_rows_that_are_settled_have_their_ids(tmp_path):
    with pytest.raises(TypeError, match="by the index of its row"):
        settle_rows(tmp_path / "j", written=[0])


def test_row_without_a_form_in_json_is_not_passed_over(tmp_path):
    file = tmp_path / "errors.jsonl"
    file.write_text('{"index": 0, "row": "<Odd>", "not_written": true, "repeatable": true, "error": {}}\n')
    with pytest.raises(SettingsError, match="line 1: The row could not be serialized"):
        list(failed_rows(file))


@pytest.mark.parametrize("options", [{"params": "x"}, {"headers": "x"}, {"timeout": "x"}, {"timeout": -1}])
def test_options_of_a_resource_are_looked_at_at_once(halo, options):
    with pytest.raises(ValueError, match=f"{next(iter(options))}`? (is|must be) a"):
        halo.tickets.with_options(**options)


async def test_request_without_a_method_or_path_is_told_what_to_give(halo):
    for method, path in ((None, "/Tickets"), ("GET", None)):
        with pytest.raises(InvalidRequestError, match=r'request\("GET", "/Tickets"\)'):
            await halo.request(method, path)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"summary": "x", "a\ud800": 1}, r"The name 'a\\ud800'"),
        ({"summary": "a\udfff"}, r"\[0\]\.summary"),
        ({"customfields": [{"id": 3, "value": "\ud800"}]}, r"\[0\]\.customfields\[0\]\.value"),
    ],
)
async def test_half_a_character_in_a_body_is_told_with_its_place(halo, emulator, fields, place):
    with pytest.raises(InvalidRequestError, match=f"^{place} contains a lone surrogate .* Remove it"):
        await halo.tickets.upsert([fields])
    assert emulator.requests("POST /Tickets") == []


async def test_half_a_character_in_a_query_names_the_filter(halo, emulator):
    with pytest.raises(InvalidRequestError, match=r"^search contains a lone surrogate .* Remove it"):
        await halo.tickets.list(search="\ud800").first()
    with pytest.raises(InvalidRequestError, match=r"^The name '\\ud800' contains"):
        await halo.tickets.with_options(params={"\ud800": 1}).list().first()
    assert emulator.requests("GET /Tickets") == []
