"""The diff names every change between two documents, once, and says which of them break."""

from __future__ import annotations

import asyncio
import json

import pytest

from halo_async._utils.openapi_document import load_document
from halo_async._utils.openapi_releases import document_of_release
from halo_async.emulator import Emulator
from halo_generator import diff, diff_text, pipeline
from halo_generator.diff_change import Change
from halo_generator.diff_groups import DiffReport
from halo_generator.errors import OutputError
from tests.support.documents import (
    NUMBER,
    TEXT,
    array_of,
    by_id,
    document,
    get,
    post,
    query,
    ref,
    schema,
    service_desk,
)


def changed(tmp_path, old, new):
    runs = []
    for name, found in (("old", old), ("new", new)):
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(found), "utf-8")
        runs.append(pipeline.read(str(path)))
    return diff.compare(*runs)


def test_a_document_does_not_differ_from_itself(tmp_path):
    assert changed(tmp_path, service_desk(), service_desk()) == []


def test_operations_come_and_go(tmp_path):
    new = service_desk()
    del new["paths"]["/Tickets/{id}"]["delete"]
    new["paths"]["/Expense"] = {"get": get(tag="Expense")}
    assert changed(tmp_path, service_desk(), new) == [
        Change("DELETE /Tickets/{id}", "operation removed", breaking=True),
        Change("GET /Expense", "operation added"),
    ]


def test_parameters_come_go_change_type_and_case(tmp_path):
    old = document({"/Tickets": {"get": get(query("a"), query("b", "int"), query("mine"), query("keyPair"))}})
    new = document(
        {"/Tickets": {"get": get(query("b"), query("c", required=True), query("d"), query("keypair"))}}
    )
    where = "GET /Tickets"
    assert changed(tmp_path, old, new) == [
        Change(where, "parameter added", "c", now="str", breaking=True),
        Change(where, "parameter added", "d", now="str"),
        Change(where, "parameter removed", "a", was="str", breaking=True),
        Change(where, "parameter removed", "mine", was="str", breaking=True),
        Change(where, "parameter renamed", "keyPair", "keyPair", "keypair", breaking=True),
        Change(where, "parameter retyped", "b", "int", "str", breaking=True),
    ]


def test_fields_and_records_come_go_change_type_and_case(tmp_path):
    paths = {"/Tickets": {"post": post(array_of("Faults"))}}
    old = document(
        paths,
        {"Faults": schema(id=NUMBER, a=TEXT, Team=TEXT, n=NUMBER, big=NUMBER), "Gone": schema(id=NUMBER)},
    )
    big = {"type": "integer", "format": "int64"}
    new = document(
        paths,
        {
            "Faults": schema(id=NUMBER, team=TEXT, n={**NUMBER, "nullable": True}, big=big, b=ref("New")),
            "New": schema(id=NUMBER),
        },
    )
    assert changed(tmp_path, old, new) == [
        Change("Faults", "field added", "b", now="New"),
        Change("Faults", "field removed", "a", was="str | None", breaking=True),
        Change("Faults", "field renamed", "Team", "Team", "team", breaking=True),
        Change("Faults", "field retyped", "n", "int", "int | None", breaking=True),
        Change("Gone", "record removed", breaking=True),
        Change("New", "record added"),
    ]


def test_a_path_in_another_case_is_a_change_only_where_its_name_changes(tmp_path):
    old = document({"/fruitbowl": {"get": get(tag="x")}, "/Banana": {"get": get(tag="x")}})
    new = document({"/FruitBowl": {"get": get(tag="x")}, "/BANANA": {"get": get(tag="x")}})
    assert changed(tmp_path, old, new) == [
        Change(
            "GET /FruitBowl", "operation renamed", "", "fruitbowl.fetch", "fruit_bowl.fetch", breaking=True
        )
    ]


def test_a_response_that_the_document_states_from_now_on_is_compared_with_the_inferred_one(tmp_path):
    old = document({"/Client/{id}": {"get": get(by_id(), tag="Area")}}, {"Area": schema(id=NUMBER)})
    told = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}}
    new = document(
        {"/Client/{id}": {"get": get(by_id(), tag="Area", responses=told)}}, {"Area": schema(id=NUMBER)}
    )
    assert changed(tmp_path, old, new) == [
        Change("GET /Client/{id}", "response retyped", "", "Client", "str", breaking=True)
    ]


def test_the_three_forms_tell_the_same(tmp_path):
    new = service_desk()
    del new["paths"]["/Tickets/{id}"]["delete"]
    new["components"]["schemas"]["Faults"]["properties"]["emoji"] = TEXT
    report = DiffReport(changed(tmp_path, service_desk(), new))
    assert diff_text.render(report, "text").splitlines() == [
        "2 changes: 1 breaking, 1 compatible",
        "",
        "Calls that are gone (1)",
        "  tickets.delete: gone",
        "",
        "New (1)",
        "  1 field; --all lists them",
    ]
    assert "  Ticket.emoji: new: str | None" in diff_text.render(report, "text", everything=True)
    assert "### Calls that are gone (1)\n\n- `tickets.delete`: gone\n" in diff_text.render(report, "markdown")
    told = json.loads(diff_text.render(report, "json"))
    assert (told["breaking"], told["compatible"], told["used"]) == (1, 1, None)
    assert [group["group"] for group in told["groups"]] == ["calls", "elsewhere"]
    assert [(change["group"], change["kind"], change["python"]) for change in told["changes"]] == [
        ("calls", "operation removed", "tickets.delete"),
        ("elsewhere", "field added", "Ticket.emoji"),
    ]


@pytest.mark.parametrize(("count", "words"), [(1, "1 change: 0 breaking, 1 compatible"), (2, "2 changes: ")])
def test_one_change_is_one_change(count, words):
    changes = [Change(f"GET /A{number}", "operation added") for number in range(count)]
    assert diff_text.summary(changes).startswith(words)


def test_many_lines_of_a_group_are_counted_and_many_names_of_a_line():
    gone = [Change("Big", "field removed", f"f{n:02}", python="Big", also=f"f{n:02}") for n in range(30)]
    many = [
        Change(f"R{n:02}", "field removed", "x", python=f"R{n:02}", also="x", breaking=True)
        for n in range(30)
    ]
    found = diff_text.text(DiffReport([*gone, *many]), width=60).splitlines()
    assert max(map(len, found)) <= 60
    assert "  … 15 more lines; --all lists everything" in found
    assert len(diff_text.text(DiffReport(many), everything=True).splitlines()) == 30 + 3
    assert "f07 and 22 more are gone" in diff_text.text(DiffReport(gone))


def test_markdown_acts_on_nothing_that_a_document_says():
    odd = Change("Odd", "field removed", "x", was="<img>`|*_@team #1", python="Odd`", also="x", breaking=True)
    text = diff_text.markdown(DiffReport([odd]))
    assert r"\<img\>\`\|\*\_\@team \#1" in text
    assert "`Odd.x`" in text


def test_no_form_prints_what_a_terminal_acts_on():
    odd = "a\x1b[31m\nb"
    change = Change("W", "field values", "x", now=odd, python="W", also="x")
    renamed = Change(
        "GET /W", "parameter renamed", odd, was=odd, now=odd, python="w.list", also="a", breaking=True
    )
    for form in diff_text.FORMATS:
        shown = diff_text.render(DiffReport([change, renamed]), form, everything=True)
        assert "\x1b" not in shown
        assert "\nb" not in shown


def test_the_changelog_gets_the_changes_once_under_what_is_unreleased():
    changelog = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0]\n\n- The first.\n"
    first = diff_text.into_changelog(changelog, [Change("GET /A", "operation added")])
    second = diff_text.into_changelog(first, [Change("GET /B", "operation added")])
    assert "GET /A" in first
    assert second.count("### API document") == 1
    assert "GET /B" in second
    assert second.index("- A thing.") < second.index("GET /B") < second.index("## [0.1.0]")
    with pytest.raises(OutputError, match="Unreleased"):
        diff_text.into_changelog("# Changelog\n", [])


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_diff_equals_the_truth_of_what_an_instance_changed(seed, tmp_path):
    served = document_of_release(load_document(), "2025-03")
    (tmp_path / "served.json").write_text(json.dumps(served), "utf-8")
    base = pipeline.read(str(tmp_path / "served.json"))
    async with Emulator(seed=seed, tickets=5, drift=21, document=served) as emulator:
        run = await asyncio.to_thread(pipeline.read, emulator.url)
        truth = {(change.kind, change.where, change.name) for change in emulator.changes}
    assert len(truth) == 21
    assert {(change.kind, change.where, change.name) for change in diff.compare(base, run)} == truth
