"""The command, for the whole suite and for a subject by itself."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from benchmarks import charts, report
from benchmarks.command import RESULTS, called, is_whole, main, read
from benchmarks.core.children import ROOT, environment
from benchmarks.core.figures import exactly
from benchmarks.core.lines import Line
from benchmarks.core.results import Results
from benchmarks.suite import NAMES, SUBJECTS, module


@pytest.fixture(scope="module")
def committed() -> Results:
    return Results.read(RESULTS)


@pytest.fixture
def untouched() -> Iterator[None]:
    """The project's own results, page and charts stay as they are."""
    kept = [RESULTS, report.PAGE, *charts.FOLDER.iterdir()]
    before = [(path.stat().st_mtime_ns, path.read_bytes()) for path in kept]
    yield
    assert [(path.stat().st_mtime_ns, path.read_bytes()) for path in kept] == before


def part(results: Results, name: str, measured: float) -> Results:
    """Results of one subject with one line, whose target is 1."""
    line = Line("a line", "at least", 1, exactly(measured))
    return attrs.evolve(results, subjects={name: attrs.evolve(results.subjects[name], lines=[line])})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("way", ["file", "module"])
def test_every_subject_runs_by_itself(name: str, way: str, tmp_path: Path) -> None:
    stem = SUBJECTS[name]
    how = [str(ROOT / "benchmarks" / f"{stem}.py")] if way == "file" else ["-m", f"benchmarks.{stem}"]
    where = tmp_path if way == "file" else ROOT
    inherited = {key: value for key, value in environment().items() if not key.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, *how, "--help"],
        cwd=where,
        env=inherited,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    assert said.startswith(f"usage: python -m benchmarks.{stem} ")
    assert " ".join((module(name).__doc__ or "").split()) in said
    assert "--only" not in said


def test_a_subject_by_itself_measures_shows_and_writes_where_it_is_told(
    untouched: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "now.json"
    assert main(["--quick", "--out", str(out)], only="quota") == 0
    written = Results.read(out)
    assert list(written.subjects) == ["quota"]
    assert written.command == "nox -s bench -- --only quota --quick"
    assert "6 met of 6 targets" in capsys.readouterr().out


def test_a_subject_by_itself_shows_its_own_part_of_a_whole_run(
    untouched: None, committed: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = committed.subjects["quota"].lines
    assert main(["--show", str(RESULTS), "--compare", str(RESULTS)], only="quota") == 0
    said = capsys.readouterr().out
    assert f"{len(lines)} met of {len(lines)} targets" in said
    assert "nothing changed" in said
    assert "generate" not in said


def test_what_a_file_does_not_hold_is_named(
    committed: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part(committed, "decode", 1).write(tmp_path / "decode.json")
    assert main(["--show", str(tmp_path / "decode.json"), "--only", "quota,export"]) == 2
    assert "decode.json holds nothing of quota, export" in capsys.readouterr().err
    assert read(tmp_path / "decode.json", NAMES).subjects.keys() == {"decode"}


@pytest.mark.parametrize("only", [None, "decode"])
def test_less_than_a_whole_run_never_replaces_the_projects_results(
    only: str | None, untouched: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT / "docs")
    assert main(["--quick", "--out", "../benchmarks/results.json"], only=only) == 2
    heard = capsys.readouterr()
    assert heard.err.startswith("error: ../benchmarks/results.json holds a whole run")
    assert heard.out == ""  # nothing was measured


def test_a_part_of_a_whole_run_is_none(untouched: None, tmp_path: Path) -> None:
    path = tmp_path / "quota.json"
    assert main(["--show", str(RESULTS), "--out", str(path)], only="quota") == 0
    assert not is_whole(Results.read(path).command)
    assert main(["--show", str(path)]) == 0


def test_results_of_a_part_or_a_quick_run_are_not_taken_for_whole_ones(committed: Results) -> None:
    assert is_whole(committed.command)
    assert is_whole(called(NAMES, quick=False))
    assert not is_whole(called(NAMES, quick=True))
    assert not is_whole(called(NAMES[:1], quick=False))


def test_the_exit_code_is_1_only_where_a_target_is_missed(
    untouched: None, committed: Results, tmp_path: Path
) -> None:
    path = tmp_path / "decode.json"
    for measured, code in ((1, 0), (0.5, 1)):
        attrs.evolve(part(committed, "decode", measured), command="nox -s bench -- --only decode").write(path)
        assert main(["--show", str(path)]) == code
        assert main(["--show", str(path)], only="decode") == code


@pytest.mark.parametrize("only", ["speed", ""])
def test_the_error_about_an_unknown_subject_names_those_that_exist(
    only: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", only])
    assert ended.value.code == 2
    assert f"there is no {only!r}: choose among imports, decode, transport, pages" in capsys.readouterr().err


def test_a_subject_by_itself_takes_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--only", "export"], only="decode")
    assert ended.value.code == 2
    assert "unrecognized arguments: --only export" in capsys.readouterr().err


def test_lines_have_names_of_their_own(committed: Results) -> None:
    assert max(Counter(line.name for line in committed.lines).values()) == 1
