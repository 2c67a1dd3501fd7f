"""Docstrings of public functions: each parameter, and the errors that are raised on purpose."""

from __future__ import annotations

import pytest

from tests.support.docstrings import Described, public_functions, raises_unsaid, undescribed_parameters

FUNCTIONS = list(public_functions())


@pytest.mark.parametrize("described", FUNCTIONS, ids=[each.name for each in FUNCTIONS])
def test_a_public_function_describes_its_parameters_and_its_errors(described: Described) -> None:
    assert undescribed_parameters(described) == []
    assert not raises_unsaid(described), "no :raises"


def test_the_functions_that_matter_are_looked_at() -> None:
    names = {each.name for each in FUNCTIONS}
    assert len(names) > 80
    assert {"halo_async.Client", "halo_async.Client.export", "halo_async.RateLimit.parse"} <= names


def test_what_is_missing_is_found() -> None:
    def bad(number: int, text: str) -> None:
        """Do it with `text`."""
        raise ValueError(number)

    described = Described("bad", bad, bad.__doc__ or "")
    assert undescribed_parameters(described) == ["number"]
    assert raises_unsaid(described)
