"""The splitter agrees with Python's own JSON scanner on every page, valid or not."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.errors import DecodeError
from halo_async.pagination import split_rows as splitter
from halo_async.pagination.flat_rows import flat_rows
from halo_async.pagination.split_rows import split
from halo_async.transport import Response
from tests.support.examples import examples
from tests.support.reference_split import Found, reference

SEEDS = int(os.environ.get("HALO_SPLITS", "400"))


def found(body: bytes, key: str | None) -> Found | None:
    try:
        page = split(Response(200, {}, body, "application/json"), key)
    except DecodeError:
        return None
    return page.rows, page.total, page.bare, page.listed, page.ids


def expected(body: bytes, key: str | None) -> Found | None:
    try:
        return reference(body, key)
    except (ValueError, RecursionError):
        return None


text = st.text(st.sampled_from('ab{}[],:"\\ \n\t/é→😀\x7f'), max_size=8)
scalar = st.none() | st.booleans() | st.integers() | st.sampled_from([1.5, 1e300, -0.0, 1e22]) | text
value = st.recursive(
    scalar,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
flat = st.fixed_dictionaries({"id": st.integers(-5, 10**20)}, optional={"a": scalar, "{": text})
odd = st.fixed_dictionaries({"id": scalar | st.lists(st.integers(), max_size=1)}, optional={"x": value})
nested = st.fixed_dictionaries({"x": value, "id": st.integers()}, optional={"id2": value})
listed = st.lists(flat, max_size=5) | st.lists(nested | flat, max_size=4) | st.lists(odd | value, max_size=3)
sides = st.dictionaries(
    st.sampled_from(
        ["columns", "Folders", "other", "error", "ErrorMessage", "page_no", "tickets", "TICKETS"]
    ),
    st.just([]) | value | st.lists(flat, max_size=3),
    max_size=3,
)
totals = st.sampled_from([0, 1, 7, -1, "7", "0", None, 1.0, 10**15, True, "x"])


@st.composite
def bodies(draw: Any) -> bytes:
    rows = draw(listed)
    content: Any = rows
    if draw(st.booleans()):
        members = list({"record_count": draw(totals), "tickets": rows, **draw(sides)}.items())
        draw(st.randoms()).shuffle(members)
        content = dict(members[draw(st.integers(0, 1)) :])
    written = json.dumps(
        content,
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.sampled_from([None, None, 1])),
        separators=draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : ")])),
    )
    return written.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"]))).encode()


@settings(max_examples=examples(300), deadline=None)
@given(bodies(), st.sampled_from(["tickets", None]))
def test_every_page_is_split_as_a_slow_scanner_would(body: bytes, key: str | None) -> None:
    assert found(body, key) == expected(body, key)


SAMPLES = [
    b'{"page_no":1,"record_count":3,"tickets":[{"id":1,"s":"a}"},{"id":2,"t":[1,[2]]},{"id":3,"s":"]}"}],"more":"{}"}',
    b'{"tickets":[{"id":1,"id":7},{"id":2,"n":null}],"record_count":"2"}',
    b'[{"id":1},{"id":2},{"id":3}]',
    b'[ {"id": 1, "x": {"id": 5}} ,\n {"id": 2, "s": "\\ud83d\\ude00"}\r\n]',
    b'{"tickets":[{"id":1,"s":"},{\\"id\\":2}"},{"id":2,"f":1e5}],"columns":[{"id":9}]}',
    '[{"id":1,"s":"é→"},{"id":2,"s":"\\u00e9\\/"}]'.encode(),
    b'{"record_count":0,"tickets":null}',
    b'[{"id":1,"s":"\\ud800"},{"id":2}]',
    b'{"tickets":[{"x":[{"id":1},{"id":2}]},{"y":1,"id":2}]}',
]
PIECES = [bytes([sign]) for sign in b'{}[]"\\,: \n\x00\xff\xc30-.e1']
PIECES += [b"id", b'"id":4', b"null", b"NaN", b"},{", b"\\u0069d", b"\\ud800", b"\xef\xbb\xbf"]


def changed(sample: bytes, chance: random.Random) -> bytes:
    """Return the sample with one to three bytes or pieces left out, put in or exchanged."""
    for _ in range(chance.randint(1, 3)):
        at, much = chance.randrange(len(sample) + 1), chance.choice([0, 0, 1, 1, 2, 8])
        sample = sample[:at] + chance.choice([b"", *PIECES]) + sample[at + much :]
    return sample


def test_every_damaged_page_is_refused_or_split_as_a_slow_scanner_would() -> None:
    for seed in range(SEEDS):
        chance = random.Random(seed)
        body = changed(chance.choice(SAMPLES), chance)
        for key in ("tickets", None):
            assert found(body, key) == expected(body, key), (seed, body)


def test_the_rows_of_a_flat_page_are_cut_out_by_their_braces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splitter, "_page_of_parts", lambda *args: pytest.fail("a second pass"))
    body = b'{"record_count":3,"tickets":[{"id":1,"a":[1,2]},{"id":2} , {"id":3,"s":"}]"}],"include":false}'
    page = split(Response(200, {}, body), "tickets")
    assert (page.rows, page.ids) == ([b'{"id":1,"a":[1,2]}', b'{"id":2}', b'{"id":3,"s":"}]"}'], [1, 2, 3])


def test_a_reader_of_rows_is_tried_on_each() -> None:
    class Row(msgspec.Struct):
        id: int
        s: str

    reader = msgspec.json.Decoder(Row).decode
    for body, read_by in (
        (b'[{"id":1,"s":"a"},{"id":2,"s":"b"}]', reader),
        (b'[{"id":1,"s":"a"},{"id":2,"s":"b","x":{}}]', reader),
        (b'[{"id":1,"s":"a"},{"id":2,"s":7}]', None),
        (b'[{"id":1,"s":"a"},{"id":2,"s":"\\ud800"}]', None),
    ):
        page = split(Response(200, {}, body), None, reader)
        assert (page.ids, page.read_by) == ([1, 2], read_by)
        assert b"[" + b",".join(page.rows) + b"]" == body


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id":1,"s":"{"}]',
        b'[{"id":1,"x":{}}]',
        b'[{"id":1,"s":"}}}}}}}}"}]',
    ],
)
def test_a_page_whose_braces_do_not_tell_its_rows_needs_a_second_pass(body: bytes) -> None:
    assert flat_rows(body) is None
    assert split(Response(200, {}, body), None).rows == [body[1:-1]]


def test_rows_without_line_breaks_stay_as_they_came_beside_others_with_them() -> None:
    page = split(Response(200, {}, b'[\n{"id": 1},\n{"id":\n2, "s": "a  b"}\n]'), None)
    assert page.rows == [b'{"id": 1}', b'{"id":2,"s":"a  b"}']


def test_arrays_below_flat_rows_are_measured_too() -> None:
    deep = b'[{"id":1,"x":%b%b}]'
    assert found(deep % (b"[" * 498, b"]" * 498), None) is not None
    assert found(deep % (b"[" * 499, b"]" * 499), None) is None
