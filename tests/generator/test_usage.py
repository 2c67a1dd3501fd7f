"""What a user's code uses is found by its syntax tree, and each change that touches it names file and line."""

from __future__ import annotations

import textwrap

import pytest

from halo_generator import compare, diff, pipeline, usage
from halo_generator.diff_meaning import meaning_of
from halo_generator.errors import SourceError
from halo_generator.overlay import Overlay
from halo_generator.usage_names import Known
from tests.support.respelling import MEANINGS, desk

MEANING = meaning_of(pipeline.made_of(desk(), facts=Overlay()))
KNOWN = Known(MEANING)


def found(tmp_path, code, name="app.py"):
    (tmp_path / name).write_text(textwrap.dedent(code), "utf-8")
    return usage.uses_in([tmp_path], KNOWN)


def lines(uses, *, sure=True):
    return {key: [use.line for use in places if use.sure is sure] for key, places in uses.items()}


def is_found(uses, key, line=1, *, sure=True):
    return line in [use.line for use in uses.get(key, ()) if use.sure is sure]


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("await halo.widget.list(count=1)", "widget.list"),
        ("await client.widgets.get(1)", "widget.get"),
        ("async def f(x: Halo): await x.gears.list()", "gear.list"),
        ("async def f(x: 'Halo | None' = None): await x.gears.list()", "gear.list"),
        ("x = Halo.from_env(); x.widget.delete(1)", "widget.delete"),
        ("halo.widget.create(name='a')", "widget.upsert"),
        ("halo.widget.with_options(timeout=3).get(1)", "widget.get"),
        ("w = halo.widget; w.list()", "widget.list"),
        ("await halo.request('GET', '/Widget')", "widget.list"),
        ("await halo.request('get', f'widget/{number}')", "widget.get"),
        ("await halo.export(['widgets'], 'out')", "widget.list"),
        ("await halo.export('Gear', 'out')", "gear.list"),
        ("halo.gear.check({'teeth': 1})", "gear.check"),
        ("[row async for row in halo.gear.list()]", "gear.list"),
        ("print(f'{await halo.gear.list()}')", "gear.list"),
    ],
)
def test_calls_are_found(tmp_path, code, call):
    uses, about = found(tmp_path, f"{code}\n")
    assert is_found(uses.calls, call)
    assert call.partition(".")[0] in about.area


@pytest.mark.parametrize(
    ("code", "call", "argument"),
    [
        ("halo.widget.list(search='x', count=1)", "widget.list", "search"),
        ("halo.widget.get(5)", "widget.get", "id"),
        ("halo.widget.get(id=5, details=True)", "widget.get", "details"),
        ("halo.request('GET', '/Widget', params={'search': 'x'})", "widget.list", "search"),
    ],
)
def test_arguments_are_found(tmp_path, code, call, argument):
    assert is_found(found(tmp_path, code)[0].arguments, (call, argument))


def test_an_argument_is_on_its_own_line(tmp_path):
    uses, _ = found(tmp_path, "halo.widget.list(\n    count=1,\n    search='x',\n)\n")
    assert lines(uses.arguments) == {("widget.list", "count"): [2], ("widget.list", "search"): [3]}
    assert lines(uses.given)["widget.list", "search"] == [1]


@pytest.mark.parametrize(
    "code",
    [
        "def f(w: Widget):\n    return w.price",
        "def f(w: models.Widget | None):\n    return w.price",
        "def f(ws: 'Sequence[Widget]'):\n    return [w.price for w in ws]",
        "def f(ws: dict[str, Widget]):\n    return ws['a'].price",
        "async def f():\n    return (await halo.widget.get(1)).price",
        "async def f():\n    return (await halo.widget.get(1))['price']",
        "w = await halo.widget.get(1)\nw.price",
        "w = await halo.widget.get(1)\nw.get('price')",
        "for w in await halo.widget.upsert([]):\n    w.price",
        "made = await halo.widget.create(name='x')\nprint(made.price)",
        "if (w := await halo.widget.get(1)):\n    w.price",
        "with_it: list[Widget] = load()\nwith_it[0].price",
        "def f() -> Widget: ...\nf().price",
        "def f(): return halo.widget.get(1)\n(f()).price",
        "async def g(ws: Pages[Widget]):\n    return (await ws.first()).price",
    ],
)
def test_fields_are_followed_to_their_record(tmp_path, code):
    head = "from acme_halo import models; from acme_halo.models import Widget\n"
    uses, _ = found(tmp_path, head + code.replace("Halo", "models.Halo"))
    assert is_found(uses.fields, ("Widget", "price"), 2 + code.count("\n"))


def test_rows_parts_and_members_of_self_are_followed(tmp_path):
    code = """
    class Desk:
        def __init__(self, halo: Halo):
            self.api = halo

        async def run(self):
            async for row in self.api.widget.list().limit(3):
                print(row.owner.boss.name)
            for pet in (await self.one()).owner.pets:
                print(pet.kind)

        async def one(self):
            return await self.api.widget.get(1)
    """
    uses, _ = found(tmp_path, code)
    found_at = {key[1]: where for key, where in lines(uses.fields).items() if key[0] in ("Person", "Pet")}
    assert found_at == {"boss": [8], "name": [8], "pets": [9], "kind": [10]}
    assert lines(uses.rows) == {("widget.list", "owner"): [8], ("widget.get", "owner"): [9]}


def test_fields_that_are_sent_are_found(tmp_path):
    code = """
    from acme_halo import models
    halo.widget.create(name="x")
    halo.widget.upsert([{"price": 1}, models.Widget(sizes={})])
    halo.request("POST", "/Widget", json=[{"name": "y"}])
    """
    uses, _ = found(tmp_path, code)
    assert lines(uses.written) == {
        ("Widget", "name"): [3, 5],
        ("Widget", "sizes"): [4],
        ("Widget", "price"): [4],
    }


def test_a_name_alone_may_be_a_use_in_a_file_about_halo_and_is_none_elsewhere(tmp_path):
    uses, _ = found(tmp_path, "import acme_halo\nthing.price\nrow['price']\ngetattr(w, 'price')\n")
    assert lines(uses.names, sure=False)["price"] == [2, 3]
    (tmp_path / "app.py").unlink()
    uses, _ = found(tmp_path, "import shop\nthing.price\n", "other.py")
    assert not uses.names


def test_an_unknown_owner_of_a_resource_may_be_a_client(tmp_path):
    uses, _ = found(tmp_path, "import acme_halo\nconnect().widget.get(1)\n")
    assert lines(uses.calls, sure=False) == {"widget.get": [2]}


def test_scripts_and_workflows_are_read(tmp_path):
    (tmp_path / "job.yml").write_text(
        "steps:\n"
        "  - run: halo-async call widget.list search=x --fields name,id | jq .\n"
        "  - run: |\n"
        "      halo-async export gears \\\n"
        "        widgets --out out\n"
        "  # halo-async call widget.delete id=1\n"
    )
    uses, about = usage.uses_in([tmp_path], KNOWN)
    assert lines(uses.calls) == {"widget.list": [2, 4], "gear.list": [4]}
    assert lines(uses.arguments) == {("widget.list", "search"): [2]}
    assert about.files == 1


def test_a_file_that_cannot_be_parsed_is_named_and_the_rest_goes_on(tmp_path):
    (tmp_path / "bad.py").write_text("def broken(:\n")
    (tmp_path / "odd.py").write_bytes(b"x = '\xff\xfe'\n")
    (tmp_path / "deep.py").write_text("x = " + "(" * 300 + ")" * 300)
    uses, about = found(tmp_path, "halo.gear.list()")
    assert is_found(uses.calls, "gear.list")
    assert [told.partition(": ")[0].rpartition("/")[2] for told in about.unread] == [
        "bad.py",
        "deep.py",
        "odd.py",
    ]
    assert "line 1: not valid Python" in about.unread[0]


def test_code_is_never_run(tmp_path):
    found(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w').close()\nhalo.gear.list()\n")
    assert not (tmp_path / "ran").exists()


def test_generated_packages_and_environments_are_not_read(tmp_path):
    for folder in (".venv", "node_modules", "acme_halo"):
        (tmp_path / folder / "spec").mkdir(parents=True)
        (tmp_path / folder / "x.py").write_text("halo.gear.list()")
    (tmp_path / "acme_halo" / "spec" / "halo.openapi.json").write_text("{}")
    uses, about = found(tmp_path, "halo.widget.list()")
    assert (about.files, list(uses.calls)) == (1, ["widget.list"])


def test_a_folder_without_code_is_refused(tmp_path):
    (tmp_path / "readme.md").write_text("x")
    with pytest.raises(SourceError, match=r"has no Python file and no script\. Give the folder"):
        usage.uses_in([tmp_path], KNOWN)
    with pytest.raises(SourceError, match="does not exist"):
        usage.uses_in([tmp_path / "none"], KNOWN)


CODE = """\
from acme_halo import Halo, models

async def work(halo: Halo, wanted: models.GearCheck):
    halo.widget.list(search="x", colour="red", open_only=True, count=1)
    async for row in halo.widget.list():
        print(row.name)
    one = await halo.widget.get(1)
    print(one.price, one.main, [gear.teeth for gear in one.gears])
    print(one.owner.pets[0].kind)
    await halo.gear.check({"teeth": 1})
    await halo.widget.upsert([one])
    await halo.widget.delete(1)
"""
LINES = {
    "an operation goes": [12],
    "a parameter goes": [4],
    "a required parameter comes": [4, 5],
    "a parameter is required": [5],
    "a parameter has another type": [4],
    "a parameter takes more": [4],
    "a parameter has another case": [4],
    "a parameter lost a value": [4],
    "a parameter has one more value": [4],
    "a response has one more value": [9],
    "a field goes": [8],
    "a field has another type": [8],
    "a field may be null": [8],
    "a field is required": [3, 10],
    "a field of a part is a list": [8],
    "a list has another key": [4, 5],
    "a list is bare": [4, 5],
    "a response is another record": [8],
    "a response has another status": [11],
    "a body goes": [10],
    "a body has another type": [10],
    "an operation comes": [],
    "a parameter comes": [],
    "a field comes": [],
}
"""The lines of `CODE` that each of `MEANINGS` touches."""


@pytest.mark.parametrize("name", MEANINGS)
def test_each_change_names_the_lines_that_it_touches(name, tmp_path):
    (tmp_path / "app.py").write_text(CODE)
    uses, about = usage.uses_in([tmp_path], KNOWN)
    made = desk()
    MEANINGS[name][0](made)
    new = meaning_of(pipeline.made_of(made, facts=Overlay()))
    changes = usage.placed(diff.compare_meanings(MEANING, new).changes, MEANING, uses)
    expected = {place[:3] for place in MEANINGS[name][1]}
    mine = [change for change in changes if (change.kind, change.where, change.name) in expected]
    assert sorted({use.line for change in mine for use in change.uses if use.sure}) == LINES[name]
    report = compare.DiffReport(changes, usage=about)
    breaks = any(change.breaking and change.uses for change in changes)
    assert bool(report.breaking) is breaks
    if LINES[name]:
        assert f"app.py:{LINES[name][0]}" in compare.render(report, "text")
        assert f"app.py:{LINES[name][0]}" in compare.render(report, "markdown")


def test_changes_that_touch_nothing_are_counted_in_one_line(tmp_path):
    uses, about = found(tmp_path, "halo.gear.list()\n")
    made = desk()
    for name in (
        "an operation goes",
        "a parameter goes",
        "a field goes",
        "a field comes",
        "an operation comes",
    ):
        MEANINGS[name][0](made)
    new = meaning_of(pipeline.made_of(made, facts=Overlay()))
    changes = usage.placed(diff.compare_meanings(MEANING, new).changes, MEANING, uses)
    text = compare.render(compare.DiffReport(changes, usage=about), "text")
    assert text.splitlines() == [
        "5 changes: 0 break your code, 3 break other things, 2 compatible",
        "",
        "New in resources that you use (1)",
        "  Gear.fresh: new: str | None",
        "",
        "New elsewhere (1)",
        "  1 operation; --all lists them",
        "",
        "3 other changes touch nothing of yours: 1 operation, 1 parameter, 1 field; --all lists them",
        "1 file read",
    ]


def test_a_renamed_record_breaks_code_that_names_it(tmp_path):
    uses, about = found(tmp_path, "from acme_halo.models import Person\n")
    made = desk()
    made["components"]["schemas"]["Human"] = made["components"]["schemas"].pop("Person")
    text = str(made).replace("schemas/Person", "schemas/Human")
    new = meaning_of(pipeline.made_of(eval(text), facts=Overlay()))
    comparison = diff.compare_meanings(MEANING, new)
    changes = usage.placed([*comparison.changes, *usage.renamed_and_used(comparison, uses)], MEANING, uses)
    assert [(change.kind, change.was, change.now) for change in changes] == [
        ("record renamed", "Person", "Human")
    ]
    report = compare.DiffReport(changes, usage=about)
    assert report.breaking == changes
    assert "Person: is now Human" in compare.render(report, "text")
