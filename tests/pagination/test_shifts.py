"""Rows that come again while a list is read, whatever the order of the list and the kind of its ids."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async.pagination.consistency import ConsistencyCheck


def read(check, *pages):
    """What is left of the pages, by id."""
    return [[row["id"] for row in check.new([{"id": i} for i in page], list(page), None)] for page in pages]


@pytest.mark.parametrize(
    ("first", "second", "fresh"),
    [
        ([1, 2, 3], [3, 4, 5], [4, 5]),
        ([9, 8, 7], [7, 6, 5], [6, 5]),
        ([5, 1, 9], [3, 9, 7], [3, 7]),
        (["c", "b"], ["b", "a"], ["a"]),
        ([2**70, 2**71], [2**71, 2**72], [2**72]),
    ],
    ids=["upwards", "downwards", "in no order", "texts", "beyond 64 bits"],
)
def test_row_of_the_page_before_is_left_out(first, second, fresh):
    check = ConsistencyCheck()

    assert read(check, first, second) == [first, fresh]
    assert "1" in (check.reason() or "")


def test_rows_of_ordered_pages_are_known_once_the_order_breaks():
    check = ConsistencyCheck()

    assert read(check, [1, 2], [3, 4], [5, 6], [7, 2, 4]) == [[1, 2], [3, 4], [5, 6], [7]]


def test_page_that_holds_an_id_twice_tells_no_rows_apart():
    check = ConsistencyCheck()

    assert read(check, [1, 2], [3, 3], [1, 2]) == [[1, 2], [3, 3], [1, 2]]
    assert check.reason() is None


@given(st.lists(st.lists(st.integers(-50, 50), max_size=6, unique=True), max_size=9))
def test_each_row_comes_once_whatever_the_order_of_its_list(pages):
    seen: set[int] = set()
    expected = []
    for page in pages:
        expected.append([i for i in page if i not in seen])
        seen.update(page)

    assert read(ConsistencyCheck(), *pages) == expected


def test_ordered_list_keeps_a_few_bytes_a_row():
    check = ConsistencyCheck()
    pages = [list(range(start, start + 1000)) for start in range(10**6, 10**6 + 50_000, 1000)]
    tracemalloc.start()
    try:
        read(check, *pages)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert kept < 120_000  # ten pages of 8 bytes a row; as ints in sets they are 600 KB
