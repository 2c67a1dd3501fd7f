"""Responses that are cut, emptied or wrong on the way: an export that loses rows never says complete.

Here a list in memory is read, whose responses are spoilt one by one: at every place, in every way of reading.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.errors import HaloError
from tests.support.examples import examples
from tests.support.faulty_list import SPOILT, FaultyList, read

WAYS = {
    "keyset": {},
    "descending": {"searches": False},
    "best-effort": {"sorts": False},
    "single-response": {"sorts": False},
}
ROWS = {"single-response": 30}


async def reading(served: FaultyList, concurrency: int = 2) -> tuple[list[int], str, int | None] | None:
    """The ids, the consistency and the total of an export; None where it is not complete."""
    try:
        ids, done = await read(served, concurrency)
    except HaloError:
        return None
    assert done.plan is not None
    return ids, done.plan.mode.value, done.plan.total


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("spoilt", SPOILT)
async def test_one_spoilt_response_at_any_place_loses_no_row(way: str, spoilt: str) -> None:
    ids = list(range(1, ROWS.get(way, 330) + 1))
    quiet = FaultyList(list(ids), cap=50, **WAYS[way])
    found = await reading(quiet)
    assert found is not None
    assert (sorted(found[0]), *found[1:]) == (ids, way, len(ids))
    for number in range(1, quiet.count + 2):
        served = FaultyList(list(ids), {number: spoilt}, cap=50, **WAYS[way])
        found = await reading(served)
        assert found is not None, number
        assert sorted(found[0]) == ids, (number, found)
        assert found[2] in (None, len(ids)) or spoilt.startswith("count"), (number, found[2])


@pytest.mark.parametrize("way", ["keyset", "descending", "best-effort"])
@pytest.mark.parametrize("spoilt", SPOILT)
async def test_two_spoilt_responses_in_a_row_lose_no_row(way: str, spoilt: str) -> None:
    for rows in (330, 350):
        ids = list(range(1, rows + 1))
        for number in range(1, 12):
            served = FaultyList(list(ids), dict.fromkeys((number, number + 1), spoilt), cap=50, **WAYS[way])
            found = await reading(served, 4)
            # A page that lost rows in its middle twice reaches those before it: only the total tells.
            assert found is not None or (way, spoilt) == ("descending", "middle"), number
            assert found is None or sorted(found[0]) == ids, (number, found)


@pytest.mark.parametrize("totals", ["none", "own"])
@pytest.mark.parametrize("way", WAYS)
async def test_one_spoilt_response_loses_no_row_where_no_total_can_be_trusted(way: str, totals: str) -> None:
    ids = list(range(1, ROWS.get(way, 330) + 1))
    for spoilt in SPOILT:
        for number in range(1, 16):
            served = FaultyList(list(ids), {number: spoilt}, totals, cap=50, **WAYS[way])
            found = await reading(served)
            assert found is not None, (number, spoilt)
            assert sorted(found[0]) == ids, (number, spoilt, found)
            assert found[2] in (None, len(ids)) or spoilt.startswith("count"), (number, spoilt)


@pytest.mark.parametrize("totals", ["right", "none", "own"])
@pytest.mark.parametrize("way", ["keyset", "descending", "best-effort"])
async def test_a_list_that_had_rows_is_not_empty_because_several_responses_in_a_row_are(
    way: str, totals: str
) -> None:
    ids = list(range(1, 181))
    for spoilt in ("array", "count", "none", "cut to 0"):
        for times in (2, 3, 5):
            # Before any row was seen, three responses that agree are believed.
            for number in range(1 if times == 2 else 2, 9):
                faults = dict.fromkeys(range(number, number + times), spoilt)
                found = await reading(FaultyList(list(ids), faults, totals, cap=50, **WAYS[way]))
                assert found is None or sorted(found[0]) == ids, (spoilt, times, number)


@pytest.mark.parametrize("spoilt", ["array", "count"])
async def test_first_responses_of_another_shape_do_not_make_a_list_empty(spoilt: str) -> None:
    ids = list(range(1, 181))
    found = await reading(FaultyList(list(ids), dict.fromkeys(range(1, 6), spoilt), cap=50))
    assert found is not None
    assert (sorted(found[0]), found[1]) == (ids, "keyset")


async def test_a_total_behind_a_first_page_that_was_cut_shows_that_there_are_more_rows() -> None:
    ids = list(range(1, 181))
    served = FaultyList(list(ids), {1: "cut to 7", 2: "first two rows"}, cap=50)  # the two that are known
    found = await reading(served)
    assert found is not None
    assert sorted(found[0]) == ids


@pytest.mark.parametrize("totals", ["right", "none", "own"])
@pytest.mark.parametrize("spoilt", ["cut to 7", "cut to 37", "cut to 7 without a total", "first two rows"])
async def test_a_first_page_that_was_cut_does_not_make_those_that_follow_as_short(
    spoilt: str, totals: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "halo_async.export.fetch.PageFetcher.ordered", False
    )  # else it is not the first one that counts
    quiet = FaultyList(list(range(1, 981)), totals=totals, **WAYS["best-effort"])
    assert await reading(quiet) is not None
    served = FaultyList(list(range(1, 981)), {1: spoilt}, totals, **WAYS["best-effort"])
    found = await reading(served)
    assert found is not None
    assert sorted(found[0]) == list(range(1, 981))
    assert served.count <= quiet.count + 5


async def test_empty_responses_without_the_usual_total_do_not_end_the_way_of_reading() -> None:
    ids = list(range(1, 181))
    for number in (3, 4):
        faults = dict.fromkeys(range(number, number + 4), "cut to 0")
        found = await reading(FaultyList(list(ids), faults, cap=50))
        assert found is not None
        assert (sorted(found[0]), found[1]) == (ids, "keyset")


@pytest.mark.parametrize("totals", ["none", "own"])
@pytest.mark.parametrize(
    "spoilt", sorted(SPOILT.keys() - {"cut to 1"})
)  # that row is the known one: they agree
async def test_a_first_page_of_an_unusual_length_is_not_the_whole_list(spoilt: str, totals: str) -> None:
    ids = list(range(1, 151))
    for cap in (3, 25, 37):
        for way in ("keyset", "best-effort"):
            found = await reading(FaultyList(list(ids), {2: spoilt}, totals, cap=cap, **WAYS[way]))
            assert found is None or sorted(found[0]) == ids, (cap, way)


@pytest.mark.parametrize("way", ["keyset", "descending"])
async def test_a_row_created_behind_a_first_response_that_was_cut_hides_no_others(way: str) -> None:
    served = FaultyList(list(range(1, 100)), {1: "cut to 1"}, added={1: 100}, **WAYS[way])
    found = await reading(served)
    assert found is None or set(range(1, 100)) <= set(found[0])


@pytest.mark.parametrize("totals", ["right", "none", "own"])
@pytest.mark.parametrize("way", WAYS)
async def test_without_faults_every_list_is_complete(way: str, totals: str) -> None:
    for rows in (0, 1, 49, 50, 51, 99, 100, 101, 330):
        found = await reading(FaultyList(list(range(rows)), totals=totals, cap=50, **WAYS[way]))
        assert found is not None, rows
        assert sorted(found[0]) == list(range(rows))


lists = st.builds(
    FaultyList,
    ids=st.one_of(
        st.sampled_from([0, 1, 37, 50, 99, 100, 101, 333]).map(lambda rows: list(range(1, rows + 1))),
        st.lists(st.integers(-500, 5_000), unique=True, max_size=250).map(sorted),
    ),
    spoilt=st.dictionaries(st.integers(1, 30), st.sampled_from(sorted(SPOILT)), max_size=1),
    totals=st.sampled_from(["right", "none", "own"]),
    searches=st.booleans(),
    sorts=st.booleans(),
    cap=st.sampled_from([50, 100]),
)


@settings(max_examples=examples(150), deadline=None)
@given(served=lists, concurrency=st.sampled_from([1, 2, 4]))
async def test_a_complete_export_has_every_row_whatever_one_response_was(
    served: FaultyList, concurrency: int
) -> None:
    truth = sorted(served.ids)
    found = await reading(served, concurrency)
    assert found is None or sorted(found[0]) == truth


@settings(max_examples=examples(150), deadline=None)
@given(
    served=lists,
    concurrency=st.sampled_from([1, 4]),
    deleted=st.dictionaries(st.integers(1, 40), st.lists(st.integers(0, 10_000), max_size=2), max_size=12),
)
async def test_rows_deleted_meanwhile_hide_no_loss_and_are_none(
    served: FaultyList, concurrency: int, deleted: dict[int, list[int]]
) -> None:
    served.deleted = deleted
    before = set(served.ids)
    found = await reading(served, concurrency)
    if found is not None and (found[1] != "best-effort" or served.totals == "right"):
        assert before - served.gone <= set(found[0]) <= before
        assert len(found[0]) == len(set(found[0]))


@settings(max_examples=examples(150), deadline=None)
@given(
    deleted=st.dictionaries(st.integers(1, 40), st.lists(st.integers(0, 10_000), max_size=3), max_size=30),
    searches=st.booleans(),
    concurrency=st.sampled_from([1, 4]),
)
async def test_an_export_is_complete_although_rows_are_deleted_meanwhile(
    deleted: dict[int, list[int]], searches: bool, concurrency: int
) -> None:
    served = FaultyList(list(range(1, 701)), searches=searches, cap=50, deleted=deleted)
    found = await reading(served, concurrency)
    assert found is not None
    assert found[1] == ("keyset" if searches else "descending")
    assert set(served.ids) <= set(found[0])
