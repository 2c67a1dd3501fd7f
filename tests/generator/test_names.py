"""Names are valid, distinct and readable, whatever a document calls things."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_generator import names


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("ClientContract", "client_contract"),
        ("KBArticle", "kb_article"),
        ("NinjaRMM", "ninja_rmm"),
        ("MicrosoftCSP", "microsoft_csp"),
        ("Pax8", "pax8"),
        ("intY", "int_y"),
        ("N-Central", "n_central"),
        ("create-portal-session", "create_portal_session"),
        ("GetS3PresignedURL", "get_s3_presigned_url"),
        ("SLA", "sla"),
        ("ToDoGroup", "to_do_group"),
    ],
)
def test_a_path_segment_reads_as_snake_case(word, expected):
    assert names.snake(word) == expected


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("_novalidate", "_novalidate"),
        ("keyPair", "keyPair"),
        ("nextLink", "nextLink"),
        ("from", "from_"),
        ("self", "self_"),
        ("3rd_party_ponumber", "_3rd_party_ponumber"),
        ("__class__", "field__class__"),
        ("odata.next", "odata_next"),
        ("", "field_"),
    ],
)
def test_parameters_and_fields_keep_halos_spelling_where_python_allows_it(wire, expected):
    assert names.identifier(wire) == expected


@given(st.text(max_size=20), st.sets(st.text("ab_", max_size=3)))
def test_every_identifier_is_one_and_differs_from_all_taken(wire, taken):
    made = names.identifier(wire, taken)
    assert made.isidentifier()
    assert made.isascii()
    assert not keyword.iskeyword(made)
    assert not made.startswith("__")
    assert made not in taken


@given(st.lists(st.text(max_size=12), max_size=8))
def test_file_names_are_distinct_even_where_case_does_not_count(words):
    taken: set[str] = set()
    made = [names.module_name(word, taken) for word in words]
    assert len({name.lower() for name in made}) == len(words)
    assert all(name.isidentifier() for name in made)


@given(st.text(max_size=20))
def test_every_class_name_is_an_identifier_with_a_capital_or_no_case(word):
    made = names.class_name(word)
    assert made.isidentifier()
    assert not made[0].islower()
    assert not keyword.iskeyword(made)
