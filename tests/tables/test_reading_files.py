"""Exported lines, read back by `read`, `scan`, and the statements for DuckDB, polars, pandas and Spark: every value."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from halo_async import tables
from halo_async.errors import DecodeError, SettingsError
from halo_async.tables.column_types import Kind
from halo_async.tables.declared import declared_columns
from halo_async.tables.schema import TableSchema
from halo_async.tables.schema_files import schema_file, schema_of_file, schema_text
from halo_async.tables.schema_scan import SchemaScan
from halo_async.tables.seen import SeenColumns
from halo_async.tables.statements import STATEMENTS
from halo_async.tables.values import labelled
from tests.support.examples import examples

pa = pytest.importorskip("pyarrow", reason="needs pyarrow")

SAMPLE = 20_480
"""Rows that DuckDB looks at; polars looks at 100."""
Reader = Callable[[TableSchema, str], dict[str, list[Any]]]


def read_by_arrow(schema: TableSchema, path: str) -> dict[str, list[Any]]:
    return dict(tables.read(path).to_pydict())


def scan_by_arrow(schema: TableSchema, path: str) -> dict[str, list[Any]]:
    return dict(tables.scan(path).read_all().to_pydict())


def read_by_duckdb(schema: TableSchema, path: str) -> dict[str, list[Any]]:
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    with duckdb.connect() as connection:
        found = connection.execute(STATEMENTS["duckdb"](schema, path))
        names = [column[0] for column in found.description]
        rows = found.fetchall()
    return {name: [row[at] for row in rows] for at, name in enumerate(names)}


def read_by_polars(schema: TableSchema, path: str) -> dict[str, list[Any]]:
    pytest.importorskip("polars", reason="needs polars")
    names: dict[str, Any] = {}
    exec(STATEMENTS["polars"](schema, path), names)
    return dict(names["frame"].collect().to_dict(as_series=False))


def read_by_pandas(schema: TableSchema, path: str) -> dict[str, list[Any]]:
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    names: dict[str, Any] = {}
    exec(STATEMENTS["pandas"](schema, path), names)
    frame = names["frame"]
    return {name: [None if value is pandas.NA else value for value in frame[name].tolist()] for name in frame}


@cache
def spark_session() -> Any:
    sql = pytest.importorskip("pyspark.sql", reason="needs pyspark")
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        pytest.skip("needs Java")
    builder = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    return builder.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()


@pytest.fixture(scope="module", autouse=True)
def _end_of_spark() -> Iterator[None]:
    yield
    if spark_session.cache_info().currsize:
        spark_session().stop()


def read_by_spark(schema: TableSchema, path: str) -> dict[str, list[Any]]:
    names = {"spark": spark_session()}
    exec(STATEMENTS["spark"](schema, path), names)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Spark has not been tried with pandas 3
        table = names["frame"].toArrow()
    return {name: table[at].to_pylist() for at, name in enumerate(table.schema.names)}


READERS = {
    "read": read_by_arrow,
    "scan": scan_by_arrow,
    "duckdb": read_by_duckdb,
    "polars": read_by_polars,
    "pandas": read_by_pandas,
    "spark": read_by_spark,
}


def moment(text: str) -> datetime | None:
    found = datetime.fromisoformat(text) if text else None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def same(found: Any, value: Any, kind: Any) -> bool:
    """Whether a reader's value is what came: text of another value as JSON that means the same."""
    if value is None:
        return found is None
    if kind.kind is Kind.TIMESTAMP:
        return bool(found == moment(value))
    if kind.kind is Kind.STRUCT and not kind.hollow:
        if isinstance(found, str):  # DuckDB has no struct for names that differ in case only
            return bool(json.loads(found) == value)
        return all(
            same(found[label if label in found else name], value.get(name), item)
            for label, name, item in labelled(kind)
        )
    if kind.item is not None and not kind.hollow:
        return len(found) == len(value) and all(map(same, found, value, [kind.item] * len(value)))
    if isinstance(found, str) and not isinstance(value, str):
        return bool(json.loads(found) == value)
    if isinstance(found, str) and found != value:
        return bool(json.loads(found) == value)  # a column of JSON
    return bool(found == value and isinstance(found, bool) == isinstance(value, bool))


def check(reader: Reader, path: Path, rows: list[dict[str, Any]]) -> None:
    schema = schema_of_file(path)
    found = reader(schema, str(path))
    for column in schema.columns:
        if column.seen:
            values = found[column.name]
            assert len(values) == len(rows)
            wrong = [
                (at, value, row.get(column.original))
                for at, (value, row) in enumerate(zip(values, rows, strict=True))
                if not same(value, row.get(column.original), column.type)
            ]
            assert not wrong[:3], column


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8", newline="\n")
    return path


def traps() -> list[dict[str, Any]]:
    """Valid rows by which readers that guess go wrong: see the names."""
    rows: list[dict[str, Any]] = [
        {"id": number, "dateoccurred": "2026-10-03T06:24:10", "summary": "a", "changes": number}
        for number in range(30_000)
    ]
    rows[7] = {"dateoccurred": "", "summary": "an id that is missing", "changes": 7}
    rows[SAMPLE + 5]["dateoccurred"] = "2026-10-03T06:24:10.967"
    rows[SAMPLE + 6]["dateoccurred"] = "2026-12-31T23:59:59.9999999"
    rows[SAMPLE + 7]["dateoccurred"] = "9999-12-31T23:59:59.9999999"
    rows[SAMPLE + 8]["dateoccurred"] = "0001-01-01T00:00:00"
    rows[SAMPLE + 9]["dateoccurred"] = "2026-10-03T06:24:10.5+02:00"
    rows[SAMPLE + 10]["dateoccurred"] = "2026-10-03T06:24:10Z"
    rows[SAMPLE + 11]["dateoccurred"] = "2026-10-03"
    rows.append({"id": 2**53 + 1, "late": True, "changes": "x", "beyond": 2**70, "number": 1})
    rows.append({"id": 2**62, "changes": {"a": [1, None]}, "beyond": -(2**70), "number": 0.1})
    rows.append({"id": 30_003, "parts": [{"id": 1, "value": "x"}, {"id": 2, "value": 5}], "beyond": 1})
    rows.append({"id": 30_004, "parts": [], "inner": {"a": 1, "when": None}, "hollow": {}})
    rows.append({"id": 30_005, "inner": {"b": "é😀\n"}, "summary": "x" * 3_000_000})
    return rows


@pytest.fixture(scope="module")
def trapped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    rows = traps()
    path = write(tmp_path_factory.mktemp("export") / "tickets.jsonl", rows)
    Path(schema_file(path)).write_text(schema_text(schema_of_file(path)), "utf-8")
    return path, rows


@pytest.mark.parametrize("name", READERS)
def test_every_value_is_read_where_readers_that_guess_go_wrong(name, trapped):
    path, rows = trapped
    check(READERS[name], path, rows)


def test_the_schema_says_what_the_rows_have(trapped):
    path, _ = trapped
    schema = schema_of_file(path)
    found = {column.original: (str(column.type), column.nullable) for column in schema.columns if column.seen}
    assert found == {
        "id": ("int64", True),
        "dateoccurred": ("timestamp[us, UTC]", True),
        "summary": ("text", True),
        "changes": ("text", True),
        "late": ("bool", True),
        "beyond": ("decimal(38, 0)", True),
        "number": ("float64", True),
        "parts": ("list<struct<id: int64, value: text>>", True),
        "inner": ("struct<a: int64, when: text, b: text>", True),
        "hollow": ("json", True),
    }
    assert schema.record == "TicketSummary"


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_compressed_files_are_read_too(name, suffix, tmp_path):
    rows = [{"id": 1, "dateoccurred": "2026-10-03T06:24:10.967", "summary": "é"}, {"id": None, "x": 1.5}]
    path = write(tmp_path / f"tickets.jsonl{'' if suffix == '.zst' else suffix}", rows)
    if suffix == ".zst":
        zstandard = pytest.importorskip("zstandard", reason="needs zstandard")
        path = tmp_path / "tickets.jsonl.zst"
        path.write_bytes(zstandard.compress((tmp_path / "tickets.jsonl").read_bytes()))
    check(READERS[name], path, rows)


@pytest.mark.parametrize("name", READERS)
def test_an_empty_file_has_the_declared_columns(name, tmp_path):
    path = write(tmp_path / "tickets.jsonl", [])
    found = READERS[name](schema_of_file(path), str(path))
    assert found["id"] == found["dateoccurred"] == []
    assert len(found) > 300


@pytest.mark.parametrize("name", READERS)
def test_odd_names_have_the_columns_of_the_tables(name, tmp_path):
    rows = [
        {"a": 1, "A": "x", 'q"\\': 2, "it's/~": True, "": None, "o": {"b": 1, "B": 2}},
        {"a": None, "": 5},
    ]
    path = write(tmp_path / "unknown.jsonl", rows)
    check(READERS[name], path, rows)


VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**66), 2**66),
        st.floats(-1e9, 1e9),
        st.text('aé\n"', max_size=3),
        st.sampled_from(
            ["2026-10-03T06:24:10", "2026-10-03T06:24:10.1234567", "0001-01-01T00:00:00", "soon"]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)
    ),
    max_leaves=4,
)
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["id", "dateoccurred", "summary", "x", "X"]), VALUES), max_size=6
)


@settings(max_examples=examples(50), deadline=None)
@given(ROWS, st.integers(1, 3))
@example([{"summary": "a"}, {"summary": ""}, {"id": 1, "summary": ""}], 3)
@example([{"dateoccurred": "2026-10-03T06:24:10"}, {"dateoccurred": ""}], 1)
@example([{"dateoccurred": ""}, {"dateoccurred": "soon"}], 1)
def test_the_quick_scan_finds_what_the_careful_one_does(rows, size):
    from halo_async.models import TicketSummary

    lines = [json.dumps(row).encode() for row in rows]
    declared = declared_columns(TicketSummary)
    quick, careful = SchemaScan(declared), SeenColumns(declared)
    for start in range(0, len(lines), size):
        quick.add(lines[start : start + size])
        careful.add(lines[start : start + size])
    expected = {column.original: column.type for column in careful.schema().columns}
    assert {column.original: column.type for column in quick.schema().columns} == expected
    for column in quick.schema().columns:
        missing = (None, "") if column.type.kind is Kind.TIMESTAMP else (None,)
        has_all = bool(rows) and all(row.get(column.original) not in missing for row in rows)
        assert column.nullable == (column.type.kind is Kind.MIXED or not has_all)


@pytest.mark.parametrize("name", READERS)
@settings(max_examples=examples(10), deadline=None)
@given(rows=ROWS)
def test_any_rows_are_read_by_every_reader(tmp_path_factory, name, rows):
    path = write(tmp_path_factory.mktemp("rows") / "tickets.jsonl", rows)
    check(READERS[name], path, rows)


@settings(max_examples=examples(25), deadline=None)
@given(ROWS)
def test_any_rows_are_read_by_their_schema(tmp_path_factory, rows):
    path = write(tmp_path_factory.mktemp("rows") / "tickets.jsonl", rows)
    check(read_by_arrow, path, rows)
    Path(schema_file(path)).write_text(schema_text(schema_of_file(path)), "utf-8")
    check(read_by_arrow, path, rows)


# read and scan ---------------------------------------------------------------------------------------


def test_text_of_several_types_is_as_it_came(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"v":1.10}\n\n{"v":"a"}\r\n{"v":{"b": [1]}}')  # also empty lines, and no feed at the end
    assert tables.read(path)["v"].to_pylist() == ["1.10", "a", '{"b": [1]}']


def test_columns_are_read_alone_and_in_order(tmp_path):
    path = write(tmp_path / "tickets.jsonl", [{"id": 1, "summary": "a", "x": {"y": 1}}])
    assert tables.read(path, columns=["x", "id"]).to_pylist() == [{"x": {"y": 1}, "id": 1}]
    with pytest.raises(ValueError, match=re.escape("has no field 'sumary'. Did you mean 'summary'?")):
        tables.scan(path, columns=["sumary"])


def test_never_as_null(tmp_path):
    path = write(tmp_path / "tickets.jsonl", [{"dateoccurred": "1900-01-01T00:00:00"}])
    assert tables.read(path, never_as_null=True)["dateoccurred"].to_pylist() == [None]
    assert tables.read(path)["dateoccurred"].to_pylist() == [datetime(1900, 1, 1, tzinfo=UTC)]


def test_a_scan_reads_some_rows_at_a_time(tmp_path, monkeypatch):
    from halo_async.tables import line_files

    monkeypatch.setattr(line_files, "_BLOCK", 100)
    path = write(tmp_path / "tickets.jsonl", [{"id": number} for number in range(100)])
    reader = tables.scan(path)
    assert hasattr(reader, "__arrow_c_stream__")
    batches = list(reader)
    assert len(batches) > 5
    assert [id for batch in batches for id in batch["id"].to_pylist()] == list(range(100))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('{"id":"x"}', "another 'id' from line"),
        ('{"new":1}', "another 'new' from line 2"),
        ('{"id"', "Line 2 of"),
    ],
)
def test_a_line_that_does_not_fit_its_schema_is_named(line, text, tmp_path):
    path = write(tmp_path / "x.jsonl", [{"id": 1}])
    Path(schema_file(path)).write_text(schema_text(schema_of_file(path)), "utf-8")
    path.write_text('{"id":1}\n' + line + "\n")
    with pytest.raises(DecodeError, match=text):
        tables.read(path)
    with pytest.raises(DecodeError, match=text):
        tables.scan(path).read_all()


@pytest.mark.parametrize("content", ["{", "[]", '{"columns":[{}]}', '{"columns":[],"record":5, "x":'])
def test_a_file_that_is_not_a_schema_is_refused(content, tmp_path):
    path = write(tmp_path / "x.jsonl", [{"id": 1}])
    Path(schema_file(path)).write_text(content)
    with pytest.raises(SettingsError, match=r"x\.schema\.json is not the schema of an export"):
        tables.read(path)


def test_a_missing_file_is_the_usual_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        tables.read(tmp_path / "tickets.jsonl")


def test_an_address_of_fsspec_is_read(tmp_path):
    fsspec = pytest.importorskip("fsspec", reason="needs fsspec")
    with fsspec.open("memory://bucket/tickets.jsonl", "wb") as file:
        file.write(b'{"id":1}\n')
    assert tables.read("memory://bucket/tickets.jsonl")["id"].to_pylist() == [1]


def test_pyarrow_is_named_where_it_is_missing(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for call in (tables.read, tables.scan):
        with pytest.raises(SettingsError, match=r"halo-async\[arrow\]"):
            call(tmp_path / "tickets.jsonl")


def test_decimals_are_decimals(trapped):
    path, _ = trapped
    assert tables.read(path, columns=["beyond"])["beyond"].to_pylist()[-5] == Decimal(2**70)
