"""Hover texts in the generated modules: every operation, every parameter that the overlay explains, every record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import halo_async
from halo_async import models
from halo_generator import overlay
from halo_generator.explanations import explanation
from halo_generator.types import Type

PACKAGE = Path(halo_async.__file__).parent
MOST_LINES = 70_000


@pytest.fixture(scope="module")
def operations():
    return {operation.name: operation for operation in halo_async.operations()}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("client_contract.list", "GET /ClientContract: list client contracts, page after page."),
        ("tickets.get", "GET /Tickets/{id}: read one ticket by its id."),
        ("sla.upsert", "POST /SLA: create SLAs, or update those that have an id."),
        ("actions.delete", "DELETE /Actions/{id}: delete one action, and return what was deleted."),
        ("myob_details.list", "GET /MYOBdetails: list MYOB details."),
        ("actions.review", 'POST /Actions/Review: call "review" of actions.'),
    ],
)
def test_an_operation_says_what_it_does(operations, name: str, said: str) -> None:
    assert operations[name].doc == said


def test_every_operation_says_its_method_path_and_purpose(operations) -> None:
    for operation in operations.values():
        start = f"{operation.method} {operation.path}: "
        assert operation.doc.startswith(start)
        assert re.match(r"(?:list|read|create|delete|fetch|call) \S", operation.doc[len(start) :])


def test_every_parameter_that_the_overlay_explains_is_explained(operations) -> None:
    explained = overlay.read().explained
    seen = set()
    for operation in operations.values():
        for parameter in operation.parameters:
            if parameter.name in explained:
                seen.add(parameter.name)
                assert f":param {parameter.python_name}: " in operation.stub.__doc__, operation.name
    assert seen == set(explained)


def test_a_record_says_which_operations_return_and_take_it() -> None:
    doc = models.Action.__doc__
    assert "Returned by actions.get, actions.upsert" in " ".join(doc.split())
    assert "Taken by actions.upsert" in " ".join(doc.split())


def test_several_values_choices_and_cursors_are_explained() -> None:
    facts = {"kind": "proxy", "parameter": "nextLink", "paging_flag": "paginate"}
    assert explanation("agent", Type("Many[int]"), {"kind": "list"}, {}).startswith("one value or several")
    assert (
        explanation("domain", Type('Literal["opps", "reqs"] | str'), {"kind": "list"}, {})
        == "`opps` or `reqs`; instances may know others."
    )
    assert "next page" in explanation("nextLink", Type("str"), facts, {})
    assert explanation("unknown", Type("int"), {"kind": "list"}, {}) == ""


def test_hover_texts_keep_the_generated_modules_within_their_size() -> None:
    lines = sum(
        path.read_bytes().count(b"\n")
        for folder in ("api", "models")
        for path in (PACKAGE / folder).rglob("*.py")
    )
    assert lines <= MOST_LINES
