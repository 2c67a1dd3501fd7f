"""What is committed is what the generator makes of the facts in spec/, and holds no sentence of the vendor's."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from halo_generator import emit, overlay, pipeline, releases, source, spec_folder
from halo_generator.report import CanonicalReport
from halo_generator.surface_text import surface_lines
from halo_generator.traversal import operations
from tests.support.documents import REAL, ROOT, SPEC, needs_real_document

OVERLAY = SPEC / "overlay.toml"
FORM = SPEC / pipeline.DOCUMENT_NAME


@pytest.fixture(scope="module")
def form():
    return json.loads(FORM.read_text("utf-8"))


def generated() -> list[Path]:
    folders = [ROOT / "halo_async" / part for part in spec_folder.FOLDERS]
    return [path for folder in folders for path in folder.rglob("*.py*") if path.suffix in (".py", ".pyi")]


def test_the_committed_modules_are_what_the_facts_give():
    found = spec_folder.read(SPEC)
    run = spec_folder.generated(found, OVERLAY)
    assert spec_folder.differences(run, found, ROOT / "halo_async", SPEC, OVERLAY) == []
    again = pipeline.read(str(FORM), facts=overlay.read(OVERLAY))
    assert surface_lines(again.surface) == surface_lines(run.surface)
    assert emit.modules(again.surface) == emit.modules(run.surface)


def test_the_canonical_document_is_valid_openapi(form):
    validate(form)


def test_every_described_operation_is_there_with_its_parameters(form):
    shared = form["components"]["parameters"]
    with (ROOT / "tests" / "data" / "described_operations.tsv").open(encoding="utf-8") as lines:
        described = list(csv.DictReader(lines, delimiter="\t"))
    assert len(described) == 252
    for row in described:
        operation = form["paths"][row["path"]][row["method"].lower()]
        listed = operation.get("parameters", [])
        names = {(shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p)["name"] for p in listed}
        assert set(filter(None, row["query_parameters"].split(","))) <= names, row


def test_no_operation_is_lost_or_named_twice(form):
    names = [operation["operationId"] for _, _, operation in operations(form)]
    assert len(names) == 1558
    assert len(set(names)) == len(names)


def test_the_canonical_document_holds_no_prose(form):
    pending = [form]
    said = set()
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            said |= {node[key] for key in ("description", "summary") if isinstance(node.get(key), str)}
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    assert said == {"OK", "Created", "Refused; the body may be empty."}


def test_the_generated_folders_stay_within_their_budget_of_lines():
    lines = sum(len(path.read_text("utf-8").splitlines()) for path in generated())
    assert 30_000 < lines <= 70_000


@needs_real_document
@pytest.mark.parametrize("name", REAL)
def test_a_real_document_gives_the_committed_facts_of_its_release(name):
    earlier = [release for release in spec_folder.read(SPEC) if release.name < name]
    report = CanonicalReport()
    found = releases.taken_in(source.load(str(REAL[name])), name, earlier, report)
    text = releases.files(found)[f"{name}.json"]
    assert text == (SPEC / "releases" / f"{name}.json").read_text("utf-8")
    counts = {rule: len(places) for rule, places in report.repaired.items()}
    assert counts["duplicate parameters"] == (13 if name == "2026-09" else 22)
    assert not report.degraded


@needs_real_document
@pytest.mark.parametrize("name", REAL)
def test_no_operation_of_a_real_document_is_dropped(form, name):
    real = source.load(str(REAL[name]))
    missing = [(m, p) for m, p, _ in operations(real) if m not in form["paths"].get(p, {})]
    assert missing == []


@needs_real_document
@pytest.mark.parametrize("name", ["2024-09", "2025-03"])
def test_no_sentence_of_a_real_document_is_in_the_project(name):
    pending, sentences = [source.load(str(REAL[name]))], set()
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            texts = [node.get(key) for key in ("description", "summary")]
            sentences |= {t.strip() for t in texts if isinstance(t, str) and len(t.split()) >= 4}
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    assert len(sentences) > 100
    traces = [FORM, SPEC / "surface.txt", *(SPEC / "releases").glob("*.json")]
    written = "\n".join(p.read_text("utf-8") for p in [*traces, *generated()])
    assert [text for text in sentences if text in written] == []
