"""`--select` chooses in every form, and a field that there is none of is refused."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("operation", [("tickets.list", "--limit", "3"), ("tickets.get", "id=5")])
def test_json_has_the_fields_that_were_named_alone(halo_async, operation) -> None:
    shown = halo_async("call", *operation, "--json", "--select", "id, summary")
    rows = json.loads(shown.out)
    for row in rows if isinstance(rows, list) else [rows]:
        assert list(row) == ["id", "summary"]


def test_a_declared_field_that_no_row_has_is_null(halo_async) -> None:
    (row,) = json.loads(
        halo_async("call", "tickets.list", "--limit", "1", "--json", "--select", "id,reportedby").out
    )
    assert list(row) == ["id", "reportedby"]


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
@pytest.mark.parametrize("operation", [("tickets.list", "--limit", "3"), ("tickets.get", "id=5")])
def test_a_field_that_there_is_none_of_is_refused_with_the_nearest(halo_async, operation, form) -> None:
    shown = halo_async("call", *operation, "--select", "id,sumary", *form)
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence == "There is no field 'sumary'. Did you mean 'summary'?"


def test_a_field_that_only_the_whole_record_has_names_the_call_that_reads_it(
    halo_async, halo_emulator
) -> None:
    shown = halo_async("call", "tickets.list", "--select", "id,details_html")
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence == (
        "The rows of tickets.list lack the field 'details_html'. "
        "Read the whole record: `halo-async call tickets.get id=ID --select details_html`."
    )
    assert not halo_emulator.requests("GET /Tickets")
