from __future__ import annotations

import json

import pytest

from halo_async.errors import FieldError
from halo_async.transport.error_messages import summarise_error


def read(value: object):
    return summarise_error(json.dumps(value).encode())


def test_model_binding_names_the_field() -> None:
    said = read({"id": ["The value 'probe' is not valid."]})
    assert said.fields == (FieldError(None, "id", ("The value 'probe' is not valid.",)),)
    assert said.text == "id: The value 'probe' is not valid."


def test_model_binding_of_a_post_names_the_element() -> None:
    said = read({"[3].outcome_id": ["Not a number."], "[12]": ["Is empty.", "Is bad."]})
    assert said.fields == (
        FieldError(3, "outcome_id", ("Not a number.",)),
        FieldError(12, "", ("Is empty.", "Is bad.")),
    )
    assert said.text == "element 3, outcome_id: Not a number.; element 12: Is empty. Is bad."


@pytest.mark.parametrize("key", ["ModelState", "errors", "modelState"])
def test_model_state_is_found_one_level_down(key) -> None:
    said = read({"title": "One or more errors", "status": 400, "traceId": "x", key: {"[0].a": ["b"]}})
    assert said.fields == (FieldError(0, "a", ("b",)),)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Invalid Data Type", "Invalid Data Type"),
        ({"ClassName": "System.Exception", "Message": "No agent.", "Data": None}, "No agent."),
        ({"resultCode": 3, "errorMessage": "Not synced"}, "Not synced"),
        ({"error": "no such table"}, "no such table"),
        ({"error": "invalid_client", "error_description": "wrong secret"}, "wrong secret"),
        ({"error": {"code": 1, "message": "inner"}}, "inner"),
        ({"Message": "Authorization has been denied."}, "Authorization has been denied."),
        (["one", "two"], "one; two"),
        ("", ""),
        (None, ""),
        (17, ""),
        ({}, ""),
        ({"rows": [1, 2]}, ""),
        ({"Error": "in capitals"}, "in capitals"),
        ({"error_message": "with underscores"}, "with underscores"),
        ({"Message": "An error has occurred.", "ExceptionMessage": "No such agent."}, "No such agent."),
        ([{"message": "one"}, {"Message": "two"}, 3], "one; two"),
        ({"errors": [{"message": "one"}, "two"]}, "one; two"),
        ({"errors": ["one", "two"]}, "one; two"),
        ({"title": "Bad Request", "status": 400, "detail": "the detail"}, "the detail"),
        ({"error": {"error": {"error": {"error": {"error": {"error": "too deep"}}}}}}, ""),
    ],
)
def test_halos_text_is_found_in_every_shape(value, text) -> None:
    assert (read(value).text, read(value).fields) == (text, ())


def test_errors_by_field_may_be_single_texts() -> None:
    said = read({"title": "Invalid", "errors": {"summary": "Is empty.", "[1].x": ["a", "b"]}})
    assert said.fields == (FieldError(None, "summary", ("Is empty.",)), FieldError(1, "x", ("a", "b")))


@pytest.mark.parametrize(
    ("name", "index", "field"),
    [("$[2].summary", 2, "summary"), ("$.summary", None, "summary"), ("$[4]", 4, "")],
)
def test_json_paths_of_fields_name_the_element_too(name, index, field) -> None:
    assert read({name: ["No."]}).fields == (FieldError(index, field, ("No.",)),)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("Schlüssel fehlt".encode("latin-1"), "ISO-8859-1"),
        ('"Schlüssel fehlt"'.encode("cp1252"), "windows-1252"),
        ('{"Message": "Schlüssel fehlt"}'.encode("utf-16"), None),
        ('"Schlüssel fehlt"'.encode("utf-16-le"), "utf-16le"),
        ("Schlüssel fehlt".encode(), "rot13"),
        ("Schlüssel fehlt".encode(), "no such charset"),
    ],
)
def test_the_charset_is_kept_to(body, charset) -> None:
    assert summarise_error(body, charset).text == "Schlüssel fehlt"


def test_a_web_page_is_reduced_to_its_text() -> None:
    head = b"<!DOCTYPE html><html><head><title>t</title></head>"
    page = head + b"<body><script>x()</script><h1>502</h1>\n Bad <b>Gateway</b>"
    assert summarise_error(page).text == "502 Bad Gateway"


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":', b"\xef\xbb\xbf"])
def test_nothing_in_a_body_makes_reading_it_fail(body) -> None:
    assert len(summarise_error(body).text) <= 200


def test_long_texts_are_cut_and_control_characters_taken_out() -> None:
    said = read("line\r\nSet-Cookie: x\x00" + "y" * 5000)
    assert said.text.startswith("line Set-Cookie: x yyy")
    assert len(said.text) == 200


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert summarise_error(b'\xef\xbb\xbf"said"').text == "said"
