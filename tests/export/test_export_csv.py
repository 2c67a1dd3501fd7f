"""CSV: the same bytes on every Python, and the same cells for every reader."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_async.export import export
from halo_async.export.sinks.csv_text import Writer, opened, rows_of
from halo_async.tables.naming import folded_labels
from tests.support.examples import examples
from tests.support.odd_list import OddList

CELLS = st.text(st.sampled_from("ab \r\n\t\",;'\\|\x00\x0b\x0c\x1c\x1e\x85\u2028\u2029\ufeffé😀"), max_size=8)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=6)
)
CR = "one\rtwo"


def written(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = Writer(file)
        writer.header(header)
        writer.rows(rows)
    return path


def by_csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def by_ours(path: Path) -> list[list[str]]:
    with opened(path) as file:
        return list(rows_of(file))[1:]


def by_pyarrow(path: Path) -> list[list[str]]:
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow")
    reader = pytest.importorskip("pyarrow.csv", reason="needs pyarrow")
    names = by_header(path)
    table = reader.read_csv(
        path,
        parse_options=reader.ParseOptions(newlines_in_values=True),
        convert_options=reader.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )
    return [list(row.values()) for row in table.to_pylist()]


def by_header(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.reader(file))


def by_duckdb(path: Path) -> list[list[str]]:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    query = "SELECT * FROM read_csv(?, header=true, all_varchar=true, delim=',', quote='\"', escape='\"')"
    with duckdb.connect() as database:
        return [[cell or "" for cell in row] for row in database.execute(query, [str(path)]).fetchall()]


def by_duckdb_as_the_docs_say(path: Path) -> list[list[str]]:
    """Nothing is guessed: a guess needs a few plain rows, and a name without carriage returns."""
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    query = (
        "SELECT * FROM read_csv(?, auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
        "new_line='\\n', columns=?)"
    )
    columns = {f"column {place}": "VARCHAR" for place, _ in enumerate(by_header(path))}
    with duckdb.connect() as database:
        found = database.execute(query, [str(path), columns]).fetchall()
        return [[cell or "" for cell in row] for row in found]


def by_polars(path: Path) -> list[list[str]]:
    polars = pytest.importorskip("polars", reason="needs polars")
    return [[cell or "" for cell in row] for row in polars.read_csv(path, infer_schema=False).rows()]


READERS: dict[str, Callable[[Path], list[list[str]]]] = {
    "csv": by_csv,
    "this package": by_ours,
    "pyarrow": by_pyarrow,
    "duckdb": by_duckdb,
    "duckdb as the docs say": by_duckdb_as_the_docs_say,
    "polars": by_polars,
}


@pytest.mark.parametrize("reader", READERS)
@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=TABLES)
def test_every_reader_finds_every_cell(
    tmp_path_factory: pytest.TempPathFactory, reader: str, rows: list[list[str]]
) -> None:
    header = ["id", "b", "c", "d"][: len(rows[0])]
    rows = [[str(place), *row[1:]] for place, row in enumerate(rows)]
    path = written(tmp_path_factory.mktemp("csv") / "x.csv", header, rows)
    assert READERS[reader](path) == rows


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=TABLES, header=st.lists(CELLS, min_size=4, max_size=4))
def test_odd_names_disturb_no_reader_that_is_told_the_format(
    tmp_path_factory: pytest.TempPathFactory, header: list[str], rows: list[list[str]]
) -> None:
    header, rows = ["id", *header][: len(rows[0])], [[str(place), *row[1:]] for place, row in enumerate(rows)]
    path = written(tmp_path_factory.mktemp("csv") / "x.csv", header, rows)
    assert by_header(path) == header
    for read in (by_csv, by_ours, by_duckdb_as_the_docs_say):
        assert read(path) == rows


ODD = [
    "'x'",
    '"',
    '""',
    "a,b",
    "a\nb",
    CR,
    "\r\n",
    " x ",
    "",
    "null",
    "NaN",
    "007",
    "1e5",
    "#c",
    "\\",
    '\\"',
    "\ufeffx",
    "\t",
]
ODD += [None, 5, 2.5, True, 10**17, "x" * 3000, "\x00", '"a"\n,"b']


@pytest.mark.parametrize("seed", range(6))
async def test_duckdb_finds_every_value_of_an_export(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    names = chance.sample(["a b", 'a"b', "a,b", "a\rb", "a\nb", "'a'", "1", " lead", "#c", "\t"], 3)
    rows: list[Any] = [
        {"id": id, **{name: chance.choice(ODD) for name in names if chance.random() < 0.9}}
        for id in range(1, 120)
    ]
    async with OddList([dict(row) for row in rows]).client() as halo:
        await export(halo, ["tickets"], tmp_path, format="csv")
    path = tmp_path / "tickets.csv"
    found = [dict(zip(by_header(path), row, strict=True)) for row in by_duckdb_as_the_docs_say(path)]
    labels = dict(zip(["id", *names], folded_labels((), ["id", *names]), strict=True))
    assert set(by_header(path)) == set(labels.values())
    expected = [{label: _cell(row.get(name)) for name, label in labels.items()} for row in rows]
    assert found == expected


def _cell(value: Any) -> str:
    return "true" if value is True else "" if value is None else str(value)


def test_the_bytes_are_the_same_on_every_python() -> None:
    file = io.StringIO(newline="")
    writer = Writer(file)
    writer.header(["id", "a\rb"])
    writer.rows([["1", "x\ry"], ["2", ""], [" 3 ", 'q"q'], ["4", "\r"], ["5", "a\x00"], ["6", "plain"]])
    assert file.getvalue() == ('id,"a\rb"\n1,"x\ry"\n2,\n 3 ,"q""q"\n4,"\r"\n5,a\x00\n6,plain\n')


def test_a_name_is_not_taken_for_a_byte_order_mark(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", ["\ufeffid", "b"], [["1", "2"]])
    assert path.read_bytes().startswith(b'"')
    assert by_header(path) == ["\ufeffid", "b"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("cell", [CR, "\r", "a\r", "\rb", '"\r"', "a\r\nb", "a,\rb", "\r\r"])
def test_what_an_older_version_left_unquoted_is_read_as_it_was_meant(
    tmp_path: Path, cell: str, end: str
) -> None:
    """Written as Python 3.11 did: quoted for commas, quotes and line feeds alone."""
    bare = not set(',"\n') & set(cell)
    shown = cell if bare else '"' + cell.replace('"', '""') + '"'
    lines = [["id", "t", "u"], ["1", shown, "x"], ["2", '"q\n"', shown], ["3", shown, shown]]
    path = tmp_path / "x.csv"
    path.write_text("".join(",".join(line) + end for line in lines), encoding="utf-8", newline="")
    if end == "\r\n" and bare and cell.endswith("\r"):
        pytest.skip("a carriage return before such an end belongs to either")
    assert by_ours(path) == [["1", cell, "x"], ["2", "q\n", cell], ["3", cell, cell]]


async def test_a_carriage_return_is_no_row_of_its_own_also_after_a_merge(tmp_path: Path) -> None:
    rows: list[Any] = [{"id": id, "summary": f"{CR} {id}", "a\rb": "\r"} for id in (1, 2, 3)]
    served = OddList(rows)
    async with served.client() as halo:
        await export(halo, ["tickets"], tmp_path, format="csv")
        assert by_csv(tmp_path / "tickets.csv") == [[str(id), f"{CR} {id}", "\r"] for id in (1, 2, 3)]
        assert by_header(tmp_path / "tickets.csv")[2:] == folded_labels((), ["a\rb"])
        rows[1] = {"id": 2, "summary": "changed\r"}
        assert (await export(halo, [], tmp_path, since="last")).complete
    found = {row[0]: row for row in by_csv(tmp_path / "tickets.csv")}
    assert {id: row[1] for id, row in found.items()} == {"1": f"{CR} 1", "2": "changed\r", "3": f"{CR} 3"}


async def test_a_file_that_was_written_unquoted_is_mended_by_a_merge(tmp_path: Path) -> None:
    rows: list[Any] = [{"id": id, "summary": f"{CR} {id}"} for id in range(1, 131)]
    async with OddList(rows).client() as halo:
        await export(halo, ["tickets"], tmp_path, format="csv")
        path = tmp_path / "tickets.csv"
        path.write_bytes(path.read_bytes().replace(b'"', b""))
        assert len(by_csv(path)) > 130
        served = OddList(rows[:1])
        async with served.client() as other:
            report = json.loads((tmp_path / "report.json").read_text())
            report["instance"] = other._instance.origin
            (tmp_path / "report.json").write_text(json.dumps(report))
            assert (await export(other, [], tmp_path, since="last")).complete
    kept = {row[0]: row[1] for row in by_csv(path)}
    assert kept == {str(id): f"{CR} {id}" for id in range(1, 131)}
