"""Any JSON gives a whole package or one sentence with the place, in a time that grows as the document does."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.settings import ClientCredentials
from halo_generator import overlay, pipeline, source
from halo_generator.errors import GeneratorError, RepairError, SourceError
from halo_generator.value_kinds import COMPONENTS
from tests.support.documents import (
    NUMBER,
    REAL,
    SPEC,
    TEXT,
    document,
    foreign,
    get,
    post,
    query,
    ref,
    schema,
    service_desk,
)
from tests.support.examples import examples
from tests.support.mutator import NAMES, VALUES, mutated, subset
from tests.support.package_kit import check, package_or_sentence, sources_of

FORM = json.loads((SPEC / pipeline.DOCUMENT_NAME).read_text("utf-8"))
RAW = [path for path in REAL.values() if path.is_file()]


def made_of(found: Any, **options: Any) -> pipeline.Run:
    """The run of a document whose package has been checked."""
    run = pipeline.made_of(source.parse(json.dumps(found).encode(), "document.json"), **options)
    check(run)
    return run


def methods(run: pipeline.Run) -> dict[str, str]:
    return {
        f"{resource.name}.{operation.method_name}": f"{operation.method} {operation.path}"
        for resource, operation in run.surface.operations
    }


# -- paths ----------------------------------------------------------------------------------------------------------


def test_paths_whose_every_part_has_a_parameter_are_called_after_what_is_around_it_or_root():
    named = {
        "/A{B}": "a.get",
        "/{X}": "root.get",
        "/": "root.fetch",
        "/{a}/{b}": "root.get_",
        "/{a}.json": "json.fetch",
    }
    run = made_of(foreign({path: {"get": get()} for path in named}))
    assert methods(run) == {name: f"GET {path}" for path, name in named.items()}


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    "path", ["/{id}", "/A{B}", "/{a}{b}", "/", "/-", "/{}", "/IntegrationData", "/IntegrationData/{x}"]
)
def test_no_path_without_a_word_ends_the_run(path, method):
    run = made_of(
        document({path: {method: get()}, "/Tickets": {"get": get()}}, {"Faults": schema(id=NUMBER)})
    )
    assert f"{method.upper()} {path}" in methods(run).values()


def test_ten_thousand_paths_that_come_to_one_name_are_told_apart():
    run = pipeline.made_of(foreign({f"/{{id{index}}}": {"get": get()} for index in range(10_000)}))
    assert len(methods(run)) == 10_000
    assert {"root.get", "root.get_", "root.get____", "root.get_5"} <= methods(run).keys()


@pytest.mark.parametrize("path", ["/a?b=c", "/a#b", "/a b", "/é", "//a", "/a/../b", "a"])
def test_a_path_that_cannot_be_sent_is_left_out_and_named(path):
    run = made_of(foreign({path: {"get": get()}, "/ok": {"get": get()}}))
    assert list(methods(run).values()) == ["GET /ok"]
    assert len(run.report.degraded) == 1


ON_THE_OPERATION = "#/paths/~1a/get/"
IN_SCHEMAS = "#/components/schemas"


@pytest.mark.parametrize(
    ("place", "value", "named"),
    [
        (ON_THE_OPERATION + "parameters", 5, ""),
        (ON_THE_OPERATION + "parameters", [{"name": "q", "in": "query", "schema": 5}], "/0/schema"),
        (ON_THE_OPERATION + "parameters", [{"name": "q", "in": "query", "content": 5}], "/0/content"),
        (ON_THE_OPERATION + "tags", "x", ""),
        (ON_THE_OPERATION + "tags", ["x", 5], "/1"),
        (ON_THE_OPERATION + "requestBody", 5, ""),
        (ON_THE_OPERATION + "requestBody", {"content": 5}, "/content"),
        (ON_THE_OPERATION + "responses", 5, ""),
        (ON_THE_OPERATION + "responses", {"200": 5}, "/200"),
        (ON_THE_OPERATION + "responses", {"200": {"content": {"a/b": 5}}}, "/200/content/a~1b"),
        (
            ON_THE_OPERATION + "responses",
            {"200": {"content": {"a/b": {"schema": 5}}}},
            "/200/content/a~1b/schema",
        ),
        ("#/paths/~1a/parameters", 5, ""),
        ("#/components", 5, ""),
        (IN_SCHEMAS, 5, ""),
        (IN_SCHEMAS, {"X": 5}, "/X"),
        (IN_SCHEMAS, {"X": {"properties": 5}}, "/X"),
        (IN_SCHEMAS, {"X": {"properties": {"a": 5}}}, "/X/properties/a"),
        (IN_SCHEMAS, {"X": {"properties": {}, "required": [5]}}, "/X/required/0"),
        (IN_SCHEMAS, {"X": {"type": ["string", 5]}}, "/X/type/1"),
        (IN_SCHEMAS, {"X": {"allOf": [{"properties": {}}, 5]}}, "/X/allOf/1"),
        (IN_SCHEMAS, {"X": {"description": 5}}, "/X/description"),
        (IN_SCHEMAS, {"X": {"title": ["x"]}}, "/X/title"),
        (IN_SCHEMAS, {"X": {"discriminator": "kind"}}, "/X/discriminator"),
        ("#/info", 5, ""),
        ("#/info", {"title": 5, "version": "1"}, "/title"),
        ("#/servers", "x", ""),
        ("#/security", {}, ""),
        ("#/paths/~1a/summary", 5, ""),
        (ON_THE_OPERATION + "operationId", 5, ""),
        (ON_THE_OPERATION + "description", ["x"], ""),
        (ON_THE_OPERATION + "summary", {}, ""),
        (ON_THE_OPERATION + "deprecated", "yes", ""),
        (ON_THE_OPERATION + "security", 5, ""),
        (ON_THE_OPERATION + "callbacks", 5, ""),
        (ON_THE_OPERATION + "parameters", [{"name": "q", "in": "query", "required": "yes"}], "/0/required"),
        (ON_THE_OPERATION + "parameters", [{"name": "q", "in": "query", "style": 5}], "/0/style"),
        (ON_THE_OPERATION + "parameters", [{"name": "q", "in": "query", "explode": "no"}], "/0/explode"),
        (ON_THE_OPERATION + "parameters", [{"name": "q", "in": "query", "description": 5}], "/0/description"),
        ("#/paths/~1a/parameters", [{"name": "q", "in": "query", "required": 1}], "/0/required"),
        (ON_THE_OPERATION + "requestBody", {"required": "yes"}, "/required"),
        (ON_THE_OPERATION + "requestBody", {"description": 5}, "/description"),
        (ON_THE_OPERATION + "responses", {"200": {"description": 5}}, "/200/description"),
        (ON_THE_OPERATION + "responses", {"200": {"headers": 5}}, "/200/headers"),
        *((f"#/components/{section}", 5, "") for section in COMPONENTS),
    ],
)
def test_what_is_of_the_wrong_kind_is_left_out_and_named_with_its_place(place, value, named):
    found = foreign({"/a": {"get": get()}})
    *way, last = (part.replace("~1", "/") for part in place.removeprefix("#/").split("/"))
    at = found
    for part in way:
        at = at[part]
    at[last] = value
    run = made_of(found)
    assert list(run.report.degraded) == [place + named]
    assert run.report.degraded[place + named].startswith("left out: ")


def test_a_parameter_whose_required_is_a_text_is_no_argument_that_must_be_given():
    listed = [{"name": "q", "in": "query", "required": "false", "schema": {"type": "integer"}}]
    run = made_of(foreign({"/a": {"get": get(parameters=listed)}}))
    assert "q: int | None = None" in "".join(sources_of(run).values())
    assert run.report.degraded == {
        "#/paths/~1a/get/parameters/0/required": "left out: OpenAPI has true or false there"
    }


def test_the_schema_true_allows_anything_and_is_not_named():
    found = foreign({"/a": {"get": get()}}, {"X": {"properties": {"a": True}}})
    assert not made_of(found).report.degraded


def test_a_document_of_which_nothing_is_left_is_refused_with_the_place():
    with pytest.raises(RepairError, match=r"#/paths/~1a\?b: left out"):
        pipeline.made_of(foreign({"/a?b": {"get": get()}}))
    with pytest.raises(RepairError, match="#/paths"):
        pipeline.made_of(foreign({"/a": {"summary": "nothing"}}))


def test_a_path_that_refers_to_another_place_of_the_document_has_what_stands_there():
    found = foreign(
        {
            "/a": {"get": get(query("x"))},
            "/b": {"$ref": "#/paths/~1a"},
            "/c": {"$ref": "#/components/pathItems/C", "post": post(TEXT)},
        }
    )
    found["components"]["pathItems"] = {"C": {"get": get(query("y"))}}
    run = made_of(found)
    assert set(methods(run).values()) == {"GET /a", "GET /b", "GET /c", "POST /c"}
    assert not run.report.degraded


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("other.json#/a", "another document"),
        ("#/paths/~1nowhere", "a reference to nothing"),
        ("#/paths/~1b", "leads to itself"),
        ("#/info/title", "what is not an object"),
    ],
)
def test_a_path_whose_reference_leads_nowhere_is_named(reference, why):
    run = made_of(foreign({"/a": {"get": get()}, "/b": {"$ref": reference}}))
    assert list(methods(run).values()) == ["GET /a"]
    assert why in run.report.degraded["#/paths/~1b"]


# -- parameters -----------------------------------------------------------------------------------------------------


def test_parameters_of_a_path_stay_where_they_and_the_operations_own_are_references():
    found = foreign(
        {
            "/a": {
                "parameters": [{"$ref": "#/components/parameters/P"}, {"$ref": "#/components/parameters/Q"}],
                "get": get({"$ref": "#/components/parameters/R"}, {"$ref": "#/components/parameters/Q2"}),
            }
        }
    )
    found["components"]["parameters"] = {
        "P": query("p"),
        "Q": query("q"),
        "Q2": query("q", "integer"),
        "R": {"$ref": "#/components/parameters/R2"},
        "R2": query("r"),
    }
    run = made_of(found)
    (operation,) = [operation for _, operation in run.surface.operations]
    assert {p.name: p.type.annotation() for p in operation.parameters} == {"p": "str", "q": "int", "r": "str"}
    assert not run.report.degraded


@pytest.mark.parametrize(
    "odd", [{"allOf": [False]}, {"items": {"allOf": [False]}}, False, 7, {"type": "array"}]
)
def test_a_parameter_that_says_its_type_as_content_is_looked_at_like_any_other(odd):
    told = {"name": "q", "in": "query", "content": {"application/json": {"schema": odd}}}
    assert package_or_sentence(foreign({"/a": {"get": get(told)}})) == "package"


def test_a_filter_that_has_the_name_of_a_place_leaves_the_place_its_own():
    found = foreign({"/a/{part}/b/{a-b}": {"get": get(query("part"), query("a-b"), query("a_b"))}})
    run = made_of(found)  # whose check fills the places
    emitted = sources_of(run)["api/a.py"]
    assert "'part_': 'part'" in emitted


def test_header_parameters_are_counted_by_name_and_not_named_one_by_one():
    header = {"name": "X-Api-Version", "in": "header", "schema": TEXT}
    cookie = {"name": "sid", "in": "cookie", "schema": TEXT}
    run = made_of(foreign({f"/a{index}": {"get": get(header, cookie)} for index in range(50)}))
    assert not run.report.degraded
    (line,) = [line for line in run.report.lines() if line.startswith("left out")]
    assert "100 parameters" in line
    assert "'X-Api-Version' 50 times" in line
    told = run.report.as_json()["left_out"]
    assert [(entry["name"], entry["count"], len(entry["places"])) for entry in told] == [
        ("sid", 50, 10),
        ("X-Api-Version", 50, 10),
    ]


def test_strict_runs_stop_at_what_is_left_out():
    found = foreign({"/a": {"get": get({"name": "X", "in": "header", "schema": TEXT})}})
    with pytest.raises(RepairError, match="#/paths/~1a/get/parameters/X"):
        pipeline.made_of(found, strict=True)


# -- schemas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nullable", [{"nullable": True, "type": "object"}, {"type": ["object", "null"]}])
def test_a_schema_that_may_be_null_keeps_the_types_of_its_fields(nullable):
    pet = {**schema(id=NUMBER, name=TEXT), **nullable}
    run = made_of(
        foreign({"/pets": {"post": post(ref("Pet"))}}, {"Pet": pet, "Owner": schema(pet=ref("Pet"))})
    )
    pet_, owner = sorted(run.surface.records, key=lambda record: record.name, reverse=True)
    assert {f.name: f.type.annotation() for f in pet_.fields} == {"id": "int", "name": "str"}
    assert [(f.type.annotation(), f.nullable) for f in owner.fields] == [("Pet", True)]


def test_null_among_alternatives_makes_a_field_nullable_and_keeps_its_type():
    fields = {
        "a": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "b": {"oneOf": [{"type": "null"}, ref("B")]},
        "c": {"type": ["integer", "null"]},
        "d": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    }
    run = made_of(foreign({"/a": {"get": get()}}, {"A": schema(**fields), "B": schema(id=NUMBER)}))
    found = next(record for record in run.surface.records if record.name == "A")
    assert {f.name: (f.type.annotation(), f.nullable) for f in found.fields} == {
        "a": ("str", True),
        "b": ("B", True),
        "c": ("int", True),
        "d": ("Any", True),
    }


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
@pytest.mark.parametrize(
    "null", [{"type": "null"}, {"type": ["null"]}, {"enum": [None]}, {"const": None}, ref("Nothing")], ids=str
)
def test_null_in_any_spelling_among_alternatives_keeps_the_type_of_the_others(word, null):
    fields = {
        "number": {word: [{"type": "integer"}, null]},
        "record": {word: [null, ref("B")]},
        "list": {"type": "array", "items": {word: [{"type": "integer"}, null]}},
    }
    named = {"A": schema(**fields), "B": schema(id=NUMBER), "Nothing": {"type": "null"}}
    run = made_of(foreign({"/a": {"get": get()}}, named))
    found = next(record for record in run.surface.records if record.name == "A")
    assert {f.name: (f.type.annotation(), f.nullable) for f in found.fields} == {
        "number": ("int", True),
        "record": ("B", True),
        "list": ("Sequence[int]", False),
    }


def test_an_enumeration_has_the_type_of_its_values_wherever_null_is_among_them():
    fields = {
        "a": {"enum": [None, 1, 2]},
        "b": {"enum": ["x", None]},
        "c": {"enum": [None, True]},
        "d": {"enum": [1, 2]},
    }
    run = made_of(foreign({"/a": {"get": get()}}, {"A": schema(**fields)}))
    (found,) = run.surface.records
    assert {f.name: (f.type.annotation(), f.nullable) for f in found.fields} == {
        "a": ("int", True),
        "b": ("str", True),
        "c": ("bool", True),
        "d": ("int", False),
    }


@pytest.mark.parametrize("word", ["allOf", "anyOf", "oneOf"])
@pytest.mark.parametrize("depth", [22, 40, 1000])
def test_parts_that_are_named_twice_at_every_level_are_one_part(word, depth):
    schemas: dict[str, Any] = {"A0": schema(id=NUMBER)}
    for level in range(1, depth + 1):
        schemas[f"A{level}"] = {word: [ref(f"A{level - 1}")] * 2, "properties": {f"f{level}": TEXT}}
    run = pipeline.made_of(foreign({"/a": {"post": post(ref(f"A{depth}"))}}, schemas))
    if word == "allOf" and depth < 100:
        top = next(record for record in run.surface.records if record.name == f"A{depth}")
        assert {field.name for field in top.fields} == {"id", *(f"f{level}" for level in range(1, depth + 1))}
        check(run)
    if depth == 1000:
        assert sum(len(record.fields) for record in run.surface.records) < 200_000


def test_circles_of_every_kind_end():
    words = {"allOf": [ref("A"), ref("B")], "anyOf": [ref("C"), ref("D")], "oneOf": [ref("D"), ref("A")]}
    schemas = {
        "A": {"allOf": [ref("B")], "properties": {"self_": {"allOf": [ref("A"), ref("B")]}}},
        "B": {"allOf": [ref("A"), ref("B")], "properties": {"b": {"type": "array", "items": ref("B")}}},
        "C": {"type": "array", "items": {"anyOf": [ref("C"), ref("D")]}},
        "D": {"type": "object", "additionalProperties": ref("D")},
        "E": {"oneOf": [ref("E"), ref("C")]},
        "F": words,
        "G": ref("H"),
        "H": ref("G"),
    }
    paths = {f"/{name}": {"post": post(ref(name)), "get": get()} for name in schemas}
    assert package_or_sentence(foreign(paths, schemas)) == "package"


@pytest.mark.parametrize("section", ["parameters", "requestBodies", "responses"])
def test_a_part_that_refers_to_itself_is_left_out_and_named(section):
    parts = {"A": {"$ref": f"#/components/{section}/B"}, "B": {"$ref": f"#/components/{section}/A"}}
    used = {"$ref": f"#/components/{section}/A"}
    operation, place = {
        "parameters": (get(parameters=[used]), "#/paths/~1a/get/parameters/0"),
        "requestBodies": ({**get(), "requestBody": used}, "#/paths/~1a/get/requestBody"),
        "responses": ({**get(), "responses": {"200": used}}, "#/paths/~1a/get/responses/200"),
    }[section]
    found = foreign({"/a": {"get": operation}})
    found["components"][section] = parts
    assert made_of(found).report.degraded == {place: "left out: a reference that leads to itself"}


def test_a_schema_that_refers_to_itself_is_named_and_allows_anything():
    circle = {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}
    run = made_of(foreign({"/a": {"get": get()}}, circle))
    told = "a reference that leads to itself"
    assert run.report.degraded == {f"{IN_SCHEMAS}/A": told, f"{IN_SCHEMAS}/B": told}


def test_a_chain_of_lists_longer_than_any_stack_ends():
    schemas: dict[str, Any] = {"L0": {"type": "string"}}
    schemas |= {f"L{n}": {"type": "array", "items": ref(f"L{n - 1}")} for n in range(1, 3000)}
    schemas |= {f"R{n}": ref(f"R{n + 1}") for n in range(3000)} | {"R3000": {"type": "integer"}}
    run = made_of(foreign({"/a": {"post": post(ref("L2999"))}, "/b": {"post": post(ref("R0"))}}, schemas))
    assert {o.path: o.body.type.annotation() for _, o in run.surface.operations if o.body}["/b"] == "int"


def test_an_object_put_together_from_itself_in_a_field_ends():
    """Its field has all of its fields, each of which has all of its fields."""
    parts = {"allOf": [ref("A"), {"properties": {"x": TEXT}}]}
    schemas = {"A": schema(**{f"f{n}": copy.deepcopy(parts) for n in range(5)})}
    assert package_or_sentence(foreign({"/a": {"post": post(ref("A"))}}, schemas)) == "package"


def test_what_refers_to_one_large_body_five_hundred_times_stays_in_proportion():
    body = {"content": {"application/json": {"schema": schema(**{f"f{n}": TEXT for n in range(1_000)})}}}
    found = foreign(
        {f"/a{n}": {"post": {"requestBody": {"$ref": "#/components/requestBodies/B"}}} for n in range(500)}
    )
    found["components"]["requestBodies"] = {"B": body}
    run = pipeline.made_of(found)
    assert len(run.surface.operations) == 500
    assert "references repeat more than" in next(iter(run.report.degraded.values()))


def test_a_named_part_alone_gives_its_fields():
    schemas = {
        "A": schema(id=NUMBER),
        "B": {"allOf": [ref("A")]},
        "C": {"allOf": [ref("A"), {"description": "x"}]},
    }
    run = made_of(foreign({"/a": {"get": get()}}, schemas))
    assert {r.name: [f.name for f in r.fields] for r in run.surface.records} == {
        "A": ["id"],
        "B": ["id"],
        "C": ["id"],
    }


# -- texts, names and numbers ---------------------------------------------------------------------------------------

HARD = [
    '"""',
    'ends in """',
    '""',
    '"',
    "\\",
    "\\\\\\",
    '\\"""',
    "'''",
    "a\x00b\x07\x1b[31m",
    "\u2028\u202e\ufeff",
    "\r\n \t",
    "\ud800",
]


@pytest.mark.parametrize("text", HARD)
def test_a_text_anywhere_in_a_document_becomes_nothing_but_text(text):
    marks = {
        "description": text,
        "title": text,
        "example": text,
        "default": text,
        "enum": [text],
        "format": text,
    }
    found = {
        **foreign(
            {"/a": {"get": {**get(query("q", **marks)), "summary": text, "description": f"x\n{text}"}}},
            {"A": {**schema(f={"type": "string", **marks}), **marks, "enum": None}},
        ),
        "info": {"title": text, "version": text},
    }
    run = made_of(found, descriptions=True)
    assert [record.name for record in run.surface.records] == ["A"]
    for source_ in sources_of(run).values():
        assert source_.isprintable() or set(filter(lambda c: not c.isprintable(), source_)) == {"\n"}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_anywhere_in_a_document_becomes_nothing_but_a_name(name):
    path = "/" + name.strip("/")
    found = foreign(
        {path: {"get": get(query(name), query("x"))}, "/ok/{id}": {"get": get(), "post": post(ref(name))}},
        {name: schema(**{name: TEXT, "b": NUMBER}), "Other": schema(x=ref(name))},
    )
    found["components"]["schemas"] |= {f"{name}_List": schema(id=NUMBER)}
    assert package_or_sentence(source.parse(json.dumps(found).encode(), "x")) == "package"


def test_half_a_character_in_a_name_is_left_out_and_named():
    found = foreign(
        {"/a": {"get": get()}}, {"A": {"type": "object", "properties": {"a\ud800": TEXT, "b": TEXT}}}
    )
    run = made_of(found)
    assert [field.name for record in run.surface.records for field in record.fields] == ["b"]
    ((place, why),) = run.report.degraded.items()
    assert place == "#/components/schemas/A/properties/a\\ud800"
    assert "half a character" in why
    "\n".join(run.report.lines()).encode()


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "9" * 5000, "1e400", "NaN", "-Infinity", "1" * 301])
def test_a_number_that_no_program_reads_is_left_out_and_named(number):
    told = (
        '{"openapi": "3.0.1", "paths": {"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": '
    )
    told += f'{{"type": "integer", "default": {number}}}}}]}}}}}}}}'
    run = pipeline.made_of(source.parse(told.encode(), "x"))
    check(run)
    assert list(run.report.degraded) == ["#/paths/~1a/get/parameters/0/schema/default"]


def test_a_whole_number_of_three_hundred_digits_is_kept():
    run = made_of(
        foreign({"/a": {"get": get(query("q", "integer"))}}, {"A": schema(n={**NUMBER, "default": 10**299})})
    )
    assert run.document["components"]["schemas"]["A"]["properties"]["n"]["default"] == 10**299
    assert not run.report.degraded


def test_a_record_name_that_a_document_claims_is_taken_only_if_it_is_one():
    claimed = {"A": {**schema(), "x-halo-record": "import os"}, "B": {**schema(), "x-halo-record": "Vehicle"}}
    run = made_of(foreign({"/a": {"get": get()}}, claimed))
    assert [record.name for record in run.surface.records] == ["A", "Vehicle"]


# -- bodies ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "sent", "annotation"),
    [
        (["text/plain"], "text/plain", "str | bytes"),
        (["*/*"], "*/*", "str | bytes"),
        (["application/octet-stream"], "application/octet-stream", "str | bytes"),
        (["application/x-www-form-urlencoded"], "application/x-www-form-urlencoded", "Mapping[str, Any]"),
        (["application/xml", "application/json; charset=utf-8"], "json", "Mapping[str, Any]"),
        (["text/plain", "multipart/form-data"], "multipart", "Mapping[str, Any]"),
        (["application/vnd.api+json"], "application/vnd.api+json", "Mapping[str, Any]"),
        (["*/*", "text/csv"], "text/csv", "str | bytes"),
        (["application/*+json"], "json", "Mapping[str, Any]"),
    ],
)
def test_a_body_is_declared_as_what_it_is(offered, sent, annotation):
    content = {media: {"schema": schema(a=TEXT)} for media in offered}
    run = made_of(foreign({"/a": {"post": {"requestBody": {"content": content}, "responses": {}}}}))
    emitted = sources_of(run)["api/a.py"]
    assert f"body={sent!r}" in emitted
    assert f"body: {annotation}" in emitted
    assert ("#/paths/~1a/post/requestBody" in run.report.degraded) is (sent == "*/*")


def test_a_body_of_no_media_type_is_left_out_and_named():
    content = {"not a type\r\n": {"schema": schema(a=TEXT)}}
    run = made_of(foreign({"/a": {"post": {"requestBody": {"content": content}, "responses": {}}}}))
    assert "left out" in run.report.degraded["#/paths/~1a/post/requestBody"]
    assert "body=" not in sources_of(run)["api/a.py"]


# -- whose document -------------------------------------------------------------------------------------------------


def test_a_document_that_is_not_halos_gets_nothing_of_halos_and_is_told_so():
    paths = {"/Users": {"get": get(query("approversonly"))}, "/Actions/{id}": {"delete": get()}}
    run = made_of(foreign(paths, {"Device": schema(id=NUMBER), "Company": schema(id=NUMBER)}))
    assert set(methods(run).values()) == {"GET /Users", "DELETE /Actions/{id}"}
    assert [record.name for record in run.surface.records] == ["Company", "Device"]
    assert [p.name for _, o in run.surface.operations for p in o.parameters] == ["id", "approversonly"]
    assert any(line.startswith("not Halo's document") for line in run.report.lines())
    again = made_of(run.document)
    assert methods(again) == methods(run)


def test_halos_document_gets_what_it_lacks_and_each_operation_is_told(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('[[operations]]\nmethod = "GET"\npath = "/Parcels"\ntag = "Parcels"\nsure = "user"\n')
    run = pipeline.made_of(service_desk(), facts=overlay.merged(own))
    assert "added: 1 operations that the document lacks: GET /Parcels" in run.report.lines()
    bare = service_desk()
    bare["paths"]["/Attachment"] = {"post": get(tag="Attachment")}
    bare["components"]["schemas"]["Attachment"] = schema(id={"type": "integer"})
    run = pipeline.made_of(bare)
    assert "added: 1 bodies that the document lacks: POST /Attachment" in run.report.lines()
    check(run)


def test_halos_document_is_known_by_its_paths_and_schemas_whatever_its_title():
    paths = {path: item for path, item in FORM["paths"].items() if "/" not in path[1:]}
    untitled = {**FORM, "info": {"title": "Acme desk"}, "paths": paths}
    assert not _is_foreign(untitled)
    other = {**foreign({"/Client": {"get": get()}}), "info": {"title": "Halo API of another kind"}}
    assert not _is_foreign(other)
    other["paths"] = {"/planets": {"get": get()}}
    assert _is_foreign(other)


def _is_foreign(document: Any) -> bool:
    return any(note.startswith("not Halo's") for note in pipeline.made_of(document).report.notes)


# -- names that users meet ------------------------------------------------------------------------------------------


def test_what_the_client_and_its_packages_need_is_never_a_resource_or_a_record():
    from halo_async.client import Client
    from halo_async.writing.writable import Writable
    from halo_generator.names import CLIENT_WORDS, RESOURCE_WORDS

    client = Client("acme.halopsa.com", ClientCredentials("id", "secret"))
    assert {name for name in dir(client) if not name.startswith("_")} <= CLIENT_WORDS
    assert {name for name in dir(Writable) if not name.startswith("_")} <= RESOURCE_WORDS
    words = [
        "export",
        "resolve",
        "Request",
        "Options",
        "Transport",
        "Aliases",
        "ALIASES",
        "Resources",
        "ResourceGroup",
        "RECORDS",
        "Client",
        "halo",
        "Export",
    ]
    paths = {f"/{word}": {"get": get(), "post": post(ref(word))} for word in words}
    run = made_of(foreign(paths, {word: schema(id=NUMBER) for word in words}))
    assert {"export_", "resolve_", "request_", "options_", "transport_"} <= {
        name.split(".")[0] for name in methods(run)
    }
    assert not {name.split(".")[0] for name in methods(run)} & CLIENT_WORDS


# -- any JSON at all ------------------------------------------------------------------------------------------------

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
WORDS = st.sampled_from(
    ["$ref", "type", "properties", "items", "allOf", "anyOf", "nullable", "schema", "content", "application/json",
     "parameters", "name", "in", "get", "post", "responses", "200", "requestBody", "enum", "required", "text/plain"]
)  # fmt: skip
JUNK = st.recursive(
    SCALARS | st.sampled_from(VALUES) | st.sampled_from(NAMES) | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.sampled_from(NAMES), inner, max_size=3)
    ),
    max_leaves=6,
)
DESK = {**service_desk(), "info": {"title": "Desk", "version": "1"}}
"""Not Halo's, so that Halo's own operations need not be made each time."""


def _places(node: Any, place: tuple[Any, ...] = ()) -> Any:
    yield place
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from _places(value, (*place, key))


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(_places(DESK))[1:]), JUNK), min_size=1, max_size=4))
def test_any_change_of_a_document_gives_a_package_or_one_sentence(changes):
    found = copy.deepcopy(DESK)
    for place, value in changes:
        holder: Any = found
        for key in place[:-1]:
            inner = holder[key] if isinstance(holder, dict) and key in holder else None
            inner = (
                holder[key]
                if isinstance(holder, list) and isinstance(key, int) and key < len(holder)
                else inner
            )
            holder = inner if isinstance(inner, (dict, list)) else holder
        if isinstance(holder, dict):
            holder[place[-1]] = copy.deepcopy(value)
    _package_or_sentence(found)


def _package_or_sentence(found: Any) -> None:
    try:
        loaded = source.parse(json.dumps(found).encode("utf-8", "surrogatepass"), "document.json")
    except SourceError as error:
        assert "#" in str(error)
        return
    package_or_sentence(loaded)


@pytest.mark.parametrize("first", range(0, examples(300), 50))
def test_a_changed_part_of_the_canonical_document_gives_a_package_or_one_sentence(first):
    for seed in range(first, first + 50):
        chance = random.Random(seed)
        _package_or_sentence(mutated(subset(FORM, chance), chance))


@pytest.mark.skipif(
    not RAW, reason="the documents of real instances are not part of the project (set HALO_DOCUMENTS)"
)
@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem)
def test_a_changed_part_of_a_real_document_gives_a_package_or_one_sentence(path):
    real = json.loads(path.read_text("utf-8"))
    for seed in range(50):
        chance = random.Random(seed)
        _package_or_sentence(mutated(subset(real, chance), chance))


@settings(max_examples=examples(50), deadline=None)
@given(JUNK)
def test_any_json_at_all_is_refused_with_a_place_or_gives_a_package(value):
    _package_or_sentence(value)
    _package_or_sentence({"openapi": "3.1.0", "paths": value})
    _package_or_sentence(
        {"openapi": "3.0.0", "paths": {"/a": value, "/b": {"get": value}}, "components": value}
    )


@pytest.mark.parametrize(
    "where",
    ["source.parse", "canonical.canonicalise", "emit.modules", "canonical_json.dumps", "output.emit.write"],
)
def test_a_fault_of_the_generator_is_one_sentence_too(tmp_path, monkeypatch, capsys, where):
    from halo_generator.__main__ import main

    def broken(*_: Any, **__: Any) -> None:
        raise IndexError("list index out of range")

    monkeypatch.setattr(f"halo_generator.pipeline.{where}", broken)
    path = tmp_path / "document.json"
    path.write_text(json.dumps(service_desk()), "utf-8")
    assert main([str(path), "--out", str(tmp_path / "acme")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: #")
    assert "a fault of the generator" in line
    assert "IndexError" in line
    assert not (tmp_path / "acme").exists()
    assert issubclass(GeneratorError, Exception)
