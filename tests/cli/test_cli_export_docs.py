"""The command lines of docs/export.md, run one after the other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"


def command_lines() -> list[str]:
    blocks = re.findall(r"^```sh\n(.*?)^```", (DOCS / "export.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [re.split(r"[|>]", line)[0] for line in lines if line.startswith("halo-async export ")]


@pytest.mark.halo(tickets=120)
def test_every_command_line_of_the_page_runs(halo_async, tmp_path: Path) -> None:
    lines = command_lines()
    assert len(lines) >= 7
    for line in lines:
        shown = halo_async(*shlex.split(line, comments=True)[1:], HALO_RATE_LIMIT="none")
        assert shown.code == 0, (line, shown)
    assert {path.name for path in (tmp_path / "backup").iterdir()} == {
        "client.jsonl",
        "client.schema.json",
        "report.json",
        "tickets.jsonl",
        "tickets.schema.json",
        "users.jsonl",
        "users.schema.json",
    }


def test_every_field_of_the_progress_is_on_the_page() -> None:
    import attrs

    from halo_async.export import Progress

    table = (DOCS / "export.md").read_text().partition("## Progress")[2]
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| ([^|]*) \|", table, re.MULTILINE))))
    assert named == {field.name for field in attrs.fields(Progress)}
