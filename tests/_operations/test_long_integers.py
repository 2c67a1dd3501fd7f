"""Integers with more digits than Python turns into text: a sentence, in a body and in a query."""

from __future__ import annotations

import pytest

from halo_async._operations.serialization import encode_json, query_pairs
from halo_async.errors import InvalidRequestError

TOO_LONG = [10**4300, -(10**5000)]


@pytest.mark.parametrize("value", TOO_LONG, ids=["4301", "-5001"])
def test_an_integer_of_too_many_digits_is_refused_in_a_sentence(value: int) -> None:
    with pytest.raises(InvalidRequestError, match="more than 4,300 digits"):
        encode_json({"value": value})
    with pytest.raises(InvalidRequestError, match=r"integer count has more than 4,300 digits"):
        list(query_pairs("count", value))


def test_an_integer_beyond_every_float_is_sent_as_it_is() -> None:
    assert encode_json([10**400]) == b"[1" + b"0" * 400 + b"]"
    assert dict(query_pairs("count", 10**400)) == {"count": str(10**400)}
