"""Names of columns: one rule, so that every format and every reader can hold them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async._utils.lenient import made_up
from halo_async.tables.naming import REST, folded_labels

NAMES = st.lists(st.text(st.sampled_from("aAb\"'\\\n\0_0é"), max_size=4), unique=True, max_size=6)


@given(NAMES, NAMES)
def test_names_are_told_apart_and_stay_the_same(names: list[str], more: list[str]) -> None:
    more = [name for name in more if name not in names]
    labels = folded_labels((), names)
    assert len({label.lower() for label in labels}) == len(names)
    assert all(label and label.isprintable() and not set(label) & set("\"'\\`") for label in labels)
    assert folded_labels(labels, names) == labels
    assert folded_labels((), [*names, *more])[: len(names)] == labels


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("summary", "summary"),
        ("customfields.CFfloor", "customfields.CFfloor"),
        ('a"b', "a_b_b25a3e51"),
        ("a\\b", "a_b_" + made_up("a\\b")[-8:]),
        ("a\nb", "a_b_" + made_up("a\nb")[-8:]),
        ("", "_00000000"),
        (REST, made_up(REST)),
        (made_up("x"), made_up(made_up("x"))),
    ],
)
def test_a_name_that_a_column_cannot_have_gets_a_suffix(name: str, label: str) -> None:
    assert folded_labels((), [name]) == [label]


def test_a_column_of_an_earlier_release_keeps_its_name() -> None:
    assert folded_labels(['a"b', "Id", "id"], ['a"b', "Id", "id"]) == ['a"b', "Id", "id"]
