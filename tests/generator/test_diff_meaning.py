"""The diff compares meanings: other spellings are no change, and each other meaning is named."""

from __future__ import annotations

import json
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._utils.openapi_document import load_document
from halo_generator import diff, pipeline, releases
from halo_generator.overlay import Overlay
from tests.support.documents import SPEC
from tests.support.examples import examples
from tests.support.respelling import MEANINGS, desk, drawn, respelled

SEEDS = st.integers(0, 2**32)


def read(found):
    return pipeline.made_of(found, facts=Overlay())


def told(found):
    return {(change.kind, change.where, change.name, change.breaking) for change in found.changes}


BASE = read(desk())


@given(SEEDS)
@settings(max_examples=examples(20), deadline=None)
def test_a_document_that_says_the_same_in_other_words_has_no_changes(seed):
    assert diff.compared(BASE, read(respelled(desk(), Random(seed)))).changes == []


def test_a_record_with_another_name_is_not_a_change_and_is_named():
    made = desk()
    made["components"]["schemas"]["PersonDto"] = made["components"]["schemas"].pop("Person")
    text = json.dumps(made).replace("schemas/Person", "schemas/PersonDto")
    found = diff.compared(BASE, read(json.loads(text)))
    assert (found.changes, found.renamed) == ([], {"Person": "PersonDto"})


@pytest.mark.parametrize("name", MEANINGS)
def test_each_other_meaning_is_named(name):
    change, expected = MEANINGS[name]
    made = desk()
    change(made)
    assert told(diff.compared(BASE, read(made))) == expected


@given(SEEDS)
@settings(max_examples=examples(20), deadline=None)
def test_other_meanings_are_named_among_other_words(seed):
    dice = Random(seed)
    made, expected = desk(), set()
    for name in drawn(dice, 4):
        change, named = MEANINGS[name]
        change(made)
        expected |= named
    assert told(diff.compared(BASE, read(respelled(made, dice, rename=False)))) == expected


@cache
def release(at):
    return pipeline.made_of(releases.read(SPEC / "releases")[at].document)


def test_a_real_release_in_other_words_has_no_changes():
    served = releases.read(SPEC / "releases")[-1].document
    assert diff.compared(release(-1), pipeline.made_of(respelled(served, Random(2)))).changes == []


def test_each_change_says_since_when_as_far_as_it_is_known():
    older, newer, known = release(-2), release(-1), load_document()
    found = {(c.kind, c.where, c.name): c for c in diff.compared(older, newer, known).changes}
    added = [change for change in found.values() if change.kind == "operation added"]
    gone = [change for change in found.values() if change.kind == "operation removed"]
    assert {change.since for change in added} == {"2026-09"}
    assert {change.until for change in gone} == {"2025-03"}
    fields = [change for change in found.values() if change.kind == "field added"]
    assert len(fields) > 1000
    assert {change.since for change in fields} == {"2026-09"}
