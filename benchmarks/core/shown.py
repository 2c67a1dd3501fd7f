"""Results as text: for the terminal, and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.core.figures import Figure
from benchmarks.core.lines import Line
from benchmarks.core.results import Results, Subject, Table

LINE_COLUMNS = ("line", "target", "measured", "spread", "verdict")


def line_rows(lines: Iterable[Line]) -> list[tuple[str, ...]]:
    """Return one row per target."""
    return [
        (line.name, line.target_text, line.measured.text, line.measured.spread_text, line.verdict)
        for line in lines
    ]


def terminal(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Format rows for the terminal, with columns as wide as their content."""
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    texts = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in (columns, *rows)
    ]
    return "\n".join(text.rstrip() for text in texts)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    texts = [f"| {' | '.join(row)} |" for row in (columns, *rows)]
    return "\n".join([texts[0], "|" + "---|" * len(columns), *texts[1:]])


def targets(results: Results) -> str:
    """Return the final table, and the profile of each missed line."""
    missed = [f"\n{line.name}: {line.because}" for line in results.lines if line.because]
    return "\n".join([terminal(LINE_COLUMNS, line_rows(results.lines)), *missed])


def cell(figure: Figure) -> str:
    """Format a figure with its spread for one cell."""
    if figure.median is None:
        return f"{figure.said}: {figure.spread_text}" if figure.runs > 1 else figure.said
    spread = figure.spread
    return figure.text if spread is None else f"{figure.text} ±{spread / 2:.0%}"


def table_markdown(table: Table) -> str:
    """Return title, figures with half their spread, and note.

    Cases of which nothing was measured give the reason in one cell.
    """
    rows = [_row(case, figures) for case, figures in table.rows.items()]
    text = f"**{table.title}**\n\n{markdown(('', *table.columns), rows)}"
    return f"{text}\n\n{table.note}" if table.note else text


def _row(case: str, figures: Sequence[Figure]) -> tuple[str, ...]:
    said = {figure.said for figure in figures}
    if len(figures) > 1 and len(said) == 1 and "" not in said and figures[0].runs == 1:
        return (case, said.pop(), *[""] * (len(figures) - 1))
    return (case, *map(cell, figures))


def subject_markdown(subject: Subject) -> str:
    """Return a section: method, figures, reasons for missed lines."""
    missed = [f"Missed: {line.name}. {line.because}" for line in subject.lines if line.because]
    tables = [table_markdown(table) for table in subject.tables]
    return "\n\n".join([f"## {subject.title}", subject.method, *tables, *missed])


def where(results: Results) -> str:
    """Return a paragraph on machine and versions."""
    machine = results.machine
    place = (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}"
    )
    return (
        f"Made {results.made} in {results.seconds:.0f} s by `{results.command}` at commit {machine['commit']}, on "
        f"{place} (load before: {machine['load_before']}). {_versions(results.versions)}."
    )


def _versions(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
