"""`halo-async diff` and `halo-async drift`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from halo_async.emulator import Emulator

if TYPE_CHECKING:
    from conftest import Run

pytest.importorskip("halo_generator", reason="the generator is not installed")


def document(*fields: str) -> str:
    properties = {field: {"type": "string", "nullable": True} for field in fields}
    responses = {"200": {"description": "Success"}}
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "", "version": "v2"},
            "paths": {"/Widget": {"get": {"tags": ["Widget"], "responses": responses}}},
            "components": {"schemas": {"Widget": {"type": "object", "properties": properties}}},
        }
    )


def test_diff_shows_what_changed_and_fails_only_where_told_to(run: Run, tmp_path) -> None:
    (tmp_path / "old.json").write_text(document("a", "b"))
    (tmp_path / "new.json").write_text(document("b", "c"))
    shown = run("diff", "old.json", "new.json")
    assert shown.code == 0
    assert shown.out.splitlines() == [
        "2 changes: 1 breaking, 1 compatible",
        "",
        "Parameters, fields and records that are gone or have another type (1)",
        "  Widget.a: gone, was str | None",
        "",
        "New (1)",
        "  1 field; --all lists them",
    ]
    assert run("diff", "old.json", "new.json", "--fail-on", "breaking").code == 1
    (tmp_path / "grown.json").write_text(document("a", "b", "c"))
    assert run("diff", "old.json", "grown.json", "--fail-on", "breaking").code == 0
    assert run("diff", "old.json", "grown.json", "--fail-on", "any").code == 1
    told = json.loads(run("diff", "old.json", "grown.json", "--json").out)
    assert [change["name"] for change in told["changes"]] == ["c"]
    assert run("diff", "old.json", "grown.json", "--format", "json").out == json.dumps(told, indent=2) + "\n"


@pytest.mark.parametrize(
    ("old", "new", "code"), [("ab", "ab", 0), ("ab", "abc", 6), ("ab", "a", 7), ("ab", "bc", 7)]
)
def test_exit_codes_for_ci_tell_changes_that_break_from_others(run: Run, tmp_path, old, new, code) -> None:
    (tmp_path / "old.json").write_text(document(*old))
    (tmp_path / "new.json").write_text(document(*new))
    assert run("diff", "old.json", "new.json", "--exit-code").code == code
    assert run("diff", "old.json", "new.json").code == 0


def test_diff_compares_generated_packages_too(run: Run, tmp_path) -> None:
    (tmp_path / "old.json").write_text(document("a"))
    (tmp_path / "new.json").write_text(document("a", "b"))
    assert run("generate", "old.json", "--out", "acme_halo").code == 0
    shown = run("diff", "acme_halo", "new.json")
    assert shown.out.splitlines()[0] == "1 change: 0 breaking, 1 compatible"


def test_diff_of_what_is_no_document_is_wrong_usage(run: Run) -> None:
    shown = run("diff", "installed", "nofile.json")
    assert shown.code == 2
    assert "does not exist. Give the path" in shown.err


def test_drift_passes_on_the_same_api_and_fails_on_another(run: Run) -> None:
    async def drifts(drift: int, *options: str) -> tuple[int, str]:
        async with Emulator(tickets=5, drift=drift) as emulator:
            shown = await asyncio.to_thread(run, "drift", emulator.url, *options)
            return shown.code, shown.out

    code, out = asyncio.run(drifts(0))
    assert code == 0
    assert " ".join(out.split()).startswith(
        "no changes not counted: what only earlier releases have (103 operations, "
    )
    Path("app.py").write_text("import halo_async\n\nkandji = await halo.kandji.get()\n")
    code, out = asyncio.run(drifts(7, "--used-by", "."))
    assert code == 1
    assert out.startswith("8 changes: 1 break your code, ")
    assert "  kandji.get: gone (until 2025-03)\n      app.py:3\n" in out


def test_used_by_names_the_lines_and_decides_if_a_change_breaks(run: Run, tmp_path) -> None:
    (tmp_path / "old.json").write_text(document("a", "b"))
    (tmp_path / "new.json").write_text(document("b"))
    (tmp_path / "src").mkdir()
    code = tmp_path / "src" / "app.py"
    code.write_text(
        "from acme_halo import Halo\n\nasync def work(halo: Halo):\n    print((await halo.widget.fetch()).b)\n"
    )
    command = ("diff", "old.json", "new.json", "--used-by", "src", "--exit-code")
    shown = run(*command)
    assert (shown.code, shown.out.splitlines()[0]) == (
        6,
        "1 change: 0 break your code, 1 break other things, 0 compatible",
    )
    code.write_text(
        code.read_text().replace(").b", ").a") + "\nfrom acme_halo import models\nx: models.Widget\nx.a\n"
    )
    shown = run(*command)
    assert shown.code == 7
    assert "src/app.py:8" in shown.out
    assert [
        use["line"] for use in json.loads(run(*command, "--json").out)["changes"][0]["uses"] if use["sure"]
    ] == [8]
    (tmp_path / "src" / "bad.py").write_text("def broken(:\n")
    shown = run(*command)
    assert shown.code == 7
    assert "not read: src/bad.py: line 1: not valid Python (invalid syntax)" in " ".join(shown.out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("diff", "old.json", "new.json", "--used-by", "docs"),
            "docs has no Python file and no script. Give the folder",
        ),
        (("diff", "old.json", "new.json", "--used-by", "nowhere"), "nowhere does not exist. Give the folder"),
        (("diff", "old.json", "page.html"), "page.html is neither JSON nor YAML"),
        (("diff", "docs", "new.json"), "docs is a folder. Give the OpenAPI document itself."),
        (("drift", "http://127.0.0.1:9", "--exit-code"), "cannot be reached"),
    ],
)
def test_errors_of_use_have_a_code_of_their_own_and_one_sentence(run: Run, tmp_path, arguments, said) -> None:
    for name in ("old.json", "new.json"):
        (tmp_path / name).write_text(document("a"))
    (tmp_path / "page.html").write_text("- not\na: document")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "readme.md").write_text("x")
    shown = run(*arguments)
    assert (shown.code, shown.out) == (2, "")
    assert said in shown.err
    assert len(shown.err.splitlines()) == 1
