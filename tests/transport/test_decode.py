from __future__ import annotations

import pytest

from halo_async.errors import DecodeError, UnexpectedContentTypeError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Response


def decode(body: bytes, content_type: str = "application/json"):
    return decode_json(Response(200, {}, body, content_type))


def test_f45_integers_of_any_size_stay_exact() -> None:
    assert decode(b"[9223372036854775808, 18446744073709551616, -18446744073709551617]") == [
        2**63,
        2**64,
        -(2**64) - 1,
    ]


def test_f46_a_byte_order_mark_is_tolerated() -> None:
    assert decode(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [b'{"a":"\xe9"}', '{"a":1}'.encode("utf-16"), b'{"a":"\\ud800"}', b'{"a":\x00}', b'"\x00"'],
    ids=["latin-1", "utf-16", "lone surrogate", "NUL", "NUL in a string"],
)
def test_f46_other_encodings_are_one_kind_of_error(body) -> None:
    with pytest.raises(DecodeError):
        decode(body)


@pytest.mark.parametrize("body", [b"[NaN]", b"[Infinity]", b"[-Infinity]", b"[1e400]"])
def test_f44_numbers_that_are_none_are_refused(body) -> None:
    with pytest.raises(DecodeError):
        decode(body)


@pytest.mark.parametrize("body", [b'{"a":1', b"[1,2] x", b"{}{}", b"hello", b"[1,]"])
def test_f08_malformed_json_is_a_decode_error(body) -> None:
    with pytest.raises(DecodeError, match="is not valid JSON"):
        decode(body)


def test_f47_the_last_of_repeated_keys_wins() -> None:
    assert decode(b'{"a":1,"a":2}') == {"a": 2}


@pytest.mark.parametrize("levels", [501, 2_000, 200_000])
def test_f47_deep_nesting_is_a_decode_error(levels: int) -> None:
    with pytest.raises(DecodeError, match="nested deeper than 500 levels"):
        decode(b"[" * levels + b"]" * levels)


@pytest.mark.parametrize("content_type", ["text/html", "application/json", ""])
def test_f09_a_login_page_is_told_from_json(content_type) -> None:
    with pytest.raises(UnexpectedContentTypeError, match="Sign in to Halo"):
        decode(b"\r\n<!DOCTYPE html><html><body>Sign in <i>to</i> Halo</body></html>", content_type)


@pytest.mark.parametrize(
    ("body", "value"), [(b"", None), (b"null", None), (b'""', ""), (b"3", 3), (b" [] ", [])]
)
def test_f10_scalars_and_nothing_are_values(body, value) -> None:
    assert decode(body) == value


def test_an_error_does_not_quote_the_response() -> None:
    with pytest.raises(DecodeError) as caught:
        decode(b'{"password":"hunter2"')
    assert "hunter2" not in str(caught.value)
