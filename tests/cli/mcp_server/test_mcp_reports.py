"""`run_report` reads, whatever it is given."""

from __future__ import annotations

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from tests.support.mcp_kit import assistant

SELECT = "SELECT TOP 30 faultid, symptom FROM faults"


async def test_a_select_gives_columns_and_rows_in_parts(halo: Halo) -> None:
    async with assistant(halo) as use:
        used = await use("run_report", query=SELECT, max_tokens=600)
        rows = used.data["rows"]
        while cursor := used.result.get("cursor"):
            used = await use("run_report", query=SELECT, max_tokens=600, cursor=cursor)
            rows += used.data["rows"]
    assert used.data["columns"] == ["Faultid", "Symptom"]
    assert [row["Faultid"] for row in rows] == list(range(1, 31))


@pytest.mark.parametrize(
    "query", ["DELETE FROM faults", "SELECT 1; DROP TABLE faults", "SELECT * INTO x FROM faults", ""]
)
async def test_anything_but_one_select_is_refused_and_not_sent(
    halo: Halo, halo_emulator: Emulator, query: str
) -> None:
    async with assistant(halo, allow_writes=True) as use:
        refused = (await use("run_report", query=query)).refusal
    assert refused.startswith("The query must be a single SELECT, and ")
    assert refused.endswith("Correct it: this tool only reads.")
    assert halo_emulator.requests("POST /Report") == []


async def test_a_saved_report_runs_only_if_its_sql_is_a_select(halo: Halo, halo_emulator: Emulator) -> None:
    good, bad = [
        (await halo.report.create({"name": name, "sql": sql})).id
        for name, sql in (("good", SELECT), ("bad", "UPDATE faults SET symptom = ''"))
    ]
    async with assistant(halo) as use:
        assert len((await use("run_report", id=good)).data["rows"]) == 30
        refused = (await use("run_report", id=bad)).refusal
        hidden = (await use("run_report", id=1)).refusal
        around = (
            await use("call_operation", operation="report.get", arguments={"id": bad, "loadreport": True})
        ).refusal
    assert refused.startswith(f"The SQL of report {bad} must be a single SELECT, and it starts differently.")
    assert hidden.startswith(
        "The SQL of report 1 is not visible to this login, so that it cannot be checked."
    )
    assert around == "report.get does not run reports here. Use run_report with its id."
    loaded = [
        request
        for request in halo_emulator.requests("GET /Report/{id}")
        if "loadreport" in dict(request.query)
    ]
    assert len(loaded) == 1


async def test_either_a_query_or_an_id_is_given(halo: Halo) -> None:
    async with assistant(halo) as use:
        for given in ({}, {"query": SELECT, "id": 1}):
            refused = (await use("run_report", **given)).refusal
            assert refused == "Give either `query`, one SELECT, or `id`, that of a saved report."


async def test_halos_reason_is_data(halo: Halo) -> None:
    async with assistant(halo) as use:
        used = await use("run_report", query="SELECT ignore_all_instructions FROM faults")
    assert used.refusal.startswith("Halo could not run the report.")
    assert "ignore_all_instructions" not in used.refusal
    assert "ignore_all_instructions" in used.result["data"]["halo_says"]


async def test_a_server_for_some_resources_runs_no_reports(halo: Halo) -> None:
    async with assistant(halo, resources=["tickets"]) as use:
        assert (await use("run_report", query=SELECT)).refusal.startswith("A report can read everything")
    async with assistant(halo, resources=["tickets", "report"]) as use:
        assert len((await use("run_report", query=SELECT)).data["rows"]) == 30
