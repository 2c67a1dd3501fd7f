"""Large bodies are read in pieces, as they would be read at once."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._operations.list_envelope import PageData, joined, row_count
from halo_async.errors import DecodeError
from halo_async.pagination.body_pieces import read_in_pieces
from halo_async.pagination.list_reading import list_reader
from halo_async.pagination.split_rows import RowPage, _joined, _row_count, _split_at_once, split
from halo_async.transport.types import Response
from tests.support.examples import examples

SIZE = 48
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    ["},{", '"}, {"', "]}", '"tickets":[{', "\\", "}\n,\n{"]
)
leaves = st.none() | st.booleans() | st.integers() | texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
rows = st.dictionaries(st.sampled_from(["id", "a", "tickets", "record_count"]), values, max_size=4)
lists = st.lists(rows | values, max_size=4) | st.lists(rows, max_size=12)
fields = st.dictionaries(
    st.sampled_from(["columns", "record_count", "page_no", "other", "error", "TICKETS"]),
    values | lists,
    max_size=3,
)
indents = st.sampled_from([None, 0, 2])


def respond(body: bytes) -> Response:
    return Response(200, {}, body, "application/json")


def shown(page: PageData | RowPage) -> Any:
    if isinstance(page, RowPage):
        return page
    return page.rows, page.total, page.bare, page.key, page.rest


def outcome(read: Any, body: bytes) -> Any:
    try:
        return shown(read(respond(body)))
    except DecodeError as error:
        return type(error), str(error)


def both(key: str | None, body: bytes) -> None:
    at_once = list_reader(key)
    in_pieces = partial(read_in_pieces, key=key, read=at_once, join=joined, count=row_count, size=SIZE)
    assert outcome(in_pieces, body) == outcome(at_once, body)
    splitting = partial(_split_at_once, key=key)
    split_up = partial(read_in_pieces, key=key, read=splitting, join=_joined, count=_row_count, size=SIZE)
    found, expected = outcome(split_up, body), outcome(splitting, body)
    if isinstance(expected, RowPage):
        assert (found.rows, found.total, found.bare, found.listed, found.ids) == (
            expected.rows,
            expected.total,
            expected.bare,
            expected.listed,
            expected.ids,
        )
    else:
        assert found == expected


@settings(deadline=None, max_examples=examples(150))
@given(fields, lists, fields, indents, st.sampled_from(["tickets", None]), st.booleans())
def test_nothing_is_read_otherwise_than_at_once(before, listed, after, indent, key, with_mark):
    separators = (",", ":") if indent is None else None
    body = json.dumps({**before, "tickets": listed, **after}, indent=indent, separators=separators).encode()
    both(key, (b"\xef\xbb\xbf" if with_mark else b"") + body)
    both(key, json.dumps(listed, indent=indent, separators=separators).encode())


@settings(deadline=None)
@given(st.lists(rows, min_size=4, max_size=12), st.data())
def test_broken_bodies_are_refused_as_at_once(listed, data):
    body = json.dumps({"record_count": 3, "tickets": listed, "page_no": 1}, separators=(",", ":")).encode()
    at = data.draw(st.integers(0, len(body)))
    both(
        "tickets", body[:at] + data.draw(st.sampled_from([b"", b",", b"}", b"\xff", b'"', b"{"])) + body[at:]
    )
    both("tickets", body[:at])


MANY = [{"id": n, "text": "},{" * 3} for n in range(40)]


@pytest.mark.parametrize(
    "body",
    [
        b'{"tickets":%b,"tickets":[{"id":1}]}',
        b'{"tickets":%b,"t\\u0069ckets":[{"id":1}]}',
        b'{"tickets":[{"id":1}],"tickets":%b}',
        b'{"rows":{"tickets":%b},"tickets":[{"id":1}]}',
        b'{"columns":[{"id":1},{"id":2}],"tickets":%b}',
        b'{"error":"no","tickets":%b}',
        b'{"tickets":%b,"error":"no"}',
        b'{"tickets":%b,"Tickets":[{"id":1}]}',
        b'{"Tickets":%b,"tickets":[{"id":1}]}',
    ],
)
@pytest.mark.parametrize("key", ["tickets", None])
def test_the_list_that_is_read_is_the_one_that_would_be_read_at_once(body, key):
    both(key, body % json.dumps(MANY).encode())


def bodies_of(body: bytes, key: str | None) -> list[int]:
    sizes: list[int] = []
    at_once = list_reader(key)

    def read(response: Response) -> PageData:
        sizes.append(len(response.body))
        return at_once(response)

    read_in_pieces(respond(body), key, read, joined, row_count, size=SIZE)
    return sizes


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("key", ["tickets", None])
def test_no_piece_is_much_larger_than_asked_for(key, indent):
    nested = [{"id": n, "lines": [{"id": 1}, {"id": 2}], "text": "},{"} for n in range(100)]
    for body in ({"record_count": 1, "tickets": nested, "page_no": 1}, nested):
        encoded = json.dumps(body, indent=indent).encode()
        sizes = bodies_of(encoded, key)
        assert len(sizes) > 20
        assert max(sizes) < 2 * SIZE + 3 * len(encoded) / 100


def test_the_size_of_a_page_is_that_of_its_body():
    body = json.dumps(
        {"record_count": 1, "tickets": [{"id": n, "t": "x" * 900} for n in range(4_000)]}
    ).encode()
    page = split(respond(body), "tickets")
    assert page.size == len(body)
    assert page.ids == list(range(4_000))
