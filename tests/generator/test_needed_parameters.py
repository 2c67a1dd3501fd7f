"""Query parameters that an operation cannot do without: a document that lacks them gets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from halo_generator import overlay, pipeline
from tests.support.documents import by_id, document, get, query, service_desk


def emitted(folder: Path, found, **tables) -> str:
    path = folder / "document.json"
    path.write_text(json.dumps(found), "utf-8")
    run = pipeline.read(str(path), facts=overlay.Overlay(**tables))
    pipeline.write_package(run, folder / "acme", "acme")
    return (folder / "acme" / "api" / "tickets.py").read_text("utf-8")


@pytest.mark.parametrize("known", [[], [query("site_id", "int")]])
def test_a_needed_parameter_is_required_whether_or_not_the_document_has_it(tmp_path, known):
    paths = {"/Tickets/{id}": {"delete": get(by_id(), *known)}}
    module = emitted(tmp_path, document(paths), needed={"DELETE /Tickets/{id}": {"site_id": "integer"}})
    assert "delete(self, id: int, *, site_id: int)" in module


def test_an_operation_that_the_document_lacks_is_no_matter(tmp_path):
    needed = {"DELETE /Gone/{id}": {"x": "integer"}}
    assert "site_id" not in emitted(tmp_path, service_desk(), needed=needed)


@pytest.mark.parametrize("known", [[], [query("returnall", "bool")]])
def test_a_parameter_that_an_operation_takes_is_there_whether_or_not_the_document_has_it(tmp_path, known):
    paths = {"/Tickets/{id}": {"delete": get(by_id(), *known)}}
    module = emitted(tmp_path, document(paths), query={"DELETE /Tickets/{id}": {"returnall": "boolean"}})
    assert "delete(self, id: int, *, returnall: bool | None = None)" in module
