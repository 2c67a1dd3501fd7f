"""The architecture page names only places that exist, and the rooms in the order of the import contract."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "contributing" / "architecture.md").read_text("utf-8")
GUIDE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROOMS = ROOT / "halo_async"
GENERATOR = ROOT / "generator" / "halo_generator"
PLACES = sorted(set(re.findall(r"`([\w/]+\.py)::([\w.]+)`", PAGE)))
OF_THE_EXAMPLE = {"tests/end_to_end/test_hashing.py"}
OF_A_RUN = {"report.json", "tickets.parquet"}
FILES = sorted(
    set(re.findall(r"`([\w./-]+\.(?:py|txt|toml|json|md|jinja))`", PAGE + GUIDE)) - OF_THE_EXAMPLE - OF_A_RUN
)
FOLDERS = sorted(
    set(re.findall(r"`([\w.-]+(?:/[\w.-]+)*/)`|`((?:spec|docs|tests|halo_async)/\w+)`", PAGE + GUIDE))
)
COMMANDS = sorted(set(re.findall(r"python -m ([\w.]+)", PAGE + GUIDE)))
CALLS = [
    ("_operations/response_decoding.py::_decode_records", "from_json_list"),
    ("transport/retrying.py::RetryState._throttle", "throttled"),
    ("transport/limiter.py::Limiter.acquire", "_sleep"),
    ("tables/declared.py::declared_columns", "_declare_field"),
    ("tables/arrow_types.py::arrow_schema", "arrow_type"),
    ("export/resource_job.py::ResourceJob._read_rows", "by_parent"),
    ("export/resource_job.py::ResourceJob.run", "PaginationError"),
    ("export/options.py::difference", "_SAID"),
    ("transport/retrying.py::RetryState._may_repeat", "retry_rule"),
]
"""Where readers of common questions look, each with what the page says that it calls, itself or through others."""


@cache
def defined_names(path: Path) -> frozenset[str]:
    """Functions, classes, methods and constants that a file defines."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{item.name}" for item in node.body if hasattr(item, "name")}
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif hasattr(node, "name"):
            found.add(node.name)
    return frozenset(found)


def test_the_page_names_places() -> None:
    assert len(PLACES) > 60


@pytest.mark.parametrize(("file", "name"), PLACES, ids=lambda value: value)
def test_a_place_that_the_page_names_exists(file: str, name: str) -> None:
    paths = [root / file for root in (ROOMS, GENERATOR) if (root / file).is_file()]
    assert paths, f"docs/contributing/architecture.md names {file}, which is not a file"
    assert any(name in defined_names(path) for path in paths), (
        f"docs/contributing/architecture.md names {file}::{name}: correct the page where the code has moved"
    )


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_the_pages_name_exists(name: str) -> None:
    assert any((root / name).exists() for root in (ROOT, ROOMS, GENERATOR))


@pytest.mark.parametrize("name", [one or other for one, other in FOLDERS])
def test_a_folder_that_the_pages_name_exists(name: str) -> None:
    assert any((root / name).is_dir() for root in (ROOT, ROOMS, GENERATOR))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_module_that_the_pages_run_exists(name: str) -> None:
    path = ROOT / name.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


@pytest.mark.parametrize(("place", "called"), CALLS)
def test_a_place_calls_what_the_page_says(place: str, called: str) -> None:
    file, _, name = place.partition("::")
    assert f"`{place}`" in PAGE
    source = (ROOMS / file).read_text("utf-8")
    functions = {
        node.name: ast.get_source_segment(source, node) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    reached, waiting = set[str](), [name.rpartition(".")[2]]
    while waiting:
        at = waiting.pop()
        if at in functions and at not in reached:
            reached.add(at)
            waiting += [other for other in functions if re.search(rf"\b{other}\b", functions[at])]
    assert any(re.search(rf"\b{called}\b", functions[at]) for at in reached)


def test_a_link_within_the_page_has_its_heading() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^#+ (.+)$", PAGE, re.M)
    }
    assert set(re.findall(r"\]\(#([\w-]+)\)", PAGE)) <= headings
    assert set(re.findall(r"architecture\.md#([\w-]+)", GUIDE)) <= headings


@pytest.mark.parametrize("text", [PAGE, GUIDE], ids=["architecture", "CONTRIBUTING"])
def test_the_rooms_stand_in_the_order_of_the_import_contract(text: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    expected = [room for layer in layers for room in layer.split(" : ")]
    table = re.search(r"^\| Room \|.*?\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert table is not None
    cells = [line.split("|")[1] for line in table[1].splitlines()[1:]]
    assert [room for cell in cells for room in re.findall(r"`(\w+)`", cell)] == expected


@pytest.mark.parametrize("subject", ["records", "429", "quirk", "Parquet"])
def test_the_first_table_leads_to_what_newcomers_look_for(subject: str) -> None:
    questions, _, _ = PAGE.partition("## Rooms")
    rows = [line for line in questions.splitlines() if line.startswith("| W") and subject in line]
    assert rows
    assert all(re.search(r"\.py::|\]\(#", row) for row in rows)
