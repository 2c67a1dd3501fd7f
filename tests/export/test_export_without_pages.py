"""Lists without pages: one response is the whole list only if others agree."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from halo_async.errors import IncompleteError
from halo_async.export.first_page import same_twice
from halo_async.pagination.split_rows import RowPage

A, B, NONE = (1, 2, 3), (1, 2), ()


async def read(*responses: Sequence[int]) -> tuple[list[int], int]:
    """The ids, and the number of requests; the last response is repeated."""
    asked = 0

    async def ask() -> RowPage:
        nonlocal asked
        ids = list(responses[min(asked, len(responses) - 1)])
        asked += 1
        return RowPage([json.dumps({"id": id}).encode() for id in ids], None, True, 0, ids=ids)

    page = await same_twice(ask)
    return page.ids or [], asked


@pytest.mark.parametrize(
    ("responses", "ids", "requests"),
    [
        ([A], A, 2),
        ([B, A], A, 3),
        ([A, (3, 2, 1)], (3, 2, 1), 2),
        ([NONE], NONE, 3),
        ([NONE, A], A, 3),
        ([NONE, NONE, A], A, 4),
        ([A, B], B, 4),
        ([A, B, B, A], A, 5),
        ([A, NONE, NONE, A], A, 5),
        ([B, A, B, A, A], A, 5),
    ],
    ids=str,
)
async def test_a_list_is_believed_once_enough_responses_in_a_row_agree(
    responses: list[Sequence[int]], ids: Sequence[int], requests: int
) -> None:
    assert await read(*responses) == (list(ids), requests)


async def test_a_list_that_is_another_one_each_time_is_not_complete() -> None:
    with pytest.raises(IncompleteError, match="other rows each time it is requested"):
        await read((1,), (2,), (3,), (4,), (5,), (6,), (7,))
