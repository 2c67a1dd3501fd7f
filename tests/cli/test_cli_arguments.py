"""Several values on the command line, in every spelling."""

from __future__ import annotations

import json

import pytest

from halo_async.emulator import Emulator


@pytest.mark.parametrize(
    "spelt",
    [
        ["client_ids=1,2"],
        ["client_ids=[1,2]"],
        ["client_ids=[1, 2]"],
        ['client_ids=["1","2"]'],
        ['client_ids=[1, "2"]'],
        ["client_ids=1", "client_ids=2"],
    ],
)
def test_several_ids_go_as_one_text(halo_async, halo_emulator: Emulator, spelt) -> None:
    halo_async("call", "tickets.list", *spelt, "--limit", "1")
    (request,) = halo_emulator.requests("GET /Tickets")
    assert [value for name, value in request.query if name == "client_ids"] == ["1,2"]


@pytest.mark.parametrize(
    "spelt", ["paymentstatuses=1,2", "paymentstatuses=[1,2]", 'paymentstatuses=["1","2"]']
)
def test_what_the_document_has_as_a_list_repeats_its_name(halo_async, halo_emulator: Emulator, spelt) -> None:
    halo_async("call", "invoice.list", spelt, "--limit", "1")
    (request,) = halo_emulator.requests("GET /Invoice")
    assert [value for name, value in request.query if name == "paymentstatuses"] == ["1", "2"]


@pytest.mark.parametrize("spelt", ["1,2", "[1,2]"])
def test_an_exports_filter_has_every_row(halo_async, halo_emulator: Emulator, tmp_path, spelt) -> None:
    out = tmp_path / "out"
    halo_async("export", "tickets", "--out", str(out), "--filter", f"tickets.client_ids={spelt}")
    rows = [json.loads(line) for line in (out / "tickets.jsonl").read_text().splitlines()]
    assert {row["client_id"] for row in rows} == {1, 2}


def test_a_day_that_ends_a_range_is_the_whole_of_it(halo_async, halo_emulator: Emulator, tmp_path) -> None:
    asked = ["datesearch=dateoccurred", "startdate=2024-03-05", "enddate=2024-03-05"]
    halo_async("call", "tickets.list", *asked, "--limit", "1")
    filters = [word for each in asked for word in ("--filter", f"tickets.{each}")]
    halo_async("export", "tickets", "--out", str(tmp_path / "out"), *filters)
    for request in halo_emulator.requests("GET /Tickets"):
        query = dict(request.query)
        assert (query["startdate"], query["enddate"]) == ("2024-03-05T00:00:00Z", "2024-03-05T23:59:59.999Z")
