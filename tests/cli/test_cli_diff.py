"""`halo-async diff` and `halo-async drift`."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from halo_async.emulator import Emulator

if TYPE_CHECKING:
    from conftest import Run

pytest.importorskip("halo_generator", reason="the generator is not installed")


def document(*fields: str) -> str:
    properties = {field: {"type": "string", "nullable": True} for field in fields}
    answered = {"200": {"description": "Success"}}
    return json.dumps(
        {
            "openapi": "3.0.1",
            "info": {"title": "", "version": "v2"},
            "paths": {"/Widget": {"get": {"tags": ["Widget"], "responses": answered}}},
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
    async def drifts(drift: int) -> tuple[int, str]:
        async with Emulator(tickets=5, drift=drift) as emulator:
            shown = await asyncio.to_thread(run, "drift", emulator.url)
            return shown.code, shown.out

    code, out = asyncio.run(drifts(0))
    assert code == 0
    assert " ".join(out.split()).startswith(
        "no changes not counted: what only earlier releases have (103 operations, "
    )
    code, out = asyncio.run(drifts(7))
    assert code == 1
    assert out.splitlines()[0].startswith("7 changes: ")
