"""The other number of a resource's name: a word that people write, or none; and never another thing's name."""

from __future__ import annotations

import ast
import keyword
from importlib import import_module

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from halo_generator import pipeline
from halo_generator.grammatical_number import aliases, other_number
from halo_generator.names import CLIENT_WORDS, identifier, snake
from halo_generator.surface_text import surface_lines
from tests.support.documents import document, get
from tests.support.examples import examples
from tests.support.package_kit import check, imported, sources_of

WORDS = st.sampled_from(
    ["client", "clients", "ticket", "tickets", "status", "statuses", "category", "categories",
     "address", "addresses", "sla", "slas", "box", "boxes", "axe", "axis", "axes", "news", "data",
     "pass", "passes", "class", "classes", "import", "imports", "export", "exports", "option",
     "options", "request", "kb_article", "kb_articles", "kbarticles", "contact_group", "contactgroups",
     "contactgroup", "base", "basis", "bases", "to_do"]
)  # fmt: skip
NAMES = st.lists(
    WORDS | st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True) | st.text(max_size=6), max_size=12
)


@pytest.mark.parametrize(
    ("one", "several"),
    [
        ("client", "clients"),
        ("ticket", "tickets"),
        ("status", "statuses"),
        ("service_status", "service_statuses"),
        ("category", "categories"),
        ("opportunity", "opportunities"),
        ("address", "addresses"),
        ("sla", "slas"),
        ("kb_article", "kb_articles"),
        ("tax", "taxes"),
        ("search", "searches"),
        ("mailbox", "mailboxes"),
        ("process", "processes"),
        ("journey", "journeys"),
        ("client_cache", "client_caches"),
        ("database", "databases"),
        ("invoice", "invoices"),
        ("house", "houses"),
        ("to_do", "to_dos"),
        ("api", "apis"),
        ("person", "people"),
        ("script_criterion", "script_criteria"),
    ],
)
def test_one_and_several_are_each_others_other_number(one, several):
    assert other_number(one) == several
    assert other_number(several) == one


@pytest.mark.parametrize(
    "name",
    ["feedback", "asset_software", "halo_news", "integration_data", "aws", "notify", "health", "test1", "axe", "x", "_",
     "export_", "_2fa_code", "Client", "straße", ""],
)  # fmt: skip
def test_what_has_no_regular_other_number_has_none(name):
    assert other_number(name) is None


@given(NAMES)
@example(["client", "clients"])
@example(["contact_group", "contactgroups"])
@example(["axis", "axe"])
@example(["passes", "classes", "imports", "exports", "options"])
def test_no_alias_ever_hides_a_real_name_or_has_two_meanings(names):
    found = aliases(names)
    reals = {name.replace("_", "") for name in names}
    squeezed = [alias.replace("_", "") for alias in found]
    assert set(found.values()) <= set(names)
    assert not set(squeezed) & reals
    assert len(set(squeezed)) == len(squeezed)
    assert not found.keys() & CLIENT_WORDS
    for alias, name in found.items():
        assert alias.isidentifier()
        assert alias[0] != "_"
        assert not keyword.iskeyword(alias)
        assert other_number(alias) == name


@given(st.text(max_size=20))
def test_the_other_number_of_the_other_number_is_the_name_itself(word):
    name = identifier(snake(word))
    other = other_number(name)
    assert other is None or (other != name and other_number(other) == name)


def test_the_order_of_the_names_does_not_matter():
    assert list(aliases(["tickets", "client", "client"]).items()) == [
        ("clients", "client"),
        ("ticket", "tickets"),
    ]


def made_of(*paths):
    return pipeline.made_of({**document({path: {"get": get()} for path in paths}), "info": {"title": "Shop"}})


@settings(max_examples=examples(20), deadline=None)  # each is a whole package, imported
@given(st.lists(WORDS, min_size=1, max_size=6, unique=True))
def test_a_package_has_each_name_once_whatever_its_resources_are_called(words):
    check(made_of(*(f"/{word}" for word in words)))


def test_a_generated_package_shows_type_checkers_the_same_names_that_it_has():
    run = made_of("/Crates", "/Category", "/News")
    sources = sources_of(run)
    (typed,) = [
        node for node in ast.walk(ast.parse(sources["api/_aliases.py"])) if isinstance(node, ast.ClassDef)
    ]
    shown = {node.target.id: node.annotation.id for node in typed.body if isinstance(node, ast.AnnAssign)}
    assert shown == {"crate": "Crates", "categories": "Category"}
    with imported(sources) as package:
        found = import_module(f"{package.__name__}.api._aliases").ALIASES
        assert found == run.surface.aliases == {"crate": "crates", "categories": "category"}


def test_a_package_without_any_other_number_is_whole():
    check(made_of("/News"))


def test_a_document_that_gains_the_other_number_takes_its_name_back():
    run = made_of("/Crate", "/Crates")
    assert run.surface.aliases == {}
    check(run)


def test_every_alias_is_a_line_of_the_reviewed_surface():
    assert "crate is crates" in surface_lines(made_of("/Crates").surface)
