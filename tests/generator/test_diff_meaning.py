"""The diff compares meanings: other spellings are no change, and each other meaning is named."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_generator import diff, pipeline, releases
from halo_generator.overlay import Overlay
from tests.support.documents import SPEC
from tests.support.respelling import MEANINGS, desk, drawn, respelled

SEEDS = st.integers(0, 2**32)


def read(found):
    return pipeline.made_of(found, facts=Overlay())


def told(found):
    return {(change.kind, change.where, change.name, change.breaking) for change in found.changes}


BASE = read(desk())


@given(SEEDS)
@settings(max_examples=30, deadline=None)
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
@settings(max_examples=30, deadline=None)
def test_other_meanings_are_named_among_other_words(seed):
    dice = Random(seed)
    made, expected = desk(), set()
    for name in drawn(dice, 4):
        change, named = MEANINGS[name]
        change(made)
        expected |= named
    assert told(diff.compared(BASE, read(respelled(made, dice, rename=False)))) == expected


def test_a_real_release_in_other_words_has_no_changes():
    served = releases.read(SPEC / "releases")[-1].document
    said = pipeline.made_of(respelled(served, Random(2)))
    assert diff.compared(pipeline.made_of(served), said).changes == []
