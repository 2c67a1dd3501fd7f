"""Parameters that take more than their type says: what the descriptions and the overlay tell of them."""

from __future__ import annotations

import json

import pytest

from halo_generator import canonical_json, overlay, pipeline
from halo_generator.arguments import argument_type, choices_in
from halo_generator.types import Type
from tests.support.documents import (
    NOTHING_STATED,
    array_of,
    document,
    needs_real_document,
    post,
    query,
    schema,
    service_desk,
)


def run(folder, *parameters, path="/Parcels", facts=None):
    found = document(
        {path: {"get": {"tags": ["P"], "parameters": list(parameters), "responses": NOTHING_STATED}}}
    )
    source = folder / "document.json"
    source.write_text(json.dumps(found))
    return pipeline.read(str(source), facts=facts or overlay.Overlay())


def types(made):
    ((_, operation),) = made.surface.operations
    return {parameter.name: parameter.type.annotation() for parameter in operation.parameters}


def test_what_descriptions_say_becomes_a_type_and_a_fact_and_the_words_stay_behind(tmp_path):
    made = run(
        tmp_path,
        query("ids", description="(array of int) Returns parcels based on ID's in the array."),
        query("kinds", description="Return parcels of these kinds, comma seperated."),
        query("owner_ids", description="Filters by the owners, comma separated."),
        query("agents", description="Comma separated list of agent IDs."),
        query("name", description="Parcels whose name has this."),
        query("count", "int", description="comma separated"),
        query("none"),
    )
    assert types(made) == {
        "agents": "Many[int]",
        "count": "int",
        "ids": "Many[int]",
        "kinds": "Many[str]",
        "name": "str",
        "none": "str",
        "owner_ids": "Many[int]",
    }
    text = json.dumps(made.document)
    assert '"x-halo-many": "integer"' in text
    assert "comma" not in text
    assert "array of" not in text
    (tmp_path / "canonical.json").write_text(text)
    again = pipeline.read(str(tmp_path / "canonical.json"), facts=overlay.Overlay())
    assert again.document == made.document
    assert types(again) == types(made)


def test_the_overlay_tells_of_documents_without_words(tmp_path):
    facts = overlay.Overlay(
        several={"GET /parcels": {"integer": ["ids", "gone"], "string": ["kinds"]}},
        typed={"GET /Parcels": {"sentdate": "date-time", "enddate": "date-time"}},
    )
    made = run(
        tmp_path,
        query("ids"),
        query("kinds"),
        query("sentdate", "bool"),
        query("enddate", "bool"),
        facts=facts,
    )
    assert types(made) == {
        "enddate": "RangeEnd",
        "ids": "Many[int]",
        "kinds": "Many[str]",
        "sentdate": "Moment",
    }


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("enddate", "RangeEnd"),
        ("end_date", "RangeEnd"),
        ("lastupdatetodate", "RangeEnd"),
        ("date_to", "RangeEnd"),
        ("calendar_startdate", "RangeStart"),
        ("lastupdatefromdate", "RangeStart"),
        ("datesearch", "str"),
        ("billing_date", "Moment"),
        ("date", "Moment"),
        ("updateddate", "Moment"),
        ("update", "str"),
        ("validate", "str"),
        ("uptodate", "str"),
    ],
)
def test_names_say_which_end_of_a_range_a_parameter_is(name, type):
    assert argument_type({"name": name, "in": "query"}, Type("str")).annotation() == type
    assert argument_type({"name": name, "in": "path"}, Type("str")).annotation() == "str"
    assert argument_type({"name": name, "in": "query"}, Type("bool")).annotation() == "bool"


@needs_real_document
def test_the_overlay_has_what_the_words_of_the_real_document_say():
    from tests.support.documents import REAL

    with_words = pipeline.read(str(REAL["2024-09"]), facts=overlay.Overlay())
    facts = overlay.read()
    for _, operation in with_words.surface.operations:
        told = facts.several.get(f"{operation.method} {operation.path}", {})
        found = {
            p.name: p.type.annotation()
            for p in operation.parameters
            if p.type.annotation().startswith("Many")
        }
        listed = {
            name: {"integer": "Many[int]", "string": "Many[str]"}[kind]
            for kind in told
            for name in told[kind]
        }
        by_name = {name: "Many[int]" for name in found.keys() - listed.keys() if name.endswith("ids")}
        assert found == listed | by_name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Filter by kind - values: 'red' - 'blue' - 'green'.", ["red", "blue", "green"]),
        ("Filter by kind - values 'red', 'blue' or 'green'.", ["red", "blue", "green"]),
        ("Possible values are 'red'.", ["red"]),
        ("Where it is from - 'red', 'blue', 'green'.", ["red", "blue", "green"]),
        ("'red' = (warm) or hot - 'blue' = cold", ["red", "blue"]),
        ("By colour: red - warm, blue - cold, green - neither.", ["red", "blue", "green"]),
        ("The field. Examples: Opened - 'dateopened', Closed - 'dateclosed'.", []),
        ("It isn't the agent's name", []),
        ("Rows with a 'name' like your search.", []),
        ("", []),
    ],
)
def test_the_words_that_a_description_lists_are_known_and_examples_are_not(text, words):
    assert choices_in(text) == words


def test_words_that_an_instance_knows_are_typed_and_others_stay_possible(tmp_path):
    facts = overlay.Overlay(choices={"GET /parcels": {"colour": ["red", "blue"], "count": ["one"]}})
    listed = query("size", description="values: 'small' - 'large'")
    made = run(tmp_path, query("colour"), query("count", "integer"), listed, facts=facts)
    assert types(made) == {
        "colour": 'Literal["blue", "red"] | str',
        "count": "int",
        "size": 'Literal["large", "small"] | str',
    }
    text = canonical_json.dumps(made.document)
    (tmp_path / "canonical.json").write_text(text)
    assert types(pipeline.read(str(tmp_path / "canonical.json"), facts=overlay.Overlay())) == types(made)


@needs_real_document
@pytest.mark.parametrize("release", ["2024-09", "2025-03"])
def test_the_overlay_has_the_words_that_the_real_documents_list(release):
    from tests.support.documents import REAL

    with_words = pipeline.read(str(REAL[release]), facts=overlay.Overlay())
    found = {
        f"{operation.method} {operation.path}": {
            p.name: p.type.annotation()
            for p in operation.parameters
            if p.type.annotation().startswith("Literal")
        }
        for _, operation in with_words.surface.operations
    }
    listed = {
        place: {name: f"Literal[{json.dumps(words)[1:-1]}] | str" for name, words in told.items()}
        for place, told in overlay.read().choices.items()
    }
    assert {place.lower(): words for place, words in found.items() if words} == listed


def test_stubs_import_what_their_signatures_name(tmp_path):
    found = service_desk()
    found["paths"]["/Tickets"]["get"]["parameters"] += [
        query("client_ids", description="comma separated"),
        query("enddate"),
    ]
    found["paths"]["/Other"] = {"post": post(array_of("Other"))}
    found["components"]["schemas"]["Other"] = schema(id={"type": "integer"})
    (tmp_path / "document.json").write_text(json.dumps(found))
    made = pipeline.read(str(tmp_path / "document.json"))
    pipeline.write_package(made, tmp_path / "out", "out")
    text = (tmp_path / "out" / "api" / "tickets.py").read_text()
    assert "    from halo_async._operations.argument_types import Many, RangeEnd\n" in text
    assert "client_ids: Many[int] | None = None" in text
    assert "argument_types" not in (tmp_path / "out" / "api" / "other.py").read_text()


def test_a_text_parameter_called_ids_takes_several_without_a_word_about_it(tmp_path):
    found = service_desk()
    names = {
        "method_ids": "string",
        "ticketids": "string",
        "kids": "string",
        "user_ids": "int",
        "validids": "string",
    }
    found["paths"]["/Tickets"]["get"]["parameters"] += [query(name, kind) for name, kind in names.items()]
    (tmp_path / "document.json").write_text(json.dumps(found))
    run = pipeline.read(str(tmp_path / "document.json"))
    (listing,) = [o for r, o in run.surface.operations if r.name == "tickets" and o.method_name == "list"]
    types = {p.python_name: p.type.annotation() for p in listing.parameters if p.python_name in names}
    assert types == {
        "method_ids": "Many[int]",
        "ticketids": "Many[int]",
        "kids": "str",
        "user_ids": "int",
        "validids": "str",
    }
