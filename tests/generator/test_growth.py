"""The work of a run grows as its document does, whatever refers to what. Steps are counted, never seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from halo_generator import pipeline
from tests.support.documents import NUMBER, TEXT, foreign, get, post, query, ref, schema
from tests.support.step_count import steps

Shape = Callable[[int], dict[str, Any]]
INSIDE = "#/components/schemas/A/properties/"


def of_schemas(**schemas: Any) -> dict[str, Any]:
    return foreign({"/a": {"get": get()}}, schemas)


def shared_response(size: int) -> dict[str, Any]:
    told = {"200": {"content": {"application/json": {"schema": ref("E")}}}}
    fields = {f"f{n}": TEXT for n in range(size)} | {"record_count": NUMBER}
    return foreign({f"/a{n}": {"get": get(responses=told)} for n in range(size)}, {"E": schema(**fields)})


def chain_of_names(size: int) -> dict[str, Any]:
    return of_schemas(**{f"R{n}": ref(f"R{n + 1}") for n in range(size)})


def many_places(size: int) -> dict[str, Any]:
    return foreign({"/a" + "".join(f"/{{p{n}}}" for n in range(size)): {"get": get()}})


def paths_of_one_name(size: int) -> dict[str, Any]:
    return foreign({f"/{{id{n}}}": {"get": get()} for n in range(size)})


def many_parameters(size: int) -> dict[str, Any]:
    return foreign({"/a": {"get": get(*(query(f"p{n}", "int") for n in range(size)))}})


def many_fields(size: int) -> dict[str, Any]:
    return of_schemas(A=schema(**{f"f{n}": TEXT for n in range(size)}))


def chain_of_owners(size: int) -> dict[str, Any]:
    return of_schemas(**{f"A{n}": schema(next=ref(f"A{n + 1}")) for n in range(size)})


def circle_of_owners(size: int) -> dict[str, Any]:
    return of_schemas(**{f"A{n}": schema(next=ref(f"A{(n + 1) % size}")) for n in range(size)})


def alternatives_named_twice(size: int) -> dict[str, Any]:
    twice = {f"A{n + 1}": {"anyOf": [ref(f"A{n}")] * 2, "properties": {f"f{n}": TEXT}} for n in range(size)}
    return foreign({"/a": {"post": post(ref(f"A{size}"))}}, {"A0": schema(id=NUMBER), **twice})


def schemas_inside_of_another(size: int) -> dict[str, Any]:
    inner = {f"g{n}": schema(id=NUMBER) for n in range(size)}
    return of_schemas(A=schema(**inner, **{f"f{n}": {"$ref": f"{INSIDE}g{n}"} for n in range(size)}))


def one_schema_inside_of_another(size: int) -> dict[str, Any]:
    return of_schemas(A=schema(g=schema(id=NUMBER), **{f"f{n}": {"$ref": f"{INSIDE}g"} for n in range(size)}))


def chain_inside_of_a_schema(size: int) -> dict[str, Any]:
    return of_schemas(A=schema(**{f"f{n}": {"$ref": f"{INSIDE}f{n + 1}"} for n in range(size)}))


def schema_inside_that_holds_itself(size: int) -> dict[str, Any]:
    around = {f"f{n}": {"type": "array", "items": {"$ref": f"{INSIDE}all"}} for n in range(size)}
    return of_schemas(A=schema(all=schema(**around)))


SHAPES: list[Shape] = [
    shared_response, chain_of_names, many_places, paths_of_one_name, many_parameters, many_fields, chain_of_owners,
    circle_of_owners, alternatives_named_twice, schemas_inside_of_another, one_schema_inside_of_another,
    chain_inside_of_a_schema, schema_inside_that_holds_itself,
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_eight_times_as_much_takes_about_eight_times_as_many_steps(shape: Shape) -> None:
    def counted(size: int) -> int:
        found = shape(size)
        return steps(lambda: pipeline.made_of(found))

    pipeline.made_of(shape(1))  # what is read once is read now
    alone = counted(1)
    assert counted(320) - alone < 13 * (counted(40) - alone)  # as the square it would be 64 times


def parts_named_twice(depth: int) -> dict[str, Any]:
    twice = {f"A{n + 1}": {"allOf": [ref(f"A{n}")] * 2, "properties": {f"f{n}": TEXT}} for n in range(depth)}
    return foreign({"/a": {"post": post(ref(f"A{depth}"))}}, {"A0": schema(id=NUMBER), **twice})


@pytest.mark.parametrize("depth", [22, 40, 400])
def test_parts_that_are_named_twice_at_every_level_are_walked_through_once(depth: int) -> None:
    def counted(levels: int) -> int:
        found = parts_named_twice(levels)
        return steps(lambda: pipeline.made_of(found))

    pipeline.made_of(parts_named_twice(1))
    # Each level has the fields of all below it, so the package itself grows as the square.
    assert counted(depth) - counted(1) < 6_000 * depth + 50 * depth**2


def body_that_is_its_operation() -> dict[str, Any]:
    here = "#/paths/~1a/post"
    told = {"200": {"$ref": f"{here}/requestBody"}, "201": {"$ref": here}}
    return foreign({"/a": {"post": {"requestBody": {"$ref": here}, "responses": told}}})


def operations_that_are_each_others_responses() -> dict[str, Any]:
    others = {"/a": "b", "/b": "c", "/c": "a"}
    refer = {path: {"200": {"$ref": f"#/paths/~1{other}/get"}} for path, other in others.items()}
    more = {
        "/d": {"200": {"$ref": "#/paths/~1a/get/responses"}, "201": {"$ref": "#/paths/~1b/get/responses"}}
    }
    return foreign({path: {"get": get(responses=told)} for path, told in (refer | more).items()})


def responses_that_are_all_responses() -> dict[str, Any]:
    told = {f"{200 + n}": {"$ref": "#/paths/~1a/get/responses"} for n in range(60)}
    return foreign({"/a": {"get": get(responses=told)}})


def body_that_is_its_path() -> dict[str, Any]:
    around = {"post": {"requestBody": {"$ref": "#/paths/~1a"}, "responses": {"200": {"$ref": "#/paths"}}}}
    return foreign({"/a": around, "/b": {"$ref": "#/paths/~1a"}, "/c": {"$ref": "#/paths"}})


def body_that_is_the_document() -> dict[str, Any]:
    return foreign({f"/a{n}": {"post": {"requestBody": {"$ref": "#"}, "responses": {}}} for n in range(20)})


@pytest.mark.parametrize(
    "made",
    [
        body_that_is_its_operation,
        operations_that_are_each_others_responses,
        responses_that_are_all_responses,
        body_that_is_its_path,
        body_that_is_the_document,
    ],
)
def test_what_refers_to_what_it_stands_in_ends(made: Callable[[], dict[str, Any]]) -> None:
    """Replaced where it stands, it would hold itself, or twice as much with each reference."""
    found = made()
    assert steps(lambda: pipeline.made_of(found), most=10_000_000) < 3_000_000
