"""Bodies deeper than 500 levels are refused wherever they are read, at the same depth on every Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._utils.json_depth import DEPTH_LIMIT, check_depth, decode, exceeds_depth, has_openers
from halo_async.emulator.call import EmulatorCall
from halo_async.errors import DecodeError, WebhookError
from halo_async.pagination.split_rows import split
from halo_async.records.struct_rows import FieldNames, shape_of
from halo_async.transport import Response
from halo_async.transport.decode import decode_json
from halo_async.transport.error_messages import summarise_error
from halo_async.webhooks.receiver import WebhookReceiver
from tests.support.examples import examples

JSON = "application/json"
LEAVES = [
    b"1",
    b"null",
    b'"x"',
    b'"}]"',
    b'"[{[{"',
    b'"\\\\"',
    b'"\\"[{"',
    b"[]",
    b"{}",
    b'{"b":[]}',
    b"1e400",
]
SIBLINGS = [b"", b'"}}}]]]"', b"7", b'{"a":[1]}', b'"\\"[[["', b"[[],{}]", b'"' + b"[" * 600 + b'"']


def nest(kinds: list[bool], leaf: bytes, sibling: bytes) -> bytes:
    """A value in so many arrays (True) and objects, of which each has another value too."""
    head = b"".join(
        (b"[" + sibling + b"," if sibling else b"[") if kind else b'{"]":' for kind in reversed(kinds)
    )
    tail = b"".join(b"]" if kind else (b',"[":' + sibling + b"}" if sibling else b"}") for kind in kinds)
    return head + leaf + tail


def depth_of(text: bytes) -> int:
    """By a count of brackets outside of strings, which nothing of ours does."""
    depth = deepest = at = 0
    while at < len(text):
        sign = text[at : at + 1]
        if sign == b'"':
            at += 1
            while text[at : at + 1] != b'"':
                at += 2 if text[at : at + 1] == b"\\" else 1
        depth += (sign in b"[{") - (sign in b"]}")
        deepest = max(deepest, depth)
        at += 1
    return deepest


texts = st.builds(
    nest,
    st.integers(DEPTH_LIMIT - 6, DEPTH_LIMIT + 4).flatmap(
        lambda count: st.one_of(
            st.just([True] * count),
            st.just([False] * count),
            st.lists(st.booleans(), min_size=count, max_size=count),
        )
    ),
    st.sampled_from(LEAVES),
    st.sampled_from(SIBLINGS),
)


def refused(read: Callable[[], Any], *errors: type[Exception]) -> bool:
    try:
        read()
    except errors as error:
        assert "nested deeper than 500 levels" in str(error)
        return True
    return False


@given(texts)
def test_the_limit_is_exact(text: bytes) -> None:
    deep = depth_of(text) > DEPTH_LIMIT
    assert exceeds_depth(text) is deep
    if b"1e400" not in text:
        assert refused(lambda: decode(text), RecursionError) is deep
        assert refused(lambda: check_depth(msgspec.json.decode(text)), RecursionError) is deep


@settings(max_examples=examples(40))
@given(texts)
def test_no_reader_of_responses_takes_more_or_less(text: bytes) -> None:
    deep = depth_of(text) > DEPTH_LIMIT - 3
    row = b'{"id":1,"deep":' + text + b"}"
    page = b'{"record_count":1,"tickets":[' + row + b"]}"
    shape = shape_of(FieldNames(("id", "deep"), ("record_count",), "tickets", frozenset({"deep"})))
    if b"1e400" in text:
        assert not deep or refused(lambda: _split_error(page), RecursionError)
        return
    response = Response(200, {}, page, JSON)
    assert refused(lambda: decode_json(response), DecodeError) is deep
    assert refused(lambda: split(response, "tickets"), DecodeError) is deep
    assert refused(lambda: shape.decode(page), RecursionError) is deep
    call = EmulatorCall(None, {}, [], page)  # type: ignore[arg-type]
    assert refused(call.json, ValueError) is deep
    delivery = b'{"id":"1","event":"x","content":[' + row + b"]}"
    receive = WebhookReceiver(None, None, unpack=lambda value: [])
    assert refused(lambda: receive.events({"content-type": JSON}, delivery), WebhookError) is deep
    bare = b"[" + row + b"]"
    deep_bare = depth_of(bare) > DEPTH_LIMIT
    assert refused(lambda: split(Response(200, {}, bare, JSON), "tickets"), DecodeError) is deep_bare
    listed = shape_of(FieldNames(("id", "deep"), nested=frozenset({"deep"})))
    assert refused(lambda: listed.decode(bare), RecursionError) is deep_bare


def _split_error(page: bytes) -> None:
    """An export reads numbers out of range as text, so that its rows are measured without being decoded."""
    try:
        split(Response(200, {}, page, JSON), "tickets")
    except DecodeError as error:
        raise RecursionError("nested deeper than 500 levels") from error


@pytest.mark.parametrize("deep", [DEPTH_LIMIT - 2, DEPTH_LIMIT - 1])
def test_what_stands_beside_the_rows_counts_too(deep: int) -> None:
    beside = b"[" * deep + b"]" * deep
    page = (
        b'{"record_count":1,"fields":{"a":'
        + beside
        + b'},"tickets":['
        + b'{"id":1,"a":[{}]},' * 400
        + b'{"id":2}]}'
    )
    assert refused(lambda: split(Response(200, {}, page, JSON), "tickets"), DecodeError) is (
        deep > DEPTH_LIMIT - 2
    )


@pytest.mark.parametrize("levels", [501, 5_000, 200_000])
def test_an_error_body_that_is_too_deep_is_shown_as_text(levels: int) -> None:
    body = b'{"message":' + b"[" * levels + b"]" * levels + b"}"
    assert summarise_error(body[:60_000]).fields == ()


def test_values_are_those_of_any_other_decoder() -> None:
    below = {"b": [{"c": [[[{"d": [1, {"e": []}]}]]]}]}
    value = {"a": [1, -5, 2**70, 10**400, 1.5, None, True, "x", "", below], "": {}}
    text = json.dumps(value).encode()
    assert decode(text) == msgspec.json.decode(text) == value
    assert repr(decode(text)) == repr(msgspec.json.decode(text))


@pytest.mark.parametrize(
    "text",
    [b"[1,]", b'{"a":1', b"NaN", b"[1e400]", b'"\\ud800"', b'"\xff"', b"", b"01", b'{"a" 1}', b"[] []"],
)
def test_errors_are_those_of_any_other_decoder(text: bytes) -> None:
    with pytest.raises(ValueError) as theirs:
        msgspec.json.decode(text)
    with pytest.raises(ValueError) as ours:
        decode(text)
    assert (type(ours.value), str(ours.value)) == (type(theirs.value), str(theirs.value))


@given(st.lists(st.sampled_from([b"[", b"{", b"x", b"]"])), st.integers(0, 30))
def test_brackets_are_counted_up_to_a_limit(parts: list[bytes], count: int) -> None:
    text = b"".join(parts)
    assert has_openers(text, count) is (text.count(b"[") + text.count(b"{") > count)
