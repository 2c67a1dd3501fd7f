"""Rows that were written, where no response says which record is whose: never attributed by place, never doubled."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_async.emulator import Emulator, Fault
from halo_async.errors import BulkWriteError, SettingsError, UnknownOutcomeError
from halo_async.writing import failed_rows, read_journal, settle_rows, unknown_rows
from tests.support.bulk_kit import TICKETS, all_of, creates, outcomes, sizes, stored
from tests.support.examples import examples
from tests.support.writes_kit import client


def made(emulator: Emulator) -> dict[int, dict[str, Any]]:
    table = emulator.world.table("/Tickets")
    return {id: table.full(id) for id in table.written}


async def test_rows_that_differ_in_what_is_left_out_are_written_without_ids(
    emulator: Emulator, halo: Any
) -> None:
    """In the order of the rows and in another one, which looks the same."""
    rows = [{"summary": f"row {number}", "client_id": 1 + (number == 2)} for number in range(4)]
    for number in range(2):
        emulator.faults.add([Fault("F60", TICKETS, "left_out")])
        if number:
            emulator.faults.add([Fault("F61", TICKETS, "shuffled")])
        results, error = await all_of(halo.tickets.bulk_upsert(rows))
        assert error is None
        assert outcomes(results) == ["written"] * 4
        ids = {fields["summary"]: id for id, fields in made(emulator).items()}
        assert [result.id for result in results] == [None, None, ids["row 2"], None]
        assert [set(result.possible_ids) for result in results] == [
            set() if number == 2 else {ids[f"row {other}"] for other in (0, 1, 3)} for number in range(4)
        ]
        emulator.world.table("/Tickets").written.clear()


async def test_a_resumed_run_does_not_double_rows_without_ids(
    emulator: Emulator, halo: Any, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F60", TICKETS, "only_ids", times=1)])
    files = {"journal": tmp_path / "journal", "errors": tmp_path / "errors"}
    rows = creates(6)
    first, error = await all_of(halo.tickets.bulk_upsert(rows, batch_size=3, **files))
    assert error is None
    assert [result.id is None for result in first] == [True] * 3 + [False] * 3
    state = read_journal(files["journal"])
    assert list(state.written) == list(range(6))
    assert [state.written[index] for index in range(3)] == [None] * 3
    of_first_batch = set(list(made(emulator))[:3])
    assert [set(state.possible_ids[index]) for index in range(3)] == [of_first_batch] * 3
    assert len(state.possible_ids) == 3
    assert (state.unknown, state.refused, state.repeatable) == ((), (), ())
    assert list(failed_rows(files["errors"])) == list(unknown_rows(files["errors"])) == []

    again, error = await all_of(halo.tickets.bulk_upsert(rows, batch_size=3, resume=True, **files))
    assert error is None
    assert [(r.outcome, r.id, r.possible_ids, r.earlier) for r in again] == [
        ("written", r.id, r.possible_ids, True) for r in first
    ]
    assert stored(emulator) == {f"row {number}": 1 for number in range(6)}
    assert sizes(emulator) == [3, 3]


async def test_which_record_it_is_can_be_settled(emulator: Emulator, halo: Any, tmp_path: Path) -> None:
    emulator.faults.add([Fault("F60", TICKETS, "only_ids", times=1)])
    journal = tmp_path / "journal"
    await all_of(halo.tickets.bulk_upsert(creates(3), journal=journal))
    ids = {fields["summary"]: id for id, fields in made(emulator).items()}
    with pytest.raises(SettingsError, match="Row 1"):
        settle_rows(journal, not_written=[1])
    settle_rows(journal, written={1: ids["row 1"]})
    state = read_journal(journal)
    assert (state.written[1], sorted(state.possible_ids)) == (ids["row 1"], [0, 2])
    results, _ = await all_of(halo.tickets.bulk_upsert(creates(3), journal=journal, resume=True))
    assert [result.id for result in results] == [None, ids["row 1"], None]


async def test_one_row_is_not_the_record_of_somebody_else(
    emulator: Emulator, halo: Any, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F61", TICKETS, "others")])
    with pytest.raises(UnknownOutcomeError, match=r"outcome is unknown.*whose values differ") as caught:
        await halo.tickets.create(summary="mine", client_id=1)
    assert caught.value.possible_ids == tuple(made(emulator))
    files = {"journal": tmp_path / "journal", "errors": tmp_path / "errors"}
    results, error = await all_of(halo.tickets.bulk_upsert([{"summary": "a"}], **files))
    assert isinstance(error, BulkWriteError)
    assert [(r.outcome, r.id, r.possible_ids) for r in results] == [
        ("unknown", None, tuple(made(emulator))[1:])
    ]
    assert list(unknown_rows(files["errors"])) == [{"summary": "a"}]
    emulator.faults.clear()
    results, error = await all_of(halo.tickets.bulk_upsert([{"summary": "a"}], resume=True, **files))
    assert outcomes(results) == ["unknown"]
    assert stored(emulator) == {"mine": 1, "a": 1}
    results, _ = await all_of(halo.tickets.bulk_upsert(creates(3), on_error="continue"))
    assert outcomes(results) == ["written"] * 3


async def test_an_update_is_found_by_its_id_whatever_it_holds(emulator: Emulator, halo: Any) -> None:
    emulator.faults.add([Fault("F61", TICKETS, "others")])
    assert (await halo.tickets.update(3, summary="mine")).id == 3


texts = st.sampled_from(["a", "A", " a", "b", "row 1", "row 12", "x  y", "x y"])
sent = st.lists(
    st.fixed_dictionaries(
        {"summary": texts},
        optional={"client_id": st.integers(1, 3), "details": texts, "priority_id": st.integers(1, 4)},
    ),
    min_size=1,
    max_size=6,
)  # fmt: skip
names = st.sets(
    st.sampled_from(["summary", "client_id", "client_name", "details", "priority_id", "status_id"])
)
ORDERS = [None, 0, 1, 3]


@settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=sent,
    updates=st.sets(st.integers(0, 5)),
    left_out=names,
    by=st.sampled_from(ORDERS),
    otherwise=st.booleans(),
)
async def test_an_id_attributed_to_a_row_is_the_id_of_that_row_always(
    rows: list[dict[str, Any]], updates: set[int], left_out: set[str], by: int | None, otherwise: bool
) -> None:
    rows = [{"id": 1 + number, **row} if number in updates else row for number, row in enumerate(rows)]
    async with Emulator(tickets=20, rate_limit=None) as emulator, client(emulator) as halo:
        options = {"names": ",".join(left_out), **({} if by is None else {"by": by})}
        emulator.faults.add([Fault("F60", TICKETS, "left_out", options=options)])
        emulator.faults.add([Fault("F61", TICKETS, "shuffled", options=options)])
        if otherwise:
            emulator.faults.add([Fault("F61", TICKETS, "otherwise", options=options)])
        with tempfile.TemporaryDirectory() as folder:
            journal = Path(folder) / "journal"
            results, error = await all_of(halo.tickets.bulk_upsert(rows, journal=journal))
            again, _ = await all_of(halo.tickets.bulk_upsert(rows, journal=journal, resume=True))
        assert error is None
        assert outcomes(results) == ["written"] * len(rows)
        assert [(r.outcome, r.id) for r in again] == [(r.outcome, r.id) for r in results]
        (request,) = emulator.requests(TICKETS)
        ids = iter(sorted(set(emulator.world.table("/Tickets").written) - {row.get("id") for row in rows}))
        truth = [row.get("id") or next(ids) for row in request.json()]
        for row, result in zip(rows, results, strict=True):
            if result.id is None:
                assert truth[result.index] in result.possible_ids
            else:
                assert row == rows[truth.index(result.id)]
