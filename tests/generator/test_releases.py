"""The releases taken in: what each has, what their union keeps of it, and that the union gives each of them back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

import pytest

from halo_async._utils.openapi_releases import document_of_release, releases
from halo_generator import code_text, overlay, pipeline, release_history, spec_folder
from halo_generator.releases import Release
from halo_generator.traversal import Json, operations
from tests.support.documents import SPEC
from tests.support.package_kit import check

OVERLAY = overlay.read(SPEC / "overlay.toml")
COUNTS = {"2024-09": 1216, "2025-03": 1331, "2026-09": 1455}


@cache
def taken_in() -> dict[str, Release]:
    return {release.name: release for release in spec_folder.read(SPEC)}


@cache
def union() -> Json:
    found: Json = json.loads((SPEC / pipeline.DOCUMENT_NAME).read_text("utf-8"))
    return found


def resolved(document: Json) -> Json:
    """A document whose operations have their parameters by location and name."""
    shared = document["components"].get("parameters", {})
    made: Json = {}
    for method, path, operation in operations(document):
        listed = [
            shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p
            for p in operation.get("parameters", ())
        ]
        made[f"{method} {path}"] = {**operation, "parameters": {(p["in"], p["name"]): p for p in listed}}
    return made


def test_each_release_has_the_operations_of_its_document_and_the_union_has_all():
    counted = {name: sum(1 for _ in operations(release.document)) for name, release in taken_in().items()}
    assert counted == COUNTS
    assert sum(1 for _ in operations(union())) == 1558
    everything = {
        (method, path) for release in taken_in().values() for method, path, _ in operations(release.document)
    }
    assert {(method, path) for method, path, _ in operations(union())} == everything


def test_the_union_has_every_parameter_and_field_of_every_release():
    there = resolved(union())
    for release in taken_in().values():
        for where, operation in resolved(release.document).items():
            renamed = OVERLAY.parameters.get(where.replace("get ", "GET "), {})
            names = {(place, renamed.get(name, name)) for place, name in operation["parameters"]}
            assert names <= there[where]["parameters"].keys(), where
        for name, schema in release.facts["schemas"].items():
            fields = union()["components"]["schemas"][name].get("properties", {})
            assert schema.get("properties", {}).keys() <= fields.keys(), name


@pytest.mark.parametrize("name", COUNTS)
def test_the_union_gives_the_canonical_document_of_each_release(name):
    assert releases(union()) == tuple(COUNTS)
    given = document_of_release(union(), name)
    expected = pipeline.canonical_form(taken_in()[name].document, OVERLAY)
    assert resolved(given) == resolved(expected)
    assert given["components"]["schemas"] == expected["components"]["schemas"]


def test_a_release_that_nobody_took_in_is_refused():
    with pytest.raises(
        ValueError, match=r"'2023-01' is not a release of this document\. Use one of 2024-09, "
    ):
        document_of_release(union(), "2023-01")


def test_what_there_was_always_has_no_lifetime_and_what_came_or_went_has():
    paths = union()["paths"]
    assert release_history.of(paths["/Tickets"]["get"]) == release_history.ALWAYS
    assert release_history.KEY not in paths["/Status"]["get"]
    assert str(release_history.of(paths["/IncomingWebhook"]["get"])) == "since 2026-09"
    gone = [release_history.of(o) for _, _, o in operations(union()) if release_history.of(o).until]
    assert len(gone) == 1558 - 1455
    parts = release_history.of_members(paths["/Agent"]["get"])
    assert parts["basic_fields_only"] == release_history.Lifetime(since="2026-09")
    assert "count" not in parts


def stated() -> Iterator[tuple[str, str, Json]]:
    """Every operation of 2026 that states what it returns: method, path, the contents by status."""
    for path, item in taken_in()["2026-09"].facts["paths"].items():
        for method, operation in item.items():
            if "responses" in operation:
                yield method, path, operation["responses"]


def test_every_response_that_2026_states_is_taken_from_there_but_for_one_that_is_wrong():
    found = list(stated())
    assert len(found) == 84
    lists, different = 0, []
    for method, path, responses in found:
        ours = union()["paths"][path][method]
        lists += ours["x-halo"]["kind"] == "list"
        ((status, content),) = responses.items()
        response = ours["responses"].get(status, {})
        if "x-halo-inferred" in response or response.get("content") != content:
            different.append(f"{method} {path}")
        elif ours["x-halo"]["kind"] == "list":
            assert ours["x-halo"]["sure"] == "documented"
    assert lists == 28
    assert different == ["get /Attachment/{id}"]
    file = union()["paths"]["/Attachment/{id}"]["get"]["responses"]["200"]
    assert file["content"] == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def test_the_report_says_where_document_and_overlay_differ_and_what_is_kept():
    run = spec_folder.generated(list(taken_in().values()), SPEC / "overlay.toml")
    assert [note for note in run.report.notes if "the document is followed" in note] == [
        "GET /DashboardLinks: the document states an array of DashboardLinks, the overlay has an envelope"
        " under 'dashboards' of DashboardLinks; the document is followed",
        "GET /Users/me: the document states Users, the overlay has Users_List; the document is followed",
    ]
    kept = [note for note in run.report.notes if note.startswith("kept")]
    assert "kept although newer documents lack it: POST /Attachment (body until 2025-03)" in kept
    for note in kept:
        assert any(f" {place} " in note.lower() for place in OVERLAY.bodies), (
            f"{note}: not in [bodies] of the overlay"
        )


@pytest.mark.parametrize("name", COUNTS)
def test_each_document_alone_gives_a_whole_package_that_can_upload(name):
    run = pipeline.made_of(taken_in()[name].document, facts=overlay.merged(None))
    assert len(run.surface.operations) == COUNTS[name]
    (attachment,) = [resource for resource in run.surface.resources if resource.name == "attachment"]
    assert attachment.written is not None
    assert attachment.mixin is not None
    added = [note for note in run.report.notes if note.startswith("added: ")]
    assert any("POST /Attachment" in note for note in added) is (name == "2026-09")
    check(run)


def test_the_hover_text_of_records_and_operations_names_each_field_and_parameter_that_came_or_went():
    run = spec_folder.generated(list(taken_in().values()), SPEC / "overlay.toml")
    told = 0
    for record in run.surface.records:
        lines = code_text.record_doc(record)
        for field in record.fields if record.name != "Control" else ():  # which has thousands
            if field.lifetime != release_history.ALWAYS:
                assert re.search(rf"\b{field.python_name}\b", lines), (record.name, field.python_name)
                told += 1
    for resource, operation in run.surface.operations:
        lines = code_text.operation_doc(operation, resource.name)
        for parameter in operation.parameters:
            if parameter.lifetime != release_history.ALWAYS:
                assert re.search(rf"\b{parameter.python_name}\b", lines), operation
                told += 1
    assert told > 3000
