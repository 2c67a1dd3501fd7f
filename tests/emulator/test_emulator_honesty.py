"""What is known, what is guessed, and the instance that guesses nothing."""

from __future__ import annotations

from pathlib import Path

from halo_async.emulator.facts import FACTS, table

DOCS = Path(__file__).resolve().parents[2] / "docs" / "emulator-facts.md"


def test_the_table_in_the_docs_is_the_one_that_the_code_makes():
    assert DOCS.read_text().endswith(table())
    assert {fact.sure for fact in FACTS} == {"measured", "likely", "guess"}


async def test_a_strict_instance_refuses_parameters_that_the_document_lacks(start):
    wire = await start(strict=True)
    response = await wire.get("/Tickets", clientid=3)
    assert (response.status, list(response.json())) == (400, ["clientid"])
    assert (await wire.get("/Tickets", client_id=3)).status == 200
    assert (await wire.get("/Status", pageinate="true", page_no=1)).status == 200


async def test_a_strict_instance_refuses_fields_that_the_document_lacks(start):
    wire = await start(strict=True)
    response = await wire.post("/Tickets", [{"summary": "x"}, {"sumary": "x"}])
    assert (response.status, list(response.json())) == (400, ["[1].sumary"])
    assert (await wire.get("/Tickets")).json()["record_count"] == 300
    assert (await wire.post("/Tickets", [{"summary": "x", "_novalidate": True}])).status == 201
