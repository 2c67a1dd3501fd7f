"""What users do with the client, without an event loop."""

from __future__ import annotations

import inspect
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from halo_async import NotFoundError, Page, UnknownNameError, models
from halo_async.blocking import Halo, Pages
from halo_async.emulator import Emulator
from halo_async.export import Progress


def test_lists_are_read_by_plain_loops(halo: Halo) -> None:
    pages = halo.tickets.list(order="id")
    assert isinstance(pages, Pages)
    assert [ticket.id for ticket in pages] == [ticket.id for ticket in pages.all()] == [*range(1, 301)]
    assert pages.count() == 300
    first = pages.first()
    assert first is not None
    assert first.id == 1
    assert [len(page) for page in pages.limit(150).by_page()] == [100, 50]
    assert isinstance(next(pages.by_page()), Page)
    assert len(pages.prefetch(3).all()) == len(pages.overlapping().all()) == 300
    assert 17 in [ticket.id for ticket in halo.ticket.list()]


def test_several_ids_of_a_filter_bring_every_row(halo: Halo, emulator: Emulator) -> None:
    wanted = {ticket.id for number in (1, 2) for ticket in halo.tickets.list(client_id=number)}
    for ids in ([1, 2], (2, 1), {1, 2}, "1,2"):
        assert {ticket.id for ticket in halo.tickets.list(client_ids=ids)} == wanted
    with pytest.raises(TypeError, match=r"Give 1\."):
        halo.tickets.list(client_id=1.0)


def test_a_loop_that_is_left_sends_no_more_requests(halo: Halo, emulator: Emulator) -> None:
    for ticket in halo.tickets.list(order="id"):
        if ticket.id == 5:
            break
    assert len(emulator.requests("GET /Tickets")) == 1


def test_records_are_written_and_read(halo: Halo) -> None:
    made = halo.tickets.create(summary="Printer", client_id=1)
    made.summary = "Printer on fire"
    assert halo.tickets.save(made, if_unchanged=True).summary == "Printer on fire"
    assert halo.tickets.update(made.id, summary="Out").summary == "Out"
    assert halo.tickets.get(made.id).summary == "Out"
    assert [each.summary for each in halo.tickets.upsert([{"id": made.id, "summary": "Cold"}])] == ["Cold"]
    halo.tickets.delete(made.id)
    with pytest.raises(NotFoundError, match="404"):
        halo.tickets.get(made.id)


def test_rows_of_a_bulk_write_are_read_in_the_thread_that_writes(halo: Halo, tmp_path: Path) -> None:
    here: set[int] = set()
    with sqlite3.connect(tmp_path / "rows.db") as database:  # refuses any other thread
        database.execute("create table rows (summary text)")
        database.executemany("insert into rows values (?)", [(f"New {n}",) for n in range(120)])

        def rows() -> Iterator[dict[str, Any]]:
            for (summary,) in database.execute("select summary from rows"):
                here.add(threading.get_ident())
                yield {"summary": summary}

        results = list(halo.tickets.bulk_upsert(rows()))
    database.close()
    assert here == {threading.get_ident()}
    assert [result.outcome for result in results] == ["written"] * 120
    assert results[7].record is not None
    assert results[7].record.summary == "New 7"


def test_rows_of_a_bulk_write_may_come_from_a_list_of_the_same_client(halo: Halo) -> None:
    rows = ({"id": ticket.id, "summary": f"{ticket.id}"} for ticket in halo.tickets.list(order="id"))
    results = list(halo.tickets.bulk_upsert(rows))
    assert [result.id for result in results] == [*range(1, 301)]
    assert [each.summary for each in halo.tickets.list(order="id").limit(3)] == ["1", "2", "3"]


def test_an_error_among_the_rows_of_a_bulk_write_ends_it(halo: Halo) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {"summary": "whole"}
        raise LookupError("no more rows")

    results = halo.tickets.bulk_upsert(rows())
    assert next(results).outcome == "written"
    with pytest.raises(LookupError, match="no more rows"):
        next(results)


def test_a_bulk_write_that_is_left_writes_no_more(halo: Halo, emulator: Emulator) -> None:
    for result in halo.tickets.bulk_upsert(
        ({"summary": "x"} for _ in range(1000)), batch_size=5, concurrency=1
    ):
        assert result.outcome == "written"
        break
    assert len(emulator.requests("POST /Tickets")) < 10


def test_files_are_uploaded_and_downloaded(halo: Halo, tmp_path: Path) -> None:
    attachment = halo.attachment.upload(b"pH 7", filename="reading.txt", ticket_id=1)
    assert halo.attachment.download(attachment.id, to=tmp_path).path.read_bytes() == b"pH 7"
    assert halo.attachment.get(attachment.id) == b"pH 7"


def test_a_report_is_requested_by_the_first_look_at_it(halo: Halo, emulator: Emulator) -> None:
    rows = halo.report.sql("SELECT TOP 5 faultid FROM faults")
    assert not emulator.requests("POST /Report")
    assert len(rows) == 5
    assert [column.type for column in rows.columns] == [int]
    assert list(rows) == rows.all()
    assert rows.load() is not None
    assert not rows.cut
    assert len(emulator.requests("POST /Report")) == 1


def test_an_export_shows_its_progress_in_the_thread_that_waits(halo: Halo, tmp_path: Path) -> None:
    seen: list[tuple[int, Progress]] = []

    def show(progress: Progress) -> None:
        halo.statistics()
        assert halo.agent.get(1).id == 1  # the client may be used meanwhile
        seen.append((threading.get_ident(), progress))

    report = halo.export(["tickets", "client"], tmp_path / "out", on_progress=show)
    assert {each.resource: each.rows for each in report.resources}["tickets"] == 300
    assert {thread for thread, _ in seen} == {threading.get_ident()}
    assert any(progress.resource == "tickets" and progress.rows == 300 for _, progress in seen)


def test_an_error_of_a_progress_function_ends_the_export(halo: Halo, tmp_path: Path) -> None:
    def show(progress: Progress) -> None:
        raise LookupError("no terminal")

    with pytest.raises(LookupError, match="no terminal"):
        halo.export(["tickets"], tmp_path / "out", on_progress=show)
    report = halo.export([], tmp_path / "out", resume=True)
    assert report.resources[0].rows == 300


def test_tables_are_returned(halo: Halo) -> None:
    pytest.importorskip("pyarrow")
    assert halo.tickets.list().to_arrow(columns=["id"]).num_rows == 300
    assert [batch.num_rows for batch in halo.tickets.list().arrow_batches(200)] == [200, 100]


def test_a_dry_run_applies_to_the_block_and_its_thread(halo: Halo, emulator: Emulator) -> None:
    with halo.dry_run() as prepared:
        halo.tickets.create(summary="x")
    assert [each.method for each in prepared] == ["POST"]
    assert not emulator.requests("POST /Tickets")
    assert halo.tickets.create(summary="x").id


def test_names_are_resolved_and_options_kept(halo: Halo) -> None:
    assert halo.resolve("agent", [halo.agent.list().all()[0].name or ""]) == [1]
    with pytest.raises(UnknownNameError):
        halo.resolve("status", "Nowhere")
    view = halo.with_options(timeout=30).tickets.with_options(params={"count": 1})
    assert view.get(1).id == 1
    assert halo.request("GET", "/Agent/me")["name"]
    assert halo.custom_fields(halo.tickets.get(1, includedetails=True)) is not None
    halo.forget_lookups()


def test_a_client_is_made_of_the_environment(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_INSTANCE", emulator.url)
    monkeypatch.setenv("HALO_CLIENT_ID", emulator.client_id)
    monkeypatch.setenv("HALO_CLIENT_SECRET", emulator.client_secret)
    with Halo.from_env(deadline=60) as halo:
        assert isinstance(halo, Halo)
        assert isinstance(halo.tickets.get(1), models.Ticket)


def test_nothing_needs_a_with_block(make: Callable[..., Halo]) -> None:
    halo = make()
    assert halo.tickets.get(1).id == 1
    halo.close()
    halo.close()


def test_names_and_help_are_those_of_the_awaited_client(halo: Halo) -> None:
    assert {"tickets", "clients", "resolve", "close"} - {*dir(halo)} == {"clients"}  # an alias, as there
    assert repr(halo.tickets) == "<Tickets>"
    assert inspect.signature(halo.tickets.get).parameters["includedetails"].default is None
    assert "await" not in str(Halo.export.__doc__)
    assert "report = halo.export(" in str(Halo.export.__doc__)
    assert type(halo.tickets).__module__ == "halo_async.blocking.api.tickets"


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda halo: halo.tikets, "Did you mean 'tickets'"),
        (lambda halo: halo.tickets.lst, "Did you mean 'list'"),
        (lambda halo: halo.tickets.list().al, "Use 'for row in pages'"),
        (lambda halo: halo.tickets.list(open_onyl=True), "open_onyl"),
        (lambda halo: iter(halo.tickets), "`for row in"),
        (lambda halo: halo.tickets[1], r"`….get\(id\)`"),
        (lambda halo: halo.tickets(), "not callable. Use one of its operations"),
        (lambda halo: len(halo.tickets.list()), r"pages.count\(\)"),
        (lambda halo: bool(halo.tickets.list()), r"pages.first\(\)"),
        (lambda halo: halo.tickets.list()[0], r"pages.all\(\)"),
        (lambda halo: halo.tickets.list().__enter__(), "Leave out 'with'"),
        (lambda halo: halo.transport, "transport"),
        (lambda halo: halo.tickets.get(), r"requires id. Call tickets.get\(id\)"),
        (lambda halo: halo.get, r"Use one of its resources, such as `….tickets.list\(\)`"),
    ],
)
def test_the_error_about_a_slip_names_what_is_meant(
    halo: Halo, mistake: Callable[[Any], object], said: str
) -> None:
    with pytest.raises((AttributeError, TypeError), match=said) as caught:
        mistake(halo)
    assert "await" not in str(caught.value)


def test_libraries_read_a_list_from_its_start_and_call_next_on_no_list(halo: Halo) -> None:
    pages = halo.tickets.list()
    assert isinstance(pages, Iterable)
    assert not isinstance(pages, Iterator)
