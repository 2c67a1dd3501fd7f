"""Reports: rows and columns, Halo's own errors, the silent cut, and what is sent on the wire."""

from __future__ import annotations

import asyncio
import warnings
from datetime import UTC, datetime

import pytest

from halo_async.emulator import Fault
from halo_async.errors import (
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    ReportError,
    ServerError,
    UnexpectedContentTypeError,
    UnknownOutcomeError,
)
from halo_async.resources.reports.columns import ReportColumn
from halo_async.resources.reports.rows import ReportCutWarning

ALL = "SELECT TOP 6 faultid, symptom, dateoccured, hours, isread FROM faults"


async def test_a_query_is_sent_as_halo_wants_it(emulator, halo):
    rows = [row async for row in halo.report.sql("SELECT TOP 3 faultid, symptom FROM faults")]
    assert [list(row) for row in rows] == [["Faultid", "Symptom"]] * 3
    (request,) = emulator.requests("POST /Report")
    assert request.json() == [
        {
            "id": 0,
            "name": "",
            "sql": "SELECT TOP 3 faultid, symptom FROM faults",
            "_testonly": False,
            "_loadreportonly": True,
        }
    ]


async def test_nothing_is_stored_by_a_query(emulator, halo):
    before = await halo.report.list().count()
    await halo.report.sql("SELECT faultid FROM faults")
    assert await halo.report.list().count() == before


async def test_a_saved_report_is_loaded_with_its_parameters(emulator, halo):
    rows = await halo.report.run(1, client_id=12)
    assert len(rows) == 20
    assert (await rows.all())[0].keys() == {"Faultid", "Symptom"}
    (request,) = emulator.requests("GET /Report/{id}")
    assert dict(request.query) == {"includedetails": "true", "loadreport": "true", "client_id": "12"}


async def test_rows_are_asked_for_once_however_often_they_are_read(emulator, halo):
    rows = halo.report.run(1)
    assert not emulator.requests("GET /Report/{id}")
    first = [row async for row in rows]
    assert [row async for row in rows] == first == await rows.all()
    assert await rows is rows
    assert len(emulator.requests("GET /Report/{id}")) == 1


async def test_its_repr_says_whether_it_is_loaded(halo):
    rows = halo.report.run(1)
    assert repr(rows) == "<ReportRows GET /Report/1: not loaded>"
    await rows
    assert repr(rows) == "<ReportRows GET /Report/1: 20 rows>"


async def test_who_reads_at_the_same_time_shares_one_request(emulator, halo):
    rows = halo.report.run(1)
    first, second = await asyncio.gather(rows.all(), rows.all())
    assert first == second
    assert len(emulator.requests("GET /Report/{id}")) == 1


async def test_columns_of_a_query_are_told_by_its_values(halo):
    rows = await halo.report.sql(ALL)
    assert {column.name: column.type for column in rows.columns} == {
        "Faultid": int,
        "Symptom": str,
        "dateoccured": datetime,
        "hours": float,
        "isread": bool,
    }
    assert {column.known_from for column in rows.columns} == {"values"}


async def test_columns_of_a_saved_report_are_told_by_halo(halo):
    made = await halo.report.create({"name": "Mine", "sql": ALL})
    rows = await halo.report.run(made.id)
    assert rows.name == "Mine"
    assert [(column.name, column.type, column.known_from) for column in rows.columns] == [
        ("Faultid", int, "halo"),
        ("Symptom", str, "halo"),
        ("dateoccured", datetime, "halo"),
        ("hours", float, "halo"),
        ("isread", bool, "halo"),
    ]


async def test_columns_are_there_after_the_first_row_and_not_before(halo):
    rows = halo.report.sql(ALL)
    with pytest.raises(RuntimeError, match="Await it first"):
        _ = rows.columns
    async for _ in rows:
        assert rows.columns[0] == ReportColumn("Faultid", int, "values")
        break


async def test_dates_stay_as_they_came_unless_asked_for(halo):
    (plain, *_) = await halo.report.sql(ALL).all()
    (parsed, *_) = await halo.report.sql(ALL, parse_dates=True).all()
    assert isinstance(plain["dateoccured"], str)
    assert parsed["dateoccured"] == datetime.fromisoformat(plain["dateoccured"][:26]).replace(tzinfo=UTC)
    assert {**parsed, "dateoccured": None} == {**plain, "dateoccured": None}


async def test_halos_own_words_come_with_the_error_and_it_is_not_tried_again(emulator, halo):
    with pytest.raises(ReportError, match="Invalid column name 'nothing'"):
        await halo.report.sql("SELECT nothing FROM faults")
    assert len(emulator.requests("POST /Report")) == 1
    made = await halo.report.create({"name": "Broken", "sql": "selec"})
    with pytest.raises(ReportError, match="Incorrect syntax"):
        async for _ in halo.report.run(made.id):
            pass
    assert len(emulator.requests("GET /Report/{id}")) == 1


async def test_exactly_as_many_rows_as_halo_gives_warn(start):
    _, halo = await start(tickets=50_001)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        rows = await halo.report.run(1)
        await halo.report.run(1).all()
        async for _ in halo.report.run(1):
            break
    assert [(warning.category, warning.filename) for warning in told] == [(ReportCutWarning, __file__)] * 3
    assert rows.cut
    assert len(rows) == 50_000


async def test_one_row_less_does_not(start):
    _, halo = await start(tickets=49_999)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = await halo.report.run(1)
    assert not rows.cut


@pytest.mark.parametrize(
    "query", ["DELETE FROM faults", "SELECT 1 DELETE FROM faults", "SELECT * INTO x FROM faults"]
)
async def test_what_is_no_select_is_refused_before_anything_is_sent(emulator, halo, query):
    with pytest.raises(InvalidRequestError, match="allow_writes=True"):
        halo.report.sql(query)
    assert not emulator.requests("POST /Report")


async def test_it_is_sent_when_told_to_and_then_it_counts_as_a_write(emulator, halo):
    with pytest.raises(ReportError):
        await halo.report.sql("EXEC something", allow_writes=True)
    emulator.faults.add([Fault("F04", "POST /Report")])
    with pytest.raises(UnknownOutcomeError):
        await halo.report.sql("EXEC something", allow_writes=True)
    assert len(emulator.requests("POST /Report")) == 2


async def test_a_select_is_tried_again_as_a_read_is(emulator, halo):
    emulator.faults.add([Fault("F04", "POST /Report", times=1), Fault("F27", "POST /Report", "502", times=1)])
    assert len(await halo.report.sql("SELECT faultid FROM faults")) == 20
    assert len(emulator.requests("POST /Report")) >= 2


@pytest.mark.parametrize("kind", ["run", "sql"])
async def test_a_report_that_took_the_gateways_minute_is_not_run_again(emulator, halo, kind):
    emulator.faults.add([Fault("F27", "* /Report", "504"), Fault("F27", "* /Report/{id}", "504")])
    rows = halo.report.run(1) if kind == "run" else halo.report.sql("SELECT faultid FROM faults")
    with pytest.raises(ServerError) as error:
        await rows
    assert error.value.status == 504
    assert len([request for request in emulator.requests if request.path.startswith("/Report")]) == 1


async def test_a_report_that_is_not_there_and_a_parameter_that_is_not(halo):
    with pytest.raises(NotFoundError):
        await halo.report.run(987_654)
    with pytest.raises(TypeError, match="client_id"):
        halo.report.run(1, clientid=3)


async def test_a_login_page_or_no_report_at_all_is_an_error(emulator, halo):
    emulator.faults.add([Fault("F09", "GET /Report/{id}", "login_page")])
    with pytest.raises(UnexpectedContentTypeError):
        await halo.report.run(1)
    emulator.faults.clear()
    emulator.faults.add([Fault("F10", "GET /Report/{id}", "null", options={"value": b'{"id": 1}'})])
    with pytest.raises(DecodeError, match="no loaded report"):
        await halo.report.run(1)


async def test_options_of_the_resource_hold_for_reports_too(emulator, halo):
    await halo.report.with_options(params={"new_one": 1}).run(1)
    (request,) = emulator.requests("GET /Report/{id}")
    assert ("new_one", "1") in request.query


async def test_a_dry_run_sends_one_select_and_prepares_what_may_write(emulator, halo):
    async with halo.dry_run() as prepared:
        assert await halo.report.sql("SELECT faultid FROM faults").all()
        shown = await halo.report.sql("UPDATE faults SET symptom = 'x'", allow_writes=True)
        with pytest.raises(RuntimeError, match="dry run sends no query"):
            await halo.report.sql("SELECT 2", allow_writes=True).all()
    assert prepared[0] == shown
    assert shown.json()[0]["sql"] == "UPDATE faults SET symptom = 'x'"
    assert len(prepared) == 2
    assert len(emulator.requests("POST /Report")) == 1


async def test_a_report_is_a_table_of_its_own_columns(emulator, halo):
    pytest.importorskip("pyarrow", reason="needs pyarrow")
    rows = halo.report.sql(ALL)
    table = await rows.to_arrow()
    assert table.num_rows == 6
    types = {column.name: column.type for column in rows.columns}
    said = {bool: "bool", int: "int64", float: "double", str: "string", datetime: "timestamp[us, tz=UTC]"}
    assert {field.name: str(field.type) for field in table.schema} == {
        name: said[kind] for name, kind in types.items()
    }
    parsed = await halo.report.sql(ALL, parse_dates=True).all()
    assert table["dateoccured"].to_pylist() == [row["dateoccured"] for row in parsed]
    assert (await halo.report.sql(ALL, parse_dates=True).to_arrow()).equals(table)
    assert len(emulator.requests("POST /Report")) == 3
    assert [batch.num_rows async for batch in rows.arrow_batches(4, columns=["Faultid"])] == [4, 2]


async def test_a_report_without_rows_has_the_columns_that_halo_names():
    pytest.importorskip("pyarrow", reason="needs pyarrow")
    from halo_async.resources.reports.rows import LoadedReport, ReportRows
    from halo_async.transport.types import Request

    class Sender:
        async def send(self, request, read):
            return LoadedReport([], [{"name": "Faultid", "data_type": "int"}], "")

    table = await ReportRows(Sender(), Request("GET", "/Report/1"), parse_dates=False).to_arrow(
        columns=["Faultid"]
    )
    assert [(field.name, str(field.type)) for field in table.schema] == [("Faultid", "int64")]
