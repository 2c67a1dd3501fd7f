"""The three charts, built from results alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from benchmarks.core.figures import Figure
from benchmarks.core.results import Results, Table
from benchmarks.core.svg import LIMIT, OTHER, OWN, Bar, bars, bars_as_text

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "charts"
Text = Callable[[tuple[Figure, ...]], str]


def charts(results: Results) -> Mapping[str, str]:
    """Return the charts by file name, without those whose subject was not measured.

    The one of the README is there as text, too: an index of packages shows no picture of the repository.
    """
    makers = {
        "import.svg": _imports,
        "pages.svg": _pages,
        "pages.txt": lambda results: _pages(results, bars_as_text),
        "export.svg": _export,
    }
    made = {name: make(results) for name, make in makers.items()}
    return {name: text for name, text in made.items() if text}


def write(results: Results, folder: Path = FOLDER) -> list[Path]:
    """Write the charts and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, text in charts(results).items():
        (folder / name).write_text(text, "utf-8")
        paths.append(folder / name)
    return paths


def _table(results: Results, subject: str, start: str) -> Table | None:
    if subject not in results.subjects:
        return None
    return next((table for table in results.subjects[subject].tables if table.title.startswith(start)), None)


def _bars(rows: Iterable[tuple[str, tuple[Figure, ...]]], column: int, text: Text) -> list[Bar]:
    return [
        Bar(name, row[column].median, _text(row, column, text), _colour(name), _within(row[column]))
        for name, row in rows
    ]


def _text(row: tuple[Figure, ...], column: int, text: Text) -> str:
    figure = row[column]
    if figure.median is not None:
        return text(row)
    return figure.spread_text if _within(figure) else figure.said[:70]


def _within(figure: Figure) -> tuple[float, float] | None:
    """Return the quartiles of a figure that was measured but has too wide a spread for a number."""
    return (figure.low, figure.high) if figure.median is None and figure.runs > 1 else None


def _colour(name: str) -> str:
    if name.startswith("halo_async"):
        return OWN
    return LIMIT if name.startswith(("raw", "bare")) else OTHER


def _imports(results: Results) -> str:
    table = _table(results, "imports", "Import")
    if table is None:
        return ""
    rows = _bars(table.rows.items(), 0, lambda row: f"{row[0].text}, {row[1].text}")
    return bars("Import", "CPU time over a bare interpreter, and peak memory; shorter is better", rows)


def _pages(results: Results, draw: Callable[[str, str, list[Bar]], str] = bars) -> str:
    table = _table(results, "transport", "60 pages")
    if table is None:
        return ""
    rows = _bars(table.rows.items(), 1, lambda row: row[1].text)
    return draw(
        "Reading pages of 100 tickets",
        "Rows per CPU second, as a part of raw aiohttp's with orjson; longer is better",
        rows,
    )


def _export(results: Results) -> str:
    table = _table(results, "export", "100,000 rows")
    if table is None:
        return ""
    rows = _bars(table.rows.items(), 0, lambda row: f"{row[0].text}, {row[4].text}")
    return bars(
        "Exporting 100,000 tickets to files",
        "Rows per second from start to end, and peak memory; longer is better",
        rows,
    )
