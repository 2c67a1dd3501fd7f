"""The generated part of docs/benchmarks.md: every figure is from results.json, none is typed by hand."""

from __future__ import annotations

from pathlib import Path

from benchmarks.core.results import Results
from benchmarks.core.shown import LINE_COLUMNS, line_rows, markdown, subject_markdown, where

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BEGIN = "<!-- figures: written by `python -m benchmarks`, from benchmarks/results.json -->"
END = "<!-- end of figures -->"


def body(results: Results) -> str:
    """Return the targets, then one section per subject."""
    table = markdown(LINE_COLUMNS, line_rows(results.lines))
    sections = [subject_markdown(subject) for subject in results.subjects.values()]
    return "\n\n".join([where(results), "## Targets", table, *sections])


def renewed(page: str, results: Results) -> str:
    """Return the page with the figures between the marks replaced.

    :raises ValueError: the page has no marks.
    """
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN} … {END}")
    return f"{head}{BEGIN}\n\n{body(results)}\n\n{END}{tail}"


def write(results: Results, page: Path = PAGE) -> None:
    """Update the page."""
    page.write_text(renewed(page.read_text("utf-8"), results), "utf-8")
