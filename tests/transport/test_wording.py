from __future__ import annotations

import json

import pytest

from halo_async.errors import FieldError
from halo_async.transport.wording import wording


def read(value: object):
    return wording(json.dumps(value).encode())


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
    ],
)
def test_halos_text_is_found_in_every_shape(value, text) -> None:
    assert (read(value).text, read(value).fields) == (text, ())


def test_a_web_page_is_reduced_to_its_text() -> None:
    head = b"<!DOCTYPE html><html><head><title>t</title></head>"
    page = head + b"<body><script>x()</script><h1>502</h1>\n Bad <b>Gateway</b>"
    assert wording(page).text == "502 Bad Gateway"


@pytest.mark.parametrize("body", [b"", b"  \r\n", b"\xff\xfe\x00", b"[" * 100_000, b'{"a":', b"\xef\xbb\xbf"])
def test_nothing_in_a_body_makes_reading_it_fail(body) -> None:
    assert len(wording(body).text) <= 200


def test_long_texts_are_cut_and_control_characters_taken_out() -> None:
    said = read("line\r\nSet-Cookie: x\x00" + "y" * 5000)
    assert said.text.startswith("line Set-Cookie: x yyy")
    assert len(said.text) == 200


def test_a_byte_order_mark_is_no_obstacle() -> None:
    assert wording(b'\xef\xbb\xbf"said"').text == "said"
