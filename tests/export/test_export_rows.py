"""A page's bytes become rows, and nothing in a row is touched."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from halo_async.errors import DecodeError, UnexpectedContentTypeError
from halo_async.export.seen_ids import SeenIds
from halo_async.pagination.split_rows import split
from halo_async.transport import Response


def page(body: bytes, kind: str = "application/json") -> Response:
    return Response(200, {}, body, kind)


def test_a_row_keeps_its_numbers_escapes_spaces_and_unknown_fields() -> None:
    row = rb'{"id": 123456789012345678901234567890, "f": 1.10, "e": 1E+2, "s": "a\u00e9\/", "new": [1 , {}]}'
    (line,) = split(page(b'{"record_count": 1, "tickets": [' + row + b"]}"), "tickets").rows
    assert line == row


def test_a_row_over_several_lines_becomes_one_line() -> None:
    (line,) = split(page(b'[{\r\n "a":\t1,\n "b": "x  y" }]'), None).rows
    assert line == b'{"a":1,"b":"x  y"}'


def test_an_array_and_an_envelope_are_both_read_whatever_was_declared() -> None:
    assert split(page(b'[{"id":1}]'), "tickets").rows == [b'{"id":1}']
    assert split(page(b'{"rows":[{"id":1}],"columns":[{}]}'), None).rows == [b'{"id":1}']


def test_the_declared_list_wins_over_others_and_its_case_does_not_matter() -> None:
    found = split(
        page(b'{"columns": [1, 2], "other": [3], "Tickets": [{"id": 1}], "record_count": "7"}'), "tickets"
    )
    assert (found.rows, found.total, found.bare) == ([b'{"id": 1}'], 7, False)


def test_a_list_that_was_left_out_or_is_null_is_empty() -> None:
    assert split(page(b'{"record_count": 0}'), "tickets").rows == []
    assert split(page(b'{"record_count": 0, "tickets": null}'), "tickets").rows == []
    assert split(page(b'{"record_count": 0, "tickets": null}'), "tickets").listed is False


def test_a_byte_order_mark_is_no_part_of_the_rows() -> None:
    assert split(page(b"\xef\xbb\xbf[1]"), None).rows == [b"1"]


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id": NaN}]',
        b'[{"s": "\xff"}]',
        b'[{"id": 1}] x',
        b'[{"id": 1}',
        b'"text"',
        b"null",
        b'{"a": [1], "b": [2]}',
        b'{"record_count": 5}',
        b"",
        b"\xef\xbb\xbf",
        b'{"error": "x", "record_count": 0}',
        b'{"Error": "x", "record_count": 0, "tickets": []}',
        b'{"error": "x", "record_count": 1, "tickets": [{"id": 1}]}',
        b'{"tickets": {"id": 1}}',
        b"[" * 501 + b"]" * 501,
        b"[" * 5_000 + b"]" * 5_000,
    ],
)
def test_what_is_no_list_of_rows_is_refused(body: bytes) -> None:
    with pytest.raises(DecodeError):
        split(page(body), "tickets")


def test_a_login_page_is_named_as_one() -> None:
    with pytest.raises(UnexpectedContentTypeError, match="Sign in"):
        split(page(b"<html><body>Sign in</body></html>", "text/html"), "tickets")


def test_a_repeated_row_is_dropped_and_a_changed_one_kept() -> None:
    tally = SeenIds()
    assert tally.new([b'{"id":1}', b'{"id":2}']) == [b'{"id":1}', b'{"id":2}']
    assert tally.new([b'{"id":2}', b'{"id":2,"changed":true}', b'{"id":3}']) == [
        b'{"id":2,"changed":true}',
        b'{"id":3}',
    ]
    assert (tally.rows, tally.repeats, tally.distinct_ids) == (4, 1, 3)


def test_equal_rows_without_an_id_are_all_kept() -> None:
    tally = SeenIds()
    rows = [b'{"id":0,"day":1}', b'{"id":0,"day":1}', b'{"name":"x"}', b'{"name":"x"}', b"5", b"5"]
    assert tally.new(rows) == rows
    assert (tally.rows, tally.distinct_ids) == (6, 0)


@pytest.mark.parametrize(("ids", "ascending"), [([1, 2, 9], True), ([1, 3, 2], False), (["b", "a"], True)])
def test_the_order_of_numeric_ids_is_watched(ids: list[object], ascending: bool) -> None:
    tally = SeenIds()
    tally.new([json.dumps({"id": id}).encode() for id in ids])
    assert tally.ascending is ascending


def test_a_best_effort_row_takes_the_memory_that_the_documentation_says() -> None:
    tally = SeenIds()
    tracemalloc.start()
    for number in range(50_000):
        tally.new([b'{"id":%d,"n":1}' % number])
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken / 50_000 < 130
