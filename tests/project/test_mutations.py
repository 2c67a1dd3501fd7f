"""Planted faults fit the code and the tests as they are."""

from __future__ import annotations

import pytest

from tests.mutations.planted import Mutation, mutations

ALL = mutations()


@pytest.mark.parametrize("mutation", ALL, ids=lambda mutation: mutation.name)
def test_a_planted_fault_fits_the_code_and_names_tests(mutation: Mutation) -> None:
    assert not mutation.problems(), (
        "Change the entry in tests/mutations as the code was changed, or delete it."
    )
    assert mutation.tests
    assert mutation.breaks.endswith(".")
    assert all(change.text != change.replacement for change in mutation.changes)


def test_each_planted_fault_has_its_own_name() -> None:
    assert len({mutation.name for mutation in ALL}) == len(ALL)
