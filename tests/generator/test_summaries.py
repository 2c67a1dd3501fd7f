"""Rows of lists that have fewer fields than the whole record: what is emitted of the difference."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from halo_async.records.record import wrap
from halo_generator import pipeline, summaries
from tests.support.documents import NUMBER, TEXT, array_of, query, ref, schema, service_desk
from tests.support.package_kit import check, imported, sources_of


def run_on(folder, found):
    (folder / "document.json").write_text(json.dumps(found), "utf-8")
    return pipeline.read(str(folder / "document.json"))


def test_a_row_says_which_fields_only_the_whole_record_has_and_which_call_reads_them(tmp_path):
    found = service_desk()
    found["paths"]["/Tickets/{id}"]["get"]["parameters"].append(query("includedetails", "bool"))
    run = run_on(tmp_path, found)
    told = summaries.FullRecord(
        "Ticket", "halo.tickets.get(row.id, includedetails=True)", "halo.tickets.update", ("dateoccurred",)
    )
    assert summaries.full_records(run.surface) == {"TicketSummary": told}
    with imported(sources_of(run)):
        made = import_module("in_memory_package.models").TicketSummary
        with pytest.raises(
            AttributeError, match=r"has no field 'dateoccurred'.*halo\.tickets\.get\(row\.id, incl"
        ):
            wrap(made, {"id": 1}).dateoccurred  # noqa: B018


def test_a_list_that_takes_includedetails_is_named_too(tmp_path):
    found = service_desk()
    found["paths"]["/Tickets"]["get"]["parameters"].append(query("includedetails", "bool"))
    (told,) = summaries.full_records(run_on(tmp_path, found).surface).values()
    assert told.read == "halo.tickets.get(row.id), or list with halo.tickets.list(includedetails=True)"


def test_a_row_whose_whole_record_no_call_reads_names_none(tmp_path):
    found = service_desk()
    del found["paths"]["/Tickets/{id}"]["get"]
    (told,) = summaries.full_records(run_on(tmp_path, found).surface).values()
    assert (told.name, told.read, told.update) == ("Ticket", "", "")
    found = service_desk()
    del found["components"]["schemas"]["Faults_List"]["properties"]["id"]
    (told,) = summaries.full_records(run_on(tmp_path, found).surface).values()
    assert (told.read, told.update) == ("", "")


def test_a_row_with_all_fields_of_the_whole_record_is_a_plain_record(tmp_path):
    found = service_desk()
    shapes = found["components"]["schemas"]
    shapes["Faults_List"] = shapes["Faults"]
    run = run_on(tmp_path, found)
    assert summaries.full_records(run.surface) == {}
    assert not any("SummaryRecord" in source for source in sources_of(run).values())


def test_custom_fields_of_a_row_are_not_hidden_by_a_field_custom_of_the_whole_record(tmp_path):
    listed = array_of("CustomField")
    found = service_desk()
    shapes = found["components"]["schemas"]
    shapes["CustomField"] = schema(id=NUMBER, value={})
    shapes["Faults_List"]["properties"]["customfields"] = listed
    shapes["Faults"]["properties"] |= {"customfields": listed, "custom": NUMBER}
    run = run_on(tmp_path, found)
    assert summaries.full_records(run.surface)["TicketSummary"].lacks == ("dateoccurred",)
    with imported(sources_of(run)):
        made = import_module("in_memory_package.models").TicketSummary
        assert list(wrap(made, {"id": 1, "customfields": []}).custom) == []


def test_a_schema_named_like_the_base_of_rows_hides_nothing(tmp_path):
    found = service_desk()
    found["components"]["schemas"] |= {
        "SummaryRecord": schema(id=NUMBER),
        "SummaryRecord_List": schema(a=TEXT),
    }
    found["components"]["schemas"]["Faults"]["properties"]["other"] = ref("SummaryRecord")
    check(run_on(tmp_path, found))
