"""Each repair rule mends its defect, says so, and leaves the rest of the document alone."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_generator.repair import NET_TYPES, RULES, repair
from halo_generator.report import CanonicalReport
from halo_generator.sanitize import VALID_TYPES
from halo_generator.traversal import schemas
from tests.support.documents import (
    NOTHING_STATED,
    array_of,
    by_id,
    document,
    get,
    post,
    query,
    schema,
    service_desk,
)


def repaired(found):
    report = CanonicalReport()
    return repair(found, report), {rule: len(places) for rule, places in report.repaired.items()}


def test_net_types_become_openapi_types_and_are_counted():
    mended, counts = repaired(service_desk())
    types = [p["schema"] for p in mended["paths"]["/Tickets"]["get"]["parameters"]]
    assert types == [{"type": "boolean"}, {"type": "integer", "format": "int32"}, {"type": "boolean"}]
    assert counts["parameter types"] == 4


def test_a_list_of_a_net_type_becomes_an_array():
    mended, _ = repaired(document({"/Client": {"get": get(query("ids", "List<int>"))}}))
    assert mended["paths"]["/Client"]["get"]["parameters"][0]["schema"] == {
        "type": "array",
        "items": {"type": "integer", "format": "int32"},
    }


def test_the_first_of_duplicate_parameters_stays():
    mended, counts = repaired(service_desk())
    names = [p["name"] for p in mended["paths"]["/Tickets"]["get"]["parameters"]]
    assert names == ["open_only", "count", "pageinate"]
    assert counts["duplicate parameters"] == 1


def test_the_same_name_in_path_and_query_is_no_duplicate():
    operation = get(by_id(), query("id", "int"))
    mended, counts = repaired(document({"/Client/{id}": {"get": operation}}))
    assert len(mended["paths"]["/Client/{id}"]["get"]["parameters"]) == 2
    assert "duplicate parameters" not in counts


def test_a_parameter_without_a_schema_may_be_anything():
    mended, counts = repaired(document({"/Address": {"get": get({"name": "onholdonly", "in": "query"})}}))
    assert mended["paths"]["/Address"]["get"]["parameters"][0]["schema"] == {}
    assert counts["parameters without a type"] == 1


def test_one_json_body_under_four_content_types_stays_once():
    mended, counts = repaired(service_desk())
    assert mended["paths"]["/Tickets"]["post"]["requestBody"]["content"] == {
        "application/json": {"schema": array_of("Faults")}
    }
    assert counts["repeated request bodies"] == 1


def test_a_multipart_body_is_left_alone():
    body = {
        "content": {"multipart/form-data": {"schema": schema(file={"type": "string", "format": "binary"})}}
    }
    found = document({"/Attachment/image": {"post": {"requestBody": body, "responses": NOTHING_STATED}}})
    mended, counts = repaired(found)
    assert mended["paths"]["/Attachment/image"]["post"]["requestBody"] == body
    assert counts == {}


def degraded(found):
    report = CanonicalReport()
    return repair(found, report), report.degraded


def test_an_unknown_type_may_be_anything_and_is_named_with_its_json_pointer():
    mended, named = degraded(document({"/Tickets": {"get": get(query("x", "Guidd"), query("y", "int"))}}))
    assert [p["schema"] for p in mended["paths"]["/Tickets"]["get"]["parameters"]] == [
        {},
        {"type": "integer", "format": "int32"},
    ]
    assert named == {"#/paths/~1Tickets/get/parameters/0/schema": "the type 'Guidd' is not known"}


def test_a_path_variable_without_a_parameter_is_taken_as_text_and_named():
    mended, named = degraded(document({"/Tickets/{id}": {"get": get()}}))
    (parameter,) = mended["paths"]["/Tickets/{id}"]["get"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["schema"]) == ("id", "path", {"type": "string"})
    assert "not declared" in named["#/paths/~1Tickets~1{id}/get"]


def test_a_path_parameter_without_a_place_is_left_out_and_named():
    mended, named = degraded(document({"/Tickets": {"get": get(by_id())}}))
    assert "parameters" not in mended["paths"]["/Tickets"]["get"]
    assert "no place" in named["#/paths/~1Tickets/get"]


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"name": 5, "in": "query"}, {"$ref": "#/nowhere"}])
def test_a_parameter_that_is_none_is_left_out_and_the_rest_stays(odd):
    mended, named = degraded(document({"/Tickets": {"get": {"parameters": [odd, query("a")]}}}))
    assert [p["name"] for p in mended["paths"]["/Tickets"]["get"]["parameters"]] == ["a"]
    assert list(named) == ["#/paths/~1Tickets/get/parameters/0"]


def test_parameters_of_a_whole_path_reach_each_operation():
    item = {"parameters": [by_id()], "get": get(), "delete": get(by_id())}
    mended, _ = repaired(document({"/Tickets/{id}": item}))
    assert [len(mended["paths"]["/Tickets/{id}"][m]["parameters"]) for m in ("get", "delete")] == [1, 1]


def test_a_shared_parameter_is_resolved():
    found = document({"/Tickets": {"get": get({"$ref": "#/components/parameters/count"})}})
    found["components"]["parameters"] = {"count": query("count", "int")}
    mended, _ = repaired(found)
    assert mended["paths"]["/Tickets"]["get"]["parameters"][0]["name"] == "count"


def test_repair_leaves_the_document_that_it_was_given_alone():
    found = service_desk()
    before = copy.deepcopy(found)
    repaired(found)
    assert found == before


kinds = st.sampled_from([*NET_TYPES, "List<int>", "string", "integer", "boolean", "number"])
names = st.text("abcdefgh_", min_size=1, max_size=4)
parameters = st.lists(st.builds(query, names, kinds), max_size=8)


@given(parameters, st.booleans())
def test_what_is_repaired_is_valid_and_needs_no_second_repair(found, body):
    item = {"get": get(*found)} | ({"post": post(array_of("Faults"))} if body else {})
    mended, counts = repaired(document({"/Tickets": item}, {"Faults": schema(id={"type": "int"})}))
    assert counts["parameter types"] >= 1
    assert all(node.get("type", "string") in VALID_TYPES for _, node in schemas(mended))
    left = [p["name"] for p in mended["paths"]["/Tickets"]["get"].get("parameters", [])]
    assert left == list(dict.fromkeys(p["name"] for p in found))
    again, more = repaired(json.loads(json.dumps(mended)))
    assert again == mended
    assert not set(more) & set(RULES)
