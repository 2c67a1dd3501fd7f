"""References among schemas: however they are written, what they lead to is known, and what leads nowhere is named."""

from __future__ import annotations

from typing import Any

import pytest

from halo_generator import pipeline
from tests.support.documents import NUMBER, TEXT, foreign, get, post, query, ref, schema
from tests.support.package_kit import check

IN_SCHEMAS = "#/components/schemas"
A_FIELD = f"{IN_SCHEMAS}/A/properties/f"


def run_of(found: dict[str, Any], version: str = "3.1.0") -> pipeline.Run:
    run = pipeline.made_of({**found, "openapi": version})
    check(run)
    return run


def run_with(reference: str, **schemas: Any) -> pipeline.Run:
    return run_of(foreign({"/a": {"get": get()}}, {"A": schema(f={"$ref": reference}), **schemas}))


def fields(run: pipeline.Run, name: str) -> dict[str, str]:
    record = next(record for record in run.surface.records if record.name == name)
    return {field.name: field.type.annotation() for field in record.fields}


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("My Thing", "My%20Thing"),
        ("My Thing", "My Thing"),
        ("a/b~c", "a~1b~0c"),
        ("a/b~c", "a%2Fb%7Ec"),
        ("50%", "50%25"),
        ("Ärger", "%C3%84rger"),
    ],
)
def test_a_reference_may_be_escaped_in_each_way(name: str, reference: str) -> None:
    run = run_with(f"{IN_SCHEMAS}/{reference}", **{name: schema(id=NUMBER)})
    other = next(record.name for record in run.surface.records if record.name != "A")
    assert fields(run, "A") == {"f": other}
    assert not run.report.degraded


@pytest.mark.parametrize(
    ("reference", "type_"),
    [
        ("B/properties/n", "int"),
        ("B/properties/inner", "B_inner"),
        ("B/properties/inner/properties/q", "str"),
        ("B/properties/list/items", "B_list_items"),
        ("B/properties/list", "Sequence[Mapping[str, Any]]"),
        ("B/$defs/D", "B_D"),
        ("B/allOf/0", "B"),
        ("B/properties/up", "B_up"),
    ],
)
def test_a_schema_inside_of_another_is_what_a_reference_to_it_says(reference: str, type_: str) -> None:
    inner = schema(q=TEXT, again={"$ref": f"{IN_SCHEMAS}/B/properties/inner"})
    listed = {
        "type": "array",
        "items": schema(id=NUMBER, b={"$ref": f"{IN_SCHEMAS}/B/properties/list/items"}),
    }
    holder = schema(n=NUMBER, inner=inner, list=listed, up={"allOf": [ref("B")], "properties": {"x": TEXT}})
    holder |= {"$defs": {"D": schema(id=NUMBER)}, "allOf": [ref("B")]}
    run = run_with(f"{IN_SCHEMAS}/{reference}", B=holder)
    assert fields(run, "A") == {"f": type_}
    assert not run.report.degraded


def test_a_schema_of_a_parameter_a_body_or_a_response_may_be_referred_to() -> None:
    paths = {
        "/a": {
            "get": get(
                {"name": "q", "in": "query", "schema": {"$ref": "#/paths/~1b/get/parameters/0/schema"}},
                responses={"200": {"$ref": "#/components/responses/R"}},
            ),
            "post": post({"$ref": "#/components/requestBodies/B/content/application~1json/schema"}),
        },
        "/b": {"get": get(query("n", "integer"))},
    }
    found = foreign(paths, {"A": schema(id=NUMBER)})
    body = {
        "content": {
            "application/json": {"schema": schema(id=NUMBER, own={"$ref": f"{IN_SCHEMAS}/A/properties/id"})}
        }
    }
    response = {"content": {"application/json": {"schema": {"type": "array", "items": ref("A")}}}}
    found["components"] |= {"requestBodies": {"B": body}, "responses": {"R": response}}
    run = run_of(found)
    made = {f"{o.method} {o.path}": o for _, o in run.surface.operations}
    assert [p.type.annotation() for p in made["GET /a"].parameters] == ["int"]
    assert made["POST /a"].body is not None
    (name,) = made["POST /a"].body.type.records()
    assert fields(run, name) == {"id": "int", "own": "int"}
    assert not run.report.degraded


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        (f"{IN_SCHEMAS}/Nobody", "a reference to nothing"),
        (f"{IN_SCHEMAS}/A/properties/nothing", "a reference to nothing"),
        ("#anchor", "a reference to nothing"),
        ("other.yaml#/x", "a reference to another document, which is not read"),
        ("https://example.org/x.json", "a reference to another document, which is not read"),
        ("", "a reference to another document, which is not read"),
        ("#", "a reference to what is not a schema"),
        ("#/paths/~1a", "a reference to what is not a schema"),
        (f"{IN_SCHEMAS}/A/properties", "a reference to what is not a schema"),
        ("#/info/title", "a reference to what is not a schema"),
    ],
)
def test_what_leads_nowhere_allows_anything_and_is_named_with_its_place(reference: str, why: str) -> None:
    run = run_with(reference)
    assert fields(run, "A") == {"f": "Any"}
    assert run.report.degraded == {A_FIELD: why}


def test_a_schema_inside_that_refers_to_itself_is_named_and_allows_anything() -> None:
    run = run_with(A_FIELD)
    assert fields(run, "A") == {"f": "Any"}
    assert list(run.report.degraded.values()) == ["a reference that leads to itself"]


def test_schemas_inside_have_names_that_no_other_has() -> None:
    holder = schema(n=schema(a=TEXT), m={"$ref": f"{IN_SCHEMAS}/B/properties/n"})
    run = run_with(f"{IN_SCHEMAS}/B/properties/n", B=holder, B_n=schema(own=NUMBER))
    names = {record.name for record in run.surface.records}
    assert len(names) == 4
    assert fields(run, "B_n") == {"own": "int"}
    assert fields(run, fields(run, "A")["f"]) == {"a": "str"}
    assert fields(run, "B")["m"] == fields(run, "A")["f"]


def test_what_references_inside_would_repeat_too_often_is_left_out_and_named() -> None:
    nested = schema(**{f"f{n}": TEXT for n in range(3_000)})
    levels = [f"{IN_SCHEMAS}/B{'/properties/x' * level}" for level in range(1, 60)]
    for _ in levels:
        nested = schema(x=nested)
    refer = schema(**{f"r{n}": {"$ref": level} for n, level in enumerate(levels)})
    run = run_of(foreign({"/a": {"get": get()}}, {"A": refer, "B": nested}))
    assert len(fields(run, "A")) == len(levels)
    (why,) = set(run.report.degraded.values())
    assert why == "left out: references repeat more than the document can hold"


@pytest.mark.parametrize("version", ["3.1.0", "3.2.0", "3.1"])
def test_fields_beside_a_reference_belong_to_it(version: str) -> None:
    beside = {"$ref": f"{IN_SCHEMAS}/B", "properties": {"more": TEXT}}
    found = foreign({"/a": {"get": get()}}, {"A": beside, "B": schema(id=NUMBER), "C": {"allOf": [beside]}})
    run = run_of(found, version)
    assert fields(run, "A") == fields(run, "C") == {"id": "int", "more": "str"}


def test_fields_beside_a_reference_are_ignored_where_openapi_3_0_says_so() -> None:
    beside = {"$ref": f"{IN_SCHEMAS}/B", "properties": {"more": TEXT}}
    run = run_of(foreign({"/a": {"post": post(beside)}}, {"B": schema(id=NUMBER)}), "3.0.3")
    assert [o.body.type.annotation() for _, o in run.surface.operations if o.body] == ["B"]


@pytest.mark.parametrize("word", ["$dynamicRef", "$recursiveRef"])
def test_a_reference_that_is_found_at_run_time_is_named(word: str) -> None:
    run = run_of(foreign({"/a": {"get": get()}}, {"A": schema(f={word: "#node"})}))
    assert fields(run, "A") == {"f": "Any"}
    assert run.report.degraded == {A_FIELD: f"{word} is not followed: it allows anything"}


def test_operations_by_methods_that_are_not_sent_are_named() -> None:
    item = {"get": get(), "query": get(), "additionalOperations": {"COPY": get()}}
    run = run_of(foreign({"/a": item}), "3.2.0")
    assert run.report.degraded == {
        "#/paths/~1a/query": "left out: QUERY is not sent",
        "#/paths/~1a/additionalOperations/COPY": "left out: COPY is not sent",
    }


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        ([1, "a"], "Any"),
        ([1, 2.5], "float"),
        ([2.5, 1], "float"),
        ([True, 1], "Any"),
        ([{}], "Any"),
        ([[1], [2]], "Any"),
        ([1, None, 2], "int"),
    ],
)
def test_an_enumeration_of_several_types_is_of_none_of_them(values: list[Any], type_: str) -> None:
    run = run_of(foreign({"/a": {"get": get()}}, {"A": schema(f={"enum": values})}))
    assert fields(run, "A") == {"f": type_}
