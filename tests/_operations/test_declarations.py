"""Stubs become operations: signatures, requests and results."""

from __future__ import annotations

import inspect
import traceback
from datetime import UTC, datetime
from enum import Enum

import pytest

from halo_async._operations.resource import operations
from halo_async.errors import DecodeError, InvalidRequestError
from halo_async.records.record import asdict
from tests.support.acme_halo.api import Resources
from tests.support.acme_halo.models import Parcel
from tests.support.calls_kit import resources, respond


def test_operations_of_a_package_are_found_with_their_names():
    found = {operation.name: operation for operation in operations(Resources)}
    assert "parcels.list" in found
    assert "integration_data.format" in found
    assert found["integration_data.carriers.linked"].cursor.kind == "token"
    assert found["parcels.get"].method == "GET"
    assert found["parcels.delete"].method == "DELETE"
    assert found["parcels.photo"].body == "multipart"


def test_declaration_describes_every_parameter():
    get = next(o for o in operations(Resources) if o.name == "parcels.between")
    assert [(p.name, p.python_name, p.location, p.required, p.type) for p in get.parameters] == [
        ("id", "id", "path", True, "int"),
        ("from", "from_", "path", True, "str"),
    ]
    weigh = next(o for o in operations(Resources) if o.name == "parcels.weigh")
    assert [(p.name, p.location, p.required) for p in weigh.parameters] == [
        ("body", "body", True),
        ("exact", "query", False),
    ]


def test_signature_and_documentation_are_those_of_the_stub():
    group, _ = resources(lambda query: [])
    parameters = inspect.signature(group.parcels.list).parameters
    assert parameters["global_"].kind is inspect.Parameter.KEYWORD_ONLY
    assert group.parcels.list.__doc__ == "List parcels."
    assert inspect.iscoroutinefunction(group.parcels.get)
    assert not inspect.iscoroutinefunction(group.parcels.list)


def test_members_are_imported_on_first_touch_and_kept():
    group, _ = resources(lambda query: [])
    assert group.parcels is group.parcels
    assert {"parcels", "integration_data", "with_options"} <= set(dir(group))
    with pytest.raises(AttributeError, match="Did you mean 'parcels'"):
        _ = group.parcles


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda parcels: parcels.list(globl=True), "has no parameter 'globl'"),
        (lambda parcels: parcels.list(pag_size=5), "Did you mean 'page_size'"),
        (lambda parcels: parcels.list(5), "no arguments by position"),
    ],
)
def test_misspelt_or_misplaced_argument_of_a_list_is_a_type_error_at_once(call, message):
    group, sender = resources(lambda query: [])
    with pytest.raises(TypeError, match=message):
        call(group.parcels)
    assert sender.requests == []


@pytest.mark.parametrize(
    "call",
    [
        lambda parcels: parcels.get(),
        lambda parcels: parcels.get(None),
        lambda parcels: parcels.get(1, 2),
        lambda parcels: parcels.get(1, id=2),
        lambda parcels: parcels.find(),
        lambda parcels: parcels.weigh(None),
        lambda parcels: parcels.get(1, deep=object()),
    ],
)
async def test_missing_doubled_or_senseless_argument_is_a_type_error(call):
    group, sender = resources(lambda query: {})
    with pytest.raises(TypeError):
        await call(group.parcels)
    assert sender.requests == []


async def test_path_and_query_are_built_from_the_arguments():
    class Colour(Enum):
        RED = "red"

    group, sender = resources(lambda query: {"id": 5})
    await group.parcels.get(5, deep=True)
    await group.parcels.between(5, from_="a b/c?d#e")
    await group.parcels.find(term=Colour.RED)
    await (
        group.parcels.list(
            global_=False,
            tags=["a", "b"],
            since=datetime(2024, 5, 6, 7, 8, 9, 999, tzinfo=UTC),
            pageinate=False,
        )
        .by_page()
        .aclose()
    )
    assert [(request.method, request.path, request.query) for request in sender.requests] == [
        ("GET", "/Parcels/5", (("deep", "true"),)),
        ("GET", "/Parcels/5&a%20b%2Fc%3Fd%23e", ()),
        ("GET", "/Parcels/find", (("term", "red"),)),
    ]


async def test_list_query_carries_halos_names_and_repeats_lists():
    group, sender = resources(lambda query: {"record_count": 0, "parcels": []})
    await group.parcels.list(global_=False, tags=["a", "b"], since=datetime(2024, 5, 6, 7, 8, 9, 999))
    assert sender.requests[0].query == (
        ("global", "false"),
        ("tags", "a"),
        ("tags", "b"),
        ("since", "2024-05-06T07:08:09Z"),
        ("pageinate", "true"),
        ("page_no", "1"),
        ("page_size", "100"),
    )


@pytest.mark.parametrize("bad", ["..", ".", "", "a\r\nX: y", "a\0b", float("nan")])
async def test_path_value_that_would_lead_elsewhere_is_refused(bad):
    group, sender = resources(lambda query: {})
    with pytest.raises((InvalidRequestError, TypeError)):
        await group.parcels.between(1, bad)
    assert sender.requests == []


async def test_nested_record_and_raw_results_come_as_declared():
    group, _ = resources(lambda query: {"id": 5, "inside": [{"id": 6}], "new": 1})
    parcel = await group.parcels.get(5)
    assert type(parcel) is Parcel
    assert parcel.inside[0].id == 6
    assert asdict(parcel)["new"] == 1
    group, _ = resources(lambda query: respond(b"\x89PNG", kind="image/png"))
    assert await group.parcels.label(5) == b"\x89PNG"


async def test_one_that_comes_in_an_array_is_taken_out_of_it():
    group, _ = resources(lambda query: [{"id": 5}])
    assert (await group.parcels.get(5)).id == 5


@pytest.mark.parametrize("body", [b"", b"null", b'""', b"[]", b"7", b"[{}, {}]"])
async def test_response_that_is_no_object_is_an_error_where_a_record_is_declared(body):
    group, _ = resources(lambda query: respond(body))
    with pytest.raises(DecodeError, match=r"Expected models\.Parcel"):
        await group.parcels.get(5)


@pytest.mark.parametrize(
    ("body", "kind", "value"),
    [
        (b"", "", None),
        (b'{"a": 1}', "application/json", {"a": 1}),
        (b'"text"', "application/json; x".partition(";")[0], "text"),
        (b"18446744073709551617", "application/json", 2**64 + 1),
        ("\ufefföl".encode(), "text/plain", "öl"),
        (b"<a/>", "application/xml", "<a/>"),
        (b"\x00\x01", "application/pdf", b"\x00\x01"),
    ],
)
async def test_anything_comes_as_json_text_bytes_or_none(body, kind, value):
    group, _ = resources(lambda query: respond(body, kind=kind))
    assert await group.parcels.find(term="x") == value


async def test_text_that_cannot_be_read_is_not_shown_by_the_error_or_what_it_chains():
    group, _ = resources(lambda query: respond(b"Jane Doe \xff", kind="text/plain"))
    with pytest.raises(DecodeError, match="UnicodeDecodeError") as caught:
        await group.parcels.find(term="x")
    assert (caught.value.__cause__, caught.value.__suppress_context__) == (None, True)
    assert "Jane" not in "".join(traceback.format_exception(caught.value))


async def test_bodies_are_json_forms_or_nothing():
    group, sender = resources(lambda query: None)
    await group.parcels.weigh(Parcel(id=1, sent=datetime(2024, 5, 6)))
    await group.parcels.weigh(
        {"big": 2**70, "when": datetime(2024, 5, 6, tzinfo=UTC), "tags": {"x"}}, exact=True
    )
    await group.parcels.photo({"file": ("a.png", b"x"), "note": "n"})
    await group.parcels.ping()
    first, second, third, fourth = sender.requests
    assert first.body == b'{"id":1,"sent":"2024-05-06T00:00:00Z"}'
    assert second.body == b'{"big":1180591620717411303424,"when":"2024-05-06T00:00:00Z","tags":["x"]}'
    assert second.query == (("exact", "true"),)
    assert third.form == (("file", ("a.png", b"x")), ("note", "n"))
    assert (third.body, fourth.body, fourth.form) == (None, None, None)


@pytest.mark.parametrize(
    ("value", "error"),
    [(float("inf"), InvalidRequestError), (b"x", TypeError), (object(), TypeError), ({1: 2}, TypeError)],
)
async def test_values_without_a_form_in_json_are_refused(value, error):
    group, sender = resources(lambda query: None)
    with pytest.raises(error):
        await group.parcels.weigh({"x": value})
    assert sender.requests == []


async def test_options_are_sent_with_every_call_and_lose_to_its_arguments():
    group, sender = resources(lambda query: {"id": 1})
    special = group.parcels.with_options(params={"new": [1, 2], "deep": False}, timeout=5, retry="always")
    special = special.with_options(headers={"X-Trace": "1"})
    await special.get(1, deep=True)
    await group.parcels.get(1)
    request, plain = sender.requests
    assert request.query == (("deep", "true"), ("new", "1,2"))
    assert (request.timeout, request.retry, request.headers) == (5, "always", (("X-Trace", "1"),))
    assert (plain.query, plain.timeout, plain.retry, plain.headers) == ((), None, "auto", ())


@pytest.mark.parametrize("headers", [{"Authorization": "x"}, {"X": "a\r\nY: b"}, {"host": "evil"}])
def test_headers_that_are_the_clients_own_are_refused(headers):
    group, _ = resources(lambda query: None)
    with pytest.raises(InvalidRequestError):
        group.parcels.with_options(headers=headers)


def test_unknown_retry_is_refused():
    group, _ = resources(lambda query: None)
    with pytest.raises(InvalidRequestError):
        group.parcels.with_options(retry="sometimes")
