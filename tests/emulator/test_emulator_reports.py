"""Reports: rows, the silent cut, and errors inside a 200."""

from __future__ import annotations

QUERY = {"id": 0, "name": "", "_testonly": False, "_loadreportonly": True}


async def test_a_report_is_loaded_only_when_asked(wire):
    assert "report" not in (await wire.get("/Report/1", includedetails="true")).json()
    loaded = (await wire.get("/Report/1", includedetails="true", loadreport="true")).json()
    assert len(loaded["report"]["rows"]) == 300


async def test_rows_are_cut_at_50_000_without_a_word(start):
    wire = await start(tickets=60_000)
    report = (await wire.get("/Report/1", loadreport="true")).json()["report"]
    assert len(report["rows"]) == 50_000
    assert "load_error" not in report


async def test_ad_hoc_sql_returns_rows_and_stores_nothing(wire):
    before = (await wire.get("/Report")).json()["record_count"]
    response = await wire.post("/Report", [QUERY | {"sql": "select Faultid, Symptom from Faults"}])
    assert response.status == 201
    assert response.json()["report"]["rows"][0].keys() == {"Faultid", "Symptom"}
    assert (await wire.get("/Report")).json()["record_count"] == before


async def test_a_bad_query_is_a_success_with_a_load_error(wire):
    response = await wire.post("/Report", [QUERY | {"sql": "selec nothing"}])
    assert response.status == 201
    assert response.json()["report"]["load_error"]


async def test_the_columns_that_a_query_names_come_and_no_others(wire):
    query = QUERY | {"sql": "SELECT TOP 2 faultid, isread FROM Faults WHERE 1 = 1"}
    rows = (await wire.post("/Report", [query])).json()["report"]["rows"]
    assert [row.keys() for row in rows] == [{"Faultid", "isread"}] * 2


async def test_a_column_that_is_not_there_is_a_load_error(wire):
    response = await wire.post("/Report", [QUERY | {"sql": "select nothing from faults"}])
    assert response.json()["report"]["load_error"] == "Invalid column name 'nothing'."


async def test_a_loaded_report_says_what_type_its_columns_have(wire):
    report = (await wire.get("/Report/1", includedetails="true", loadreport="true")).json()
    assert [(column["name"], column["data_type"]) for column in report["columns"]] == [
        ("Faultid", "int"),
        ("Symptom", "nvarchar"),
    ]
