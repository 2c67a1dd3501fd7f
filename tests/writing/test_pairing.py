"""Which record belongs to which row: what an instance may answer, and what may be concluded from it."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async.api.actions import Actions
from halo_async.api.tickets import Tickets
from halo_async.api.timesheet import Timesheet
from halo_async.writing.record_keys import keys_of
from halo_async.writing.record_pairing import pair

Rows = list[dict[str, Any]]
TICKETS = keys_of(Tickets)
ROWS: Rows = [
    {"summary": "a", "client_id": 1},
    {"summary": "b", "client_id": 1},
    {"summary": "c", "client_id": 2},
]


def made(rows: Rows, first: int = 21) -> Rows:
    """What an instance makes of rows: an id where there is none, and more fields."""
    return [
        {**copy.deepcopy(row), "id": row.get("id", first + number), "status_id": 1}
        for number, row in enumerate(rows)
    ]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]])
def test_records_in_another_order_are_found_by_what_they_hold(order: list[int]) -> None:
    records = made(ROWS)
    assert pair(ROWS, [records[place] for place in order], TICKETS) == [order.index(row) for row in range(3)]


def test_the_last_record_once_for_each_row_is_the_last_rows_alone() -> None:
    last = made(ROWS)[-1]
    assert pair(ROWS, [last] * 3, TICKETS) == [None, None, 0]
    assert pair(ROWS, [last], TICKETS) == [None, None, 0]


def test_fewer_records_belong_to_the_rows_that_they_are_like() -> None:
    records = made(ROWS)
    assert pair(ROWS, records[:2], TICKETS) == [0, 1, None]
    assert pair(ROWS, records[1:], TICKETS) == [None, 0, 1]
    assert pair(ROWS, [], TICKETS) == [None] * 3


def test_more_records_do_not_disturb() -> None:
    others = [{"id": 90, "summary": "of somebody else", "client_id": 1}, {"id": 91}]
    assert pair(ROWS, [others[0], *made(ROWS), others[1]], TICKETS) == [1, 2, 3]


def test_records_without_an_id_of_their_own_are_nobodys() -> None:
    for id in (None, 0, "", -1, True, [5]):
        assert pair(ROWS, [{**row, "id": id} for row in ROWS], TICKETS) == [None] * 3


def test_records_that_say_nothing_but_their_ids_stand_in_the_order_of_the_rows() -> None:
    assert pair(ROWS, [{"id": 21}, {"id": 22}, {"id": 23}], TICKETS) == [0, 1, 2]
    assert pair(ROWS, [{"id": 21}, {"id": 22}], TICKETS) == [None] * 3
    assert pair(ROWS, [{"id": 21}] * 3, TICKETS) == [None] * 3


def test_one_created_row_and_one_new_record_belong_together_whatever_became_of_its_fields() -> None:
    assert pair([{"summary": "a"}], [{"id": 5, "summary": "rewritten"}], TICKETS) == [0]
    assert pair([{"id": 7, "summary": "x"}, {"summary": "a"}], [{"id": 30}, {"id": 7}], TICKETS) == [1, 0]


def test_an_updated_row_is_found_by_its_id_alone() -> None:
    rows = [{"id": 7, "summary": "x"}, {"id": "8", "summary": "y"}, {"id": 9, "summary": "z"}]
    assert pair(rows, [{"id": 9}, {"id": "7"}, {"id": 8, "summary": "else"}], TICKETS) == [1, 2, 0]
    assert pair(rows, [{"id": 9}] * 3, TICKETS) == [None, None, 0]
    twice = [{"id": 7, "summary": "first"}, {"id": 7, "summary": "second"}]
    assert pair(twice, [{"id": 7}, {"id": 7}], TICKETS) == [0, 1]
    assert pair(twice, [{"id": 7}], TICKETS) == [0, 0]


def test_an_updated_record_is_never_taken_for_a_created_one() -> None:
    rows = [{"summary": "same"}, {"id": 7, "summary": "same"}]
    assert pair(rows, [{"id": 7, "summary": "same"}] * 2, TICKETS) == [None, 0]


def test_ids_that_count_within_a_ticket_may_be_the_same_in_two() -> None:
    keys = keys_of(Actions)
    rows = [
        {"ticket_id": 1, "note": "a"},
        {"ticket_id": 2, "note": "b"},
        {"ticket_id": 3, "id": 4, "note": "c"},
    ]
    records = [{**row, "id": 4} for row in rows]
    assert pair(rows, records[::-1], keys) == [2, 1, 0]


def test_where_no_id_tells_records_apart_what_they_hold_does() -> None:
    keys = keys_of(Timesheet)
    rows = [{"agent_id": 1, "date": "2024-05-06"}, {"agent_id": 2, "date": "2024-05-06"}]
    records = [{**row, "id": 0, "date": "2024-05-06T00:00:00"} for row in rows]
    assert pair(rows, records, keys) == [0, 1]
    assert pair(rows, records[::-1], keys) == [1, 0]
    assert pair(rows, records[1:] * 2, keys)[0] is None


def test_rows_that_are_the_same_take_what_came_in_order() -> None:
    rows: Rows = [{"summary": "a"}, {"summary": "b"}, {"summary": "a"}]
    records = made(rows)
    assert pair(rows, records[::-1], TICKETS) == [0, 1, 2]
    assert pair(rows, [records[0], records[1]], TICKETS) == [0, 1, None]
    assert pair([rows[0]] * 3, [records[0]] * 3, TICKETS) == [0, None, None]


def test_a_row_that_is_as_like_as_another_is_left_unknown() -> None:
    rows: Rows = [{"summary": "a", "team": "x"}, {"summary": "b", "team": "y"}]
    assert pair(rows, [{"id": 5, "status_id": 1}], TICKETS) == [None, None]
    assert pair(rows, [{"id": 5, "summary": "c"}, {"id": 6, "summary": "d"}], TICKETS) == [None, None]
    assert pair(rows, [{"id": 5, "summary": "a", "team": "y"}], TICKETS) == [None, None]


def test_custom_fields_tell_rows_apart() -> None:
    rows = [{"summary": "a", "customfields": [{"id": 9, "value": value}]} for value in ("x", "y")]
    records = [
        {
            "id": 20 + number,
            "summary": "a",
            "customfields": [{"id": 8, "value": 1}, {"id": 9, "name": "n", "value": value}],
        }
        for number, value in enumerate(("y", "x"))
    ]
    assert pair(rows, records, TICKETS) == [1, 0]


def test_a_value_that_came_back_cut_is_enough_in_place_and_too_little_elsewhere() -> None:
    rows = [{"summary": "Printer in the hall is on fire"}, {"summary": "Scanner in the hall is on fire"}]
    records = [{"id": 21 + number, "summary": row["summary"][:12]} for number, row in enumerate(rows)]
    assert pair(rows, records, TICKETS) == [0, 1]
    assert pair(rows, records[1:], TICKETS) == [None, None]
    assert pair(rows, records[::-1], TICKETS) == [None, None]


@pytest.mark.parametrize(
    ("sent", "came"),
    [
        ("  Printer  on fire ", "Printer on fire"),
        ("PRINTER on fire", "Printer on Fire"),
        ("Printer & fire", "<p>Printer &amp; fire</p>"),
        (1.23456, 1.23),
        (1.5, 2),
        ("7", 7),
        (True, 1),
        ("true", True),
        ("2024-05-06", "2024-05-06T00:00:00"),
        ("2024-05-06T10:00:00+02:00", "2024-05-06T08:00:00.0000000"),
        ("2024-05-06T08:00:00.123Z", "2024-05-06T08:00:00"),
        ("ﬁre", "fire"),
    ],
)  # fmt: skip
def test_a_value_that_is_written_otherwise_is_the_same(sent: Any, came: Any) -> None:
    rows = [{"value": sent}, {"value": "something else"}]
    assert pair(rows, [{"id": 5, "value": "something else"}, {"id": 6, "value": came}], TICKETS) == [1, 0]
    assert pair(rows, [{"id": 6, "value": came}], TICKETS) == [0, None]


def test_values_of_any_kind_are_no_reason_to_fail() -> None:
    odd = [
        10**400,
        -(10**30),
        1e308,
        "9" * 400,
        "0001-01-01",
        "9999-12-31T23:59:59.9999999",
        "\ud800",
        "<" * 50_000,
    ]
    rows = [{"value": value, "more": {"a": [value, [value]]}} for value in odd]
    assert pair(rows, made(rows)[::-1], TICKETS) == list(range(len(odd)))[::-1]


# Any instance ----------------------------------------------------------------------------------

NORMAL: list[Callable[[str], str]] = [str, str.strip, str.casefold, lambda text: f"<p>{text}</p>"]
texts = st.sampled_from(["a", "A", " a", "b", "row 1", "row 12", "x y", "x  y", "é", ""])
rows_sent = st.lists(
    st.fixed_dictionaries(
        {"summary": texts},
        optional={"client_id": st.integers(1, 3), "details": texts, "_flag": st.just(True)},
    ),
    min_size=1,
    max_size=8,
)


def shown(row: dict[str, Any], normal: Callable[[str], str]) -> dict[str, Any]:
    """What an instance shows of a row: what is empty is the same as what is not there."""
    return {
        name: normal(value) if isinstance(value, str) else value
        for name, value in row.items()
        if not name.startswith("_") and value != ""
    }


@given(rows=rows_sent, updates=st.sets(st.integers(0, 7)), seed=st.integers(), data=st.data())
def test_no_instance_makes_a_row_get_another_rows_id(
    rows: Rows, updates: set[int], seed: int, data: st.DataObject
) -> None:
    """Whatever is left out, exchanged, doubled or put between: a row has the id of one that is the same, or none."""
    rows = [{**row, "id": 100 + number} if number in updates else row for number, row in enumerate(rows)]
    normal = data.draw(st.sampled_from(NORMAL))
    records = made(rows)
    for record in records:
        record.update({name: normal(value) for name, value in record.items() if isinstance(value, str)})
        record.pop("_flag", None)
    dice = random.Random(seed)
    how = data.draw(st.sampled_from(["order", "fewer", "last", "last each", "more"]))
    came = list(records)
    if how in ("order", "fewer", "more"):
        dice.shuffle(came)
    if how == "fewer":
        came = came[: dice.randrange(len(came) + 1)]
    if how == "last":
        came = came[-1:]
    if how == "last each":
        came = came[-1:] * len(rows)
    if how == "more":
        came.insert(dice.randrange(len(came) + 1), {"id": 999, "summary": "of nobody", "client_id": 2})
    places = pair(rows, came, TICKETS)
    ids = [None if place is None else came[place]["id"] for place in places]
    created = [id for row, id in zip(rows, ids, strict=True) if "id" not in row and id is not None]
    assert len(created) == len(set(created))
    assert 999 not in ids
    for row, id in zip(rows, ids, strict=True):
        if id is None:
            continue
        if "id" in row:
            assert id == row["id"]
            continue
        assert shown(row, normal) == shown(rows[id - 21], normal)


@given(rows=rows_sent, seed=st.integers())
def test_records_that_came_as_they_were_sent_are_all_found(rows: Rows, seed: int) -> None:
    records = made(rows)
    assert pair(rows, records, TICKETS) == list(range(len(rows)))
    written = {" ".join(row["summary"].split()).casefold(): row for row in rows}
    distinct = [row for text, row in written.items() if text]
    records = made(distinct)
    random.Random(seed).shuffle(records)
    found = pair(distinct, records, TICKETS)
    assert None not in found


def test_a_thousand_rows_in_another_order_take_no_long_time() -> None:
    rows: Rows = [
        {"summary": f"row {number}", "client_id": number % 7, "details": "same"} for number in range(1000)
    ]
    records = [{**record, "summary": record["summary"].upper()} for record in made(rows)]
    assert pair(rows, records, TICKETS) == list(range(1000))
    random.Random(1).shuffle(records)
    found = pair(rows, records, TICKETS)
    assert [records[place]["id"] - 21 for place in found if place is not None] == list(range(1000))
