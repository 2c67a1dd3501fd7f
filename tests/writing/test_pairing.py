"""Which record belongs to which row: what an instance may return, and what may be concluded from it."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.api.actions import Actions
from halo_async.api.tickets import Tickets
from halo_async.api.timesheet import Timesheet
from halo_async.writing import record_pairing
from halo_async.writing.record_keys import RecordKeys, keys_of
from halo_async.writing.similarity import Plain
from tests.support.examples import examples

Rows = list[dict[str, Any]]
TICKETS = keys_of(Tickets)
ROWS: Rows = [
    {"summary": "a", "client_id": 1},
    {"summary": "b", "client_id": 1},
    {"summary": "c", "client_id": 2},
]


def pair(rows: Rows, records: Rows, keys: RecordKeys) -> list[int | None]:
    """For each row the place of its record."""
    return record_pairing.pair(rows, records, keys).places


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


def test_one_id_for_different_records_is_the_id_of_no_row_in_particular() -> None:
    records = [{**record, "id": 21} for record in made(ROWS)]
    for came in (records, records[:2], [*records, records[0]]):
        assert pair(ROWS, came, TICKETS) == [None] * 3
        assert record_pairing.pair(ROWS, came, TICKETS).groups == []
    assert pair(ROWS, [*records[:2], {**records[2], "id": 22}], TICKETS) == [None, None, 2]


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


def test_records_that_hold_nothing_but_ids_were_written_and_are_nobodys_in_particular() -> None:
    for ids in ([21, 22, 23], [23, 21, 22]):
        pairing = record_pairing.pair(ROWS, [{"id": id} for id in ids], TICKETS)
        assert (pairing.places, pairing.groups) == ([None] * 3, [([0, 1, 2], [0, 1, 2])])
    assert pair(ROWS, [{"id": 21}, {"id": 22}], TICKETS) == [None] * 3
    assert pair(ROWS, [{"id": 21}] * 3, TICKETS) == [None] * 3
    for records in ([{"id": 21}, {"id": 22}], [{"id": 21}] * 3, [{"id": 21}, {"id": 22}, {"id": 0}]):
        assert record_pairing.pair(ROWS, records, TICKETS).groups == []
    assert pair(ROWS[:1] * 3, [{"id": 21}, {"id": 22}, {"id": 23}], TICKETS) == [0, 1, 2]


def test_rows_that_differ_only_in_what_a_response_leaves_out_are_a_group() -> None:
    rows = [{**row, "summary": "same", "client_id": 1, "details": row["summary"]} for row in ROWS]
    records = [{name: value for name, value in row.items() if name != "details"} for row in made(rows)]
    for came in (records, records[::-1]):
        pairing = record_pairing.pair(rows, came, TICKETS)
        assert (pairing.places, pairing.groups) == ([None] * 3, [([0, 1, 2], [0, 1, 2])])
    rows[1]["client_id"] = 2
    records = [{name: value for name, value in row.items() if name != "details"} for row in made(rows)]
    pairing = record_pairing.pair(rows, records[::-1], TICKETS)
    assert (pairing.places, pairing.groups) == ([None, 1, None], [([0, 2], [0, 2])])


def test_a_record_that_is_left_over_is_that_of_the_row_that_is_left_over() -> None:
    assert pair(ROWS, [{"id": 30}, *made(ROWS)[:2]], TICKETS) == [1, 2, 0]


def test_where_no_id_tells_records_apart_rows_that_cannot_be_told_apart_are_unknown() -> None:
    rows = [{"agent_id": 1, "date": "2024-05-06"}, {"agent_id": 2, "date": "2024-05-06"}]
    pairing = record_pairing.pair(rows, [{"id": 0}, {"id": 0}], keys_of(Timesheet))
    assert (pairing.places, pairing.groups) == ([None, None], [])


TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"summary": "a", "client_id": 1}, {}),
    ({"summary": " Printer  on fire "}, {"summary": "printer on fire"}),
    ({"summary": "Printer on fire", "client_id": 1}, {"summary": "[Acme] Printer on fire", "client_id": 1}),
    ({"summary": "Привет"}, {"summary": "??????"}),
    ({"summary": "Café - 5 €"}, {"summary": "Cafe - 5 EUR"}),
    ({"summary": "a", "details": "one\ntwo"}, {"summary": "a", "details": "<p>one<br>two</p><p>Sent by Halo</p>"}),
    ({"summary": "a", "client_id": "7"}, {"summary": "a", "client_id": 7}),
    ({"summary": "a", "priority_id": 0, "client_id": -1}, {"summary": "a", "priority_id": 3, "client_id": 5}),
    ({"summary": "a", "status_id": 2, "team": "x"}, {"summary": "a", "status_id": 1, "team": "y"}),
    ({"summary": "a", "dateoccurred": "2024-05-06T10:00:00"}, {"summary": "a", "dateoccurred": "2024-05-06T08:00:00"}),
    ({"summary": "a", "deadlinedate": "0001-01-01"}, {"summary": "a", "deadlinedate": "2024-05-06"}),
    ({"name": "a", "password": "secret"}, {"name": "a", "password": "*****"}),
    ({"summary": "a", "lines": [{"x": 1}, {"x": 2}]}, {"summary": "a", "lines": [{"x": 2}, {"x": 1}]}),
    ({"name": "a", "price": 1.5, "site_id": 2, "level": 4}, {"name": "a", "price": 2, "site_id": 2, "level": 3}),
]  # fmt: skip
NOT_TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"summary": "a"}, {"summary": "rewritten"}),
    ({"summary": "a", "client_id": 1, "site_id": 1}, {"summary": "b", "client_id": 1, "site_id": 1}),
    ({"summary": "Imported 7"}, {"summary": "Imported 70"}),
    ({"summary": "Imported 7"}, {"summary": "Imported 8"}),
    ({"summary": "a", "client_id": 1}, {"summary": "a", "client_id": 2}),
    ({"ticket_id": 1, "note": "x"}, {"ticket_id": 2, "note": "x"}),
    ({"name": "a", "fields": [{"id": 9, "value": "x"}]}, {"name": "a", "fields": [{"id": 9, "value": "y"}]}),
    ({"start_date": "2024-05-06T10:00:00"}, {"start_date": "2024-07-06T10:00:00"}),
]  # fmt: skip


@pytest.mark.parametrize(("row", "record"), TAKEN, ids=range(len(TAKEN)))
def test_the_only_record_is_that_of_the_only_row_whatever_an_instance_makes_of_its_values(
    row: dict[str, Any], record: dict[str, Any]
) -> None:
    assert pair([row], [{**record, "id": 5}], TICKETS) == [0]
    assert pair([{"id": 7}, row], [{**record, "id": 30}, {"id": 7}], TICKETS) == [1, 0]


@pytest.mark.parametrize(("row", "record"), NOT_TAKEN, ids=range(len(NOT_TAKEN)))
def test_the_only_record_is_not_that_of_the_only_row_if_it_has_other_values(
    row: dict[str, Any], record: dict[str, Any]
) -> None:
    pairing = record_pairing.pair([row], [{**record, "id": 5}], TICKETS)
    assert (pairing.places, pairing.doubtful) == ([None], {0: 0})
    pairing = record_pairing.pair([{"id": 7}, row], [{**record, "id": 30}, {"id": 7}], TICKETS)
    assert (pairing.places, pairing.doubtful) == ([1, None], {1: 0})


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
    assert pair(records, records[::-1], keys) == [2, 1, 0]  # all three are updated
    assert pair(records, records[1:], keys) == [None, 0, 1]


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
    rows = [{"summary": "a", "client_id": 1}, {"summary": "b", "client_id": 2}]
    assert pair(rows, [{"id": 5, "summary": "a", "client_id": 2}], TICKETS) == [None, None]


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


def test_a_value_that_came_back_cut_is_enough_among_all_records_and_too_little_among_some() -> None:
    rows = [{"summary": "Printer in the hall is on fire"}, {"summary": "Scanner in the hall is on fire"}]
    records = [{"id": 21 + number, "summary": row["summary"][:12]} for number, row in enumerate(rows)]
    assert pair(rows, records, TICKETS) == [0, 1]
    assert pair(rows, records[1:], TICKETS) == [None, None]
    assert pair(rows, records[::-1], TICKETS) == [1, 0]


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
    other: Any = {"number": 99, "moment": "2023-05-06", "text": "something else"}[Plain(sent).canonical[0]]
    rows = [{"value": sent}, {"value": other}]
    assert pair(rows, [{"id": 5, "value": other}, {"id": 6, "value": came}], TICKETS) == [1, 0]
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


@settings(max_examples=examples(200))
@given(rows=rows_sent, data=st.data())
def test_an_id_attributed_to_a_row_is_the_id_of_that_row(rows: Rows, data: st.DataObject) -> None:
    """Each record by itself, or all of them, may lack fields, be normalised and stand anywhere."""
    normal = data.draw(st.sampled_from(NORMAL))
    names = ["summary", "client_id", "details", "_flag", "id_of_none"]
    everywhere = data.draw(st.sets(st.sampled_from(names)))
    records = []
    for record in made(rows):
        left_out = everywhere | data.draw(st.one_of(st.just(set()), st.sets(st.sampled_from(names))))
        records.append(
            {
                name: normal(value) if isinstance(value, str) else value
                for name, value in record.items()
                if name not in left_out and value != ""
            }
        )
    came = data.draw(st.permutations(records))
    pairing = record_pairing.pair(rows, came, TICKETS)
    assert pairing.doubtful == {}
    for row, place in enumerate(pairing.places):
        if place is not None:
            assert rows[came[place]["id"] - 21] == rows[row]
    for group, places in pairing.groups:
        assert sorted(came[place]["id"] - 21 for place in places) == group
        assert all(pairing.places[row] is None for row in group)
        assert len({json.dumps(rows[row], sort_keys=True) for row in group}) > 1
    attributed = [place for place in pairing.places if place is not None]
    grouped = [place for _, places in pairing.groups for place in places]
    assert sorted(attributed + grouped) == list(range(len(rows))), "all were written, and that is known"


@given(rows=rows_sent, data=st.data())
def test_records_that_came_as_they_were_sent_are_all_found_in_any_order(
    rows: Rows, data: st.DataObject
) -> None:
    rows = [shown(row, str) for row in rows]  # empty values and flags are in no record
    came = data.draw(st.permutations(made(rows)))
    found = pair(rows, came, TICKETS)
    assert [rows[came[place]["id"] - 21] for place in found if place is not None] == rows


def test_a_thousand_rows_in_another_order_take_no_long_time() -> None:
    rows: Rows = [
        {"summary": f"row {number}", "client_id": number % 7, "details": "same"} for number in range(1000)
    ]
    records = [{**record, "summary": record["summary"].upper()} for record in made(rows)]
    assert pair(rows, records, TICKETS) == list(range(1000))
    random.Random(1).shuffle(records)
    found = pair(rows, records, TICKETS)
    assert [records[place]["id"] - 21 for place in found if place is not None] == list(range(1000))
