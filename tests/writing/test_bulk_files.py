"""The journal and the error file of a bulk write."""

from __future__ import annotations

import json

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.errors import SettingsError
from halo_async.writing import failed_rows, read_journal, settle_rows, unknown_rows
from halo_async.writing.journal import BulkJournal
from tests.support.bulk_kit import TICKETS, all_of, creates, outcomes, sizes, stored
from tests.support.writes_kit import client

BAD = {"summary": "bad", "client_id": 2**40}


async def test_what_was_written_is_not_written_again(emulator, tickets, journal):
    rows = [*creates(12), {"id": 3, "summary": "changed"}]
    first, _ = await all_of(tickets.bulk_upsert(rows, batch_size=5, journal=journal))
    again, error = await all_of(tickets.bulk_upsert(rows, batch_size=3, journal=journal, resume=True))
    assert error is None
    assert [(result.outcome, result.id, result.earlier) for result in again] == [
        ("written", result.id, True) for result in first
    ]
    assert sizes(emulator) == [5, 5, 3]


async def test_resuming_writes_what_was_refused_and_what_was_never_sent(emulator, tickets, journal):
    emulator.faults.add([Fault("F18", TICKETS, after=2)])
    rows = creates(20)
    _, error = await all_of(tickets.bulk_upsert(rows, batch_size=5, concurrency=1, journal=journal))
    assert error is not None
    assert read_journal(journal).refused == tuple(range(10, 15))
    emulator.faults.clear()
    async with client(emulator) as halo:
        results, error = await all_of(halo.tickets.bulk_upsert(rows, journal=journal, resume=True))
    assert error is None
    assert [result.earlier for result in results] == [True] * 10 + [False] * 10
    assert stored(emulator) == {row["summary"]: 1 for row in rows}


async def test_unknown_rows_are_listed_and_not_sent_until_somebody_has_settled_them(
    emulator, tickets, journal
):
    emulator.faults.add([Fault("F02", TICKETS, times=1)])
    rows = creates(4)
    await all_of(tickets.bulk_upsert(rows, journal=journal))
    again, error = await all_of(tickets.bulk_upsert([*rows], journal=journal, resume=True))
    assert (outcomes(again), error) == (["unknown"] * 4, None)
    assert all(result.earlier and "settle_rows" in str(result.error) for result in again)
    assert read_journal(journal).unknown == (0, 1, 2, 3)

    settle_rows(journal, written={0: 21, 1: 22, 3: 24}, not_written=[2])
    with pytest.raises(SettingsError, match=r"Row 0 .* does not have an unknown outcome"):
        settle_rows(journal, not_written=[0])
    last, _ = await all_of(tickets.bulk_upsert(rows, journal=journal, resume=True))
    assert [(result.outcome, result.earlier) for result in last] == [
        ("written", index != 2) for index in range(4)
    ]
    assert last[0].id == 21
    assert sizes(emulator) == [4, 1]


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [*rows[:3], {"summary": "another"}, *rows[4:]],
        lambda rows: rows[1:],
        lambda rows: [{"summary": "before"}, *rows],
        lambda rows: rows[::-1],
    ],
    ids=["changed", "first gone", "one before", "reversed"],
)
async def test_other_rows_are_refused_before_they_are_sent(emulator, tickets, journal, change):
    rows = creates(10)
    await all_of(tickets.bulk_upsert(rows, batch_size=5, journal=journal))
    _, error = await all_of(tickets.bulk_upsert(change(rows), journal=journal, resume=True))
    assert isinstance(error, SettingsError)
    assert sizes(emulator) == [5, 5]


async def test_fewer_rows_than_before_are_noticed_and_more_are_written(emulator, tickets, journal):
    rows = creates(10)
    await all_of(tickets.bulk_upsert(rows, journal=journal))
    _, error = await all_of(tickets.bulk_upsert(rows[:8], journal=journal, resume=True))
    assert "has row 8, but the rows ended" in str(error)
    results, error = await all_of(
        tickets.bulk_upsert([*rows, {"summary": "new"}], journal=journal, resume=True)
    )
    assert (error, [result.earlier for result in results]) == (None, [True] * 10 + [False])


async def test_the_order_of_a_rows_fields_does_not_matter(emulator, tickets, journal):
    await all_of(tickets.bulk_upsert([{"summary": "a", "details": "b"}], journal=journal))
    results, error = await all_of(
        tickets.bulk_upsert([{"details": "b", "summary": "a"}], journal=journal, resume=True)
    )
    assert (error, results[0].earlier) == (None, True)


async def test_a_journal_is_of_one_resource_of_one_instance_and_of_one_run(emulator, tickets, journal):
    await all_of(tickets.bulk_upsert(creates(1), journal=journal))
    _, error = await all_of(tickets.bulk_upsert(creates(1), journal=journal))
    assert "Pass resume=True" in str(error)
    async with client(emulator) as halo:
        _, error = await all_of(halo.client.bulk_upsert([{"name": "x"}], journal=journal, resume=True))
    assert "a write to /Tickets, not to /Client" in str(error)
    async with Emulator(tickets=1) as other, client(other) as halo:
        _, error = await all_of(halo.tickets.bulk_upsert(creates(1), journal=journal, resume=True))
    assert isinstance(error, SettingsError)


async def test_a_journal_in_use_is_refused(emulator, tickets, journal):
    results = tickets.bulk_upsert(creates(20), batch_size=5, journal=journal)
    await anext(results)
    _, error = await all_of(tickets.bulk_upsert(creates(20), journal=journal, resume=True))
    assert "another bulk write has this journal open" in str(error)
    with pytest.raises(SettingsError):
        settle_rows(journal, not_written=[0])
    await results.aclose()


async def test_half_a_line_at_the_end_is_cut_and_a_damaged_one_is_refused(emulator, tickets, journal):
    rows = creates(6)
    await all_of(tickets.bulk_upsert(rows, batch_size=3, concurrency=1, journal=journal))
    whole = journal.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    journal.write_bytes(whole[: last + 9])  # the response of the second batch was not taken down
    assert read_journal(journal).unknown == (3, 4, 5)
    results, _ = await all_of(tickets.bulk_upsert(rows, journal=journal, resume=True))
    assert outcomes(results) == ["written"] * 3 + ["unknown"] * 3
    assert sizes(emulator) == [3, 3]
    journal.write_bytes(whole.replace(b'{"got"', b'{"g\x00t"', 1).replace(b'"sent"', b"sent", 1))
    _, error = await all_of(tickets.bulk_upsert(rows, journal=journal, resume=True))
    assert "damaged" in str(error)


@pytest.mark.parametrize(
    "content", [b"{}\n", b"[1]\n{}\n", b'{"journal":"another","version":1}\n', b"precious"]
)
async def test_a_file_that_is_no_journal_is_left_alone(emulator, tickets, journal, content):
    journal.write_bytes(content)
    _, error = await all_of(tickets.bulk_upsert(creates(1), journal=journal, resume=True))
    assert isinstance(error, SettingsError)
    assert journal.read_bytes() == content
    assert sizes(emulator) == []


async def test_a_journal_that_cannot_be_written_stops_the_write_before_anything_is_sent(
    emulator, tickets, journal, monkeypatch
):
    def full(self, rows):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(BulkJournal, "sent", full)
    _, error = await all_of(tickets.bulk_upsert(creates(9), batch_size=3, journal=journal))
    assert isinstance(error, OSError)
    assert sizes(emulator) == []


async def test_the_error_file_holds_what_was_not_written_and_feeds_the_next_run(emulator, tickets, tmp_path):
    errors = tmp_path / "errors.jsonl"
    emulator.faults.add([Fault("F02", TICKETS, times=1, after=2)])
    rows = [*creates(4), BAD, {"summary": "a, lost"}, {"summary": "b, lost"}, {"id": 999_999, "summary": "c"}]
    await all_of(tickets.bulk_upsert(rows, batch_size=5, concurrency=1, on_error="continue", errors=errors))
    lines = [json.loads(line) for line in errors.read_text("utf-8").splitlines()]
    assert [line["row"] for line in lines] == rows[4:]
    assert [(line["index"], line["not_written"], line["repeatable"]) for line in lines] == [
        (4, True, True), (5, False, False), (6, False, False), (7, False, True)
    ]  # fmt: skip
    assert lines[0]["error"]["fields"] == {"client_id": ["The value '1099511627776' is not valid."]}
    assert lines[0]["error"]["status"] == 400


async def test_an_error_file_is_not_written_over(emulator, tickets, tmp_path, journal):
    errors = tmp_path / "errors.jsonl"
    errors.write_text("precious")
    _, error = await all_of(tickets.bulk_upsert(creates(1), errors=errors))
    assert isinstance(error, SettingsError)
    assert errors.read_text() == "precious"
    assert sizes(emulator) == []


async def test_failed_rows_are_those_that_can_be_written_again(emulator, tickets, tmp_path):
    errors, second = tmp_path / "errors.jsonl", tmp_path / "second.jsonl"
    emulator.faults.add([Fault("F02", TICKETS, times=1, after=1)])
    rows = [{"summary": "ok"}, BAD, {"summary": "lost"}]
    await all_of(tickets.bulk_upsert(rows, batch_size=3, on_error="continue", errors=errors))
    assert list(failed_rows(errors)) == [BAD]
    assert list(unknown_rows(errors)) == [{"summary": "ok"}, {"summary": "lost"}]
    corrected = ({**row, "client_id": 1} for row in failed_rows(errors))
    results, error = await all_of(tickets.bulk_upsert(corrected, errors=second))
    assert (outcomes(results), error) == (["written"], None)
    assert second.read_bytes() == b""
    with errors.open("ab") as file:
        file.write(b'{"index": 7, "ro')
    assert len(list(failed_rows(errors))) == 1
    errors.write_text("no error file\n")
    with pytest.raises(SettingsError, match="line 1"):
        list(failed_rows(errors))


@pytest.mark.parametrize(
    "odd",
    [10**400, 10**5000, -(10**5000), "\ud800", float("inf")],
    ids=["e400", "e5000", "-e5000", "half", "inf"],
)
async def test_one_odd_value_costs_its_row_alone(tickets, tmp_path, odd):
    rows = [*creates(2), {"summary": "odd", "estimate": odd}, *creates(1)]
    errors = tmp_path / "errors.jsonl"
    results, error = await all_of(
        tickets.bulk_upsert(rows, batch_size=2, on_error="continue", errors=errors, journal=tmp_path / "j")
    )
    assert error is None
    assert [item.outcome for item in results if item.index != 2] == ["written"] * 3
    lines = [json.loads(text) for text in errors.read_text("utf-8").splitlines()]
    assert [(line["index"], line["not_written"]) for line in lines] == ([] if odd == 10**400 else [(2, True)])
