"""Which decoded values count as errors, however their fields are spelt and wherever they stand."""

from __future__ import annotations

from typing import Any

import pytest

from halo_async.transport.hidden_errors import is_error

FIELDS = {f"field_{number}": number for number in range(100)}
SPELLINGS = (str, str.upper, str.title, lambda name: f"_{name[:3]}_{name[3:]}__")


@pytest.mark.parametrize("spelt", SPELLINGS)
@pytest.mark.parametrize(
    "error",
    [
        {"classname": "System.NullReferenceException", "message": None},
        {"resultcode": 0, "errormessage": "not saved"},
        {"error": "not saved"},
        {"errors": ["not saved"]},
        {"errormessage": "not saved"},
        {"error": True, "message": "not saved"},
        {"message": "not saved", "stacktrace": None},
    ],
    ids=lambda error: "+".join(error),
)
def test_an_error_is_one_among_other_fields_in_any_spelling(error: dict[str, Any], spelt: Any) -> None:
    spelt_error = {spelt(name): value for name, value in error.items()}
    assert is_error({**FIELDS, **spelt_error})
    assert is_error({**spelt_error, **FIELDS, "\ud800 ä": 1})


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"message": "hello"},
        {"id": 5, "error": "of the last synchronisation"},
        {"error": ""},
        {"last_error\nerror": "a name of two lines"},
        {"errors_": [], "is_error": "no"},
        ["error"],
        "error",
    ],
)
def test_a_record_is_none(value: Any) -> None:
    assert not is_error({**FIELDS, **value} if isinstance(value, dict) else value)
