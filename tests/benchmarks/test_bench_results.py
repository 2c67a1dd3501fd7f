"""results.json, comparing, and what is shown."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import attrs
import pytest

from benchmarks import charts, report
from benchmarks.command import RESULTS, main
from benchmarks.core.compare import change, comparison, figures
from benchmarks.core.figures import exactly, missing, of_runs
from benchmarks.core.lines import Line
from benchmarks.core.results import LAYOUT, Results, ResultsError, Subject, Table
from benchmarks.core.shown import subject_markdown, targets
from benchmarks.suite import NAMES

CASES = ("halo_async", "raw aiohttp", "<other> & more")
MACHINE = {
    "processor": "x",
    "cores": 2,
    "memory_gb": 8,
    "system": "Linux",
    "load_before": 0.1,
    "commit": "abc",
}


def subject(title: str, speed: float = 0.95) -> Subject:
    figures = (
        of_runs([100, 101, 102], "ms"),
        exactly(speed),
        of_runs([1, 5, 9]),
        exactly(3),
        exactly(40, "MB"),
    )
    rows = dict.fromkeys(CASES, figures) | {"gone": (missing("not measured: not installed"),) * 5}
    table = Table(title, ("time", "share", "wide", "count", "memory"), rows, "a note")
    lines = [
        Line(f"{title} speed", "at least", 0.9, exactly(speed), because="" if speed > 0.9 else "all in f()")
    ]
    return Subject(title, "How it is measured.", (table,), tuple(lines), 1.5)


@pytest.fixture
def results() -> Results:
    titles = {"imports": "Import", "transport": "60 pages", "export": "100,000 rows"}
    subjects = {name: subject(titles.get(name, name)) for name in NAMES}
    return Results("nox -s bench", "2026-01-01T00:00:00+00:00", 60.0, MACHINE, {"python": "3"}, subjects)


def test_results_survive_their_file(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path / "r.json")
    read = Results.read(tmp_path / "r.json")
    assert read.as_json() == results.as_json()


def test_the_layout_is_the_documented_one(results: Results, tmp_path: Path) -> None:
    results.write(tmp_path / "r.json")
    values = json.loads((tmp_path / "r.json").read_text())
    page = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text("utf-8")
    layout = page.partition("## results.json")[2].partition("<!-- figures")[0]
    whole = values["subjects"]["decode"]
    named = [
        *values,
        *whole,
        *whole["lines"][0],
        *whole["tables"][0],
        *whole["tables"][0]["rows"]["halo_async"][0],
    ]
    assert [name for name in named if f"`{name}`" not in layout and name != "subjects"] == []
    assert values["layout"] == LAYOUT


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"layout": 99}', '{"layout": 1}', '{"layout": 1, "subjects": []}']
)
def test_another_file_is_refused_in_one_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.json").write_text(text)
    with pytest.raises(ResultsError):
        Results.read(tmp_path / "r.json")
    assert main(["--show", str(tmp_path / "r.json")]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match=r"gone\.json: No such file"):
        Results.read(tmp_path / "gone.json")


def test_a_missed_line_is_followed_by_its_profile(results: Results) -> None:
    missed = attrs.evolve(results, subjects={"decode": subject("Decode", 0.5)})
    assert "Decode speed: all in f()" in targets(missed)
    assert "Missed: Decode speed. all in f()" in subject_markdown(missed.subjects["decode"])


def test_a_change_counts_only_where_the_quartiles_do_not_overlap() -> None:
    assert change(of_runs([100, 104, 108]), of_runs([103, 107, 110])) == "within the spread"
    assert change(of_runs([100, 101, 102]), of_runs([80, 81, 82])) == "-19.8%"
    assert change(of_runs([100.0]), of_runs([50.0])) == "-50.0%, but one run tells no spread"
    assert change(exactly(3), exactly(4)) == "+33.3%"
    assert change(exactly(0), exactly(2)) == "from 0 to 2"
    assert change(exactly(0), exactly(0)) == "same"


def test_what_has_no_number_or_another_unit_is_not_compared() -> None:
    assert change(of_runs([1, 5, 9]), exactly(5)) == "no number to compare"
    assert change(exactly(5, "s"), exactly(5, "ms")) == "another unit"


def test_a_comparison_names_what_changed_and_nothing_else(results: Results) -> None:
    now = attrs.evolve(results, subjects={**results.subjects, "decode": subject("decode", 0.5)})
    said = comparison(results, now)
    assert "decode speed" in said
    assert "-47.4%" in said
    assert "export" not in said


def test_a_line_is_compared_wherever_it_stands(results: Results) -> None:
    moved = {**results.subjects, "transport": subject("Transport"), "pages": subject("60 pages", 0.5)}
    said = comparison(results, attrs.evolve(results, subjects=moved))
    assert "60 pages speed" in said
    assert "-47.4%" in said


def test_columns_of_the_same_name_are_compared_each_with_its_own(results: Results) -> None:
    table = Table(
        "Memory", ("kept", "of dicts", "most", "of dicts"), {"ours": tuple(map(exactly, (5, 0.9, 6, 0.2)))}
    )
    now = attrs.evolve(results, subjects={"decode": attrs.evolve(results.subjects["decode"], tables=[table])})
    assert "nothing changed" in comparison(now, now)
    names = [name for name, _ in figures(Results.read(RESULTS))]
    assert len(set(names)) == len(names)


def test_a_comparison_across_machines_and_versions_says_so(results: Results) -> None:
    now = attrs.evolve(results, machine={**MACHINE, "cores": 64}, versions={"python": "4"})
    said = comparison(results, now)
    assert "nothing changed" in said
    assert "Another machine (cores: 2, now 64): look at ratios only." in said
    assert "python was 3, now 4." in said


def test_charts_are_valid_svg_with_a_bar_a_measured_case(results: Results, tmp_path: Path) -> None:
    written = charts.write(results, tmp_path)
    assert [path.name for path in written] == ["import.svg", "pages.svg", "pages.txt", "export.svg"]
    lines = (tmp_path / "pages.txt").read_text("utf-8").splitlines()
    assert [line.split("  ")[0] for line in lines[3:]] == [*CASES, "gone"]
    assert [line.count("█") > 0 for line in lines[3:]] == [*(True for _ in CASES), False]
    for path in written:
        if path.suffix == ".txt":
            continue
        root = ElementTree.fromstring(path.read_text("utf-8"))
        space = "{http://www.w3.org/2000/svg}"
        assert root.tag == f"{space}svg"
        texts = [element.text for element in root.iter(f"{space}text")]
        assert {*CASES, "not measured: not installed"} <= set(texts)
        card, *bars = root.iter(f"{space}rect")
        assert len(bars) == len(CASES)
        assert card.get("fill") == "#ffffff"  # reads the same on light and on dark pages
        assert all(float(bar.get("x", 0)) + float(bar.get("width", 0)) < 760 for bar in bars)


def test_there_is_no_chart_of_what_was_not_measured(results: Results) -> None:
    assert charts.charts(attrs.evolve(results, subjects={})) == {}


def test_the_page_takes_every_figure_from_the_results(results: Results) -> None:
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    once = report.renewed(page, results)
    assert once.startswith("before\n")
    assert once.endswith("after\n")
    assert "old" not in once
    assert "101 ms ±0%" in once
    assert report.renewed(once, results) == once


def test_a_page_without_marks_is_refused(results: Results) -> None:
    with pytest.raises(ValueError, match="the page has no"):
        report.renewed("nothing", results)


def test_the_projects_page_shows_the_projects_results() -> None:
    root = Path(__file__).parents[2]
    results = Results.read(root / "benchmarks" / "results.json")
    page = (root / "docs" / "benchmarks.md").read_text("utf-8")
    assert report.renewed(page, results) == page
    for name, text in charts.charts(results).items():
        assert (root / "docs" / "charts" / name).read_text("utf-8") == text
