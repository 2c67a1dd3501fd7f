"""A document in YAML gives what the same document in JSON gives; what is no such document is refused with its place."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from halo_generator import pipeline, source, yaml_source
from halo_generator.errors import SourceError
from tests.support.documents import service_desk

HEAD = "openapi: 3.0.1\ninfo: {title: x, version: 1.0}\n"


def read(text: str):
    return source.parse(text.encode(), "document.yaml")


def test_a_service_desk_in_yaml_is_the_one_in_json(tmp_path):
    path = tmp_path / "document.yaml"
    YAML(typ="safe", pure=True).dump(service_desk(), path)
    assert source.load(str(path)) == service_desk()
    assert pipeline.read(str(path)).document == pipeline.made_of(service_desk()).document


def test_names_stay_text_and_so_do_dates_and_words_that_older_yaml_takes_for_truth_values():
    found = read(
        HEAD
        + "paths:\n  /a:\n    get:\n      responses:\n        200: {description: no}\n        default: {}\n"
        "x-on: {on: yes, 2020-01-01: 2020-01-01, ~: ~, 0x10: 0o17, n: -1.5e3, t: True, s: '7'}\n"
    )
    assert found["paths"]["/a"]["get"]["responses"] == {"200": {"description": "no"}, "default": {}}
    told = {"on": "yes", "2020-01-01": "2020-01-01", "~": None, "0x10": 15, "n": -1500.0, "t": True, "s": "7"}
    assert found["x-on"] == told


def test_aliases_and_merges_stand_for_what_they_name():
    found = read(
        HEAD + "x-common: &common {get: &get {summary: a}, parameters: []}\n"
        "paths:\n  /a: *common\n  /b:\n    <<: *common\n    get: {summary: b}\n  /c: {<<: [{x-first: 1}, *common]}\n"
    )
    assert found["paths"] == {
        "/a": {"get": {"summary": "a"}, "parameters": []},
        "/b": {"get": {"summary": "b"}, "parameters": []},
        "/c": {"x-first": 1, "get": {"summary": "a"}, "parameters": []},
    }


def laughs(levels: int, merge: bool) -> str:
    lines = ["a0: &a0 {x: lol}"]
    for level in range(1, levels):
        inner = ", ".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} {{<<: [{inner}]}}" if merge else f"a{level}: &a{level} [{inner}]")
    return HEAD + "paths: {/a: {}}\n" + "\n".join(lines)


@pytest.mark.parametrize("merge", [False, True])
def test_a_few_lines_never_become_millions_of_values(merge):
    began = time.process_time()
    with pytest.raises(SourceError, match=r"more values by aliases than it writes, at #/a\d"):
        read(laughs(40, merge=merge))
    assert time.process_time() - began < 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openapi: 3.0.1\npaths: {/a: [1, 2}\n", "neither JSON nor YAML"),
        ("openapi: 3.0.1\npaths: {a: 1}\n\ta: 2\n", "at line 3"),
        ("just a text", "at # it has a text"),
        ("- a\n- b\n", "at # it has a list"),
        ("swagger: '2.0'\npaths: {}\n", "#/swagger has Swagger 2.0"),
        ("openapi: 3.0.1\ninfo: {}\n", "#/paths"),
        (HEAD + "paths: &p\n  /a: *p\n", "stands in what it names"),
        (HEAD + "paths:\n  ? [a, b]\n  : 1\n", "in place of a name in #/paths"),
        (HEAD + "paths: " + "[" * 300 + "]" * 300, "nested deeper than 200 levels at #/paths/0/0/0/0"),
        (HEAD + "paths: {<<: 7}", "merges what is not an object"),
        (HEAD + "---\n" + HEAD, "several YAML documents"),
        (HEAD + "x: *nobody\n", "alias"),
    ],
)
def test_what_is_no_document_is_refused_in_one_sentence(text, said):
    with pytest.raises(SourceError) as caught:
        read(text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_yaml_that_would_take_minutes_is_refused(monkeypatch):
    monkeypatch.setattr(yaml_source, "MAX_BYTES", 1000)
    with pytest.raises(SourceError, match="Convert it to JSON first"):
        read(HEAD + "paths:\n" + "  /a: {}\n" * 200)


def test_openapi_3_1_written_as_a_number_is_openapi_3_1():
    assert read("openapi: 3.1\npaths: {/a: {}}\n")["paths"] == {"/a": {}}


KEYS = st.text("ab:-?#'\" \\n", max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(st.characters(codec="utf-8"))


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=12))
def test_json_values_read_as_yaml_are_the_same(value):
    text = "openapi: 3.0.1\npaths: {/a: {}}\nx: " + json.dumps(value)
    assert read(text)["x"] == value
