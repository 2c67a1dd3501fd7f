"""Typed columns in files: read back by every reader of a format, and merged into what an older release wrote."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_async import Halo
from halo_async.errors import SettingsError
from halo_async.export import export
from halo_async.export.names import resolve_names
from halo_async.export.sinks import SinkInput, sink
from halo_async.export.spool import codec
from tests.support.examples import examples
from tests.support.export_kit import needs, only
from tests.support.odd_list import OddList
from tests.support.read_back import cells, says

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:pandas")
TABLES = ["csv", "sqlite", "parquet", "duckdb"]
NEVER = ["0001-01-01T00:00:00", "1899-12-30T00:00:00", "1900-01-01T00:00:00", "9999-12-31T23:59:59.9999999"]
DATE = st.one_of(
    st.datetimes(datetime(1970, 1, 1), datetime(2262, 1, 1)).map(datetime.isoformat),
    st.sampled_from(["2026-12-31T23:59:59.9999999", "2026-10-03T06:24:10.967", *NEVER]),
)
FIELD = st.fixed_dictionaries({"id": st.integers(0, 9)}, optional={"value": st.text("ab")})
ROW = st.fixed_dictionaries(
    {},
    optional={
        "dateoccurred": DATE,
        "dateclosed": st.one_of(DATE, DATE, st.just("soon")),
        "summary": st.text(st.sampled_from("ab é😀,;\n"), max_size=5),
        "user_id": st.one_of(st.integers(-(2**63), 2**63 - 1), st.none()),
        "big": st.integers(-(10**37), 10**37),
        "mixed": st.one_of(st.integers(0, 9), st.text("ab", min_size=1, max_size=2)),
        "Summary": st.text("xyz", min_size=1, max_size=3),
        "child_ticket_ids": st.lists(st.integers(0, 9), max_size=2),
        "customfields": st.lists(FIELD, max_size=2),
        "late": st.sampled_from([{}, {"a": {"b": 1.5}}]),
        "flag": st.booleans(),
        'say "hi"': st.integers(0, 9),
        "back\\slash": st.text("ab", min_size=1, max_size=2),
        "": st.booleans(),
        "two\nlines\tand\x01": st.integers(0, 9),
    },
)
ROWS = st.lists(ROW, min_size=1, max_size=8).map(
    lambda rows: [{"id": at, **row} for at, row in enumerate(rows, 1)]
)


def material(folder: Path, rows: list[dict[str, Any]], **options: Any) -> SinkInput:
    spool = folder / "tickets.jsonl.part"
    spool.write_bytes(b"".join(json.dumps(row, separators=(",", ":")).encode() + b"\n" for row in rows))
    return SinkInput(
        "tickets", folder, spool, codec(""), resolve_names(["tickets"])[0], (), Event(), **options
    )


def by_pyarrow(folder: Path) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    return list(pq.read_table(folder / "tickets.parquet").to_pylist())


def by_polars(folder: Path) -> list[dict[str, Any]]:
    import polars as pl

    return pl.read_parquet(folder / "tickets.parquet").to_dicts()


def by_pandas(folder: Path) -> list[dict[str, Any]]:
    pd = pytest.importorskip("pandas")
    frame = pd.read_parquet(folder / "tickets.parquet", dtype_backend="pyarrow")
    return [{name: plain(value) for name, value in row.items()} for row in frame.to_dict("records")]


def plain(value: Any) -> Any:
    """A value of pandas as Python has it."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, datetime):
        return value if type(value) is datetime else value.to_pydatetime()
    if type(value).__name__ == "ndarray":
        return [plain(item) for item in value]
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


def by_duckdb(folder: Path) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect() as database:
        found = database.execute("SELECT * FROM read_parquet(?)", [str(folder / "tickets.parquet")])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def by_cells(format: str) -> Callable[[Path], list[dict[str, Any]]]:
    return lambda folder: cells(folder, format, "tickets")


def csv_by_polars(folder: Path) -> list[dict[str, Any]]:
    import polars as pl

    return pl.read_csv(folder / "tickets.csv", infer_schema=False).to_dicts()


def csv_by_pandas(folder: Path) -> list[dict[str, Any]]:
    pd = pytest.importorskip("pandas")
    frame = pd.read_csv(folder / "tickets.csv", dtype=str, keep_default_na=False)
    return list(frame.to_dict("records"))


READERS: dict[str, list[Callable[[Path], list[dict[str, Any]]]]] = {
    "parquet": [by_pyarrow, by_polars, by_pandas, by_duckdb],
    "csv": [by_cells("csv"), csv_by_polars, csv_by_pandas],
    "sqlite": [by_cells("sqlite")],
    "duckdb": [by_cells("duckdb")],
}


@pytest.mark.parametrize("format", TABLES)
@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=ROWS)
def test_every_reader_finds_what_was_sent(
    tmp_path_factory: pytest.TempPathFactory, format: str, rows: list[dict[str, Any]]
) -> None:
    needs(format)
    folder = tmp_path_factory.mktemp("types")
    outcome = sink(format).finish(material(folder, rows))
    assert outcome.schema is not None
    labels = {column.original: column.name for column in outcome.schema.columns}
    for reader in READERS[format]:
        found = {int(row["id"]): row for row in reader(folder)}
        assert len(found) == len(rows)
        for row in rows:
            for name, value in row.items():
                cell = found[row["id"]].get(labels.get(name, name))
                assert says(cell, value), (reader, name, cell, value)


@pytest.mark.parametrize("format", TABLES)
def test_never_dates_are_null_when_asked_for(tmp_path: Path, format: str) -> None:
    needs(format)
    rows = [{"id": at, "dateoccurred": date} for at, date in enumerate([*NEVER, "2026-10-03T06:24:10"])]
    sink(format).finish(material(tmp_path, rows, never_as_null=True))
    found = [row.get("dateoccurred") for row in cells(tmp_path, format, "tickets")]
    assert found[:4] == [None] * 4
    assert says(found[4], "2026-10-03T06:24:10")


@pytest.mark.parametrize("format", ["parquet", "duckdb"])
async def test_a_date_can_be_compared_and_nested_values_can_be_text(tmp_path: Path, format: str) -> None:
    needs(format)
    import duckdb

    rows = [{"id": 1, "dateoccurred": "2026-10-03T06:24:10.967", "customfields": [{"id": 5}], "x": {"a": 1}}]
    async with OddList(rows).client() as halo:
        await export(halo, ["tickets"], tmp_path / "typed", format=format)
        await export(halo, ["tickets"], tmp_path / "text", format=format, nested="json")
        again = only(await export(halo, [], tmp_path / "text", since="last"))
    assert again.complete
    (typed,), (text,) = (
        cells(tmp_path / "typed", format, "tickets"),
        cells(tmp_path / "text", format, "tickets"),
    )
    assert (typed["customfields"], typed["x"]) == ([{"id": 5}], {"a": 1})
    assert (json.loads(text["customfields"]), json.loads(text["x"])) == ([{"id": 5}], {"a": 1})
    if format == "duckdb":
        with duckdb.connect(str(tmp_path / "typed" / "halo.duckdb"), read_only=True) as database:
            asked = "SELECT count(*) FROM tickets WHERE dateoccurred > now() - interval 3000 day"
            assert database.execute(asked).fetchall() == [(1,)]
            (kind,) = database.execute("SELECT typeof(dateoccurred) FROM tickets").fetchall()
            assert kind == ("TIMESTAMP WITH TIME ZONE",)


async def test_options_of_columns_need_columns(halo: Halo, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"jsonl has no columns\. Use nested only"):
        await export(halo, ["client"], tmp_path / "a", nested="json")
    with pytest.raises(SettingsError, match=r"jsonl has no columns\. Use never_as_null only"):
        await export(halo, ["client"], tmp_path / "b", never_as_null=True)
    with pytest.raises(SettingsError, match='nested must be "json"'):
        await export(halo, ["client"], tmp_path / "c", format="csv", nested="text")  # type: ignore[arg-type]


def older(folder: Path, format: str, rows: list[dict[str, Any]]) -> None:
    """A table as older releases wrote it: dates, objects and lists are text."""
    names = list(rows[0])
    if format == "csv":
        with (folder / "tickets.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([names, *(row.values() for row in rows)])
    elif format == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.Table.from_pylist(rows), folder / "tickets.parquet")
    else:
        columns = ", ".join(f"{name} {'BIGINT' if name == 'id' else 'VARCHAR'}" for name in names)
        if format == "sqlite":
            columns = columns.replace("BIGINT", "INTEGER").replace("VARCHAR", "TEXT")
            with closing(sqlite3.connect(folder / "halo.sqlite", isolation_level=None)) as database:
                _fill(database, columns, rows)
        else:
            import duckdb

            with duckdb.connect(str(folder / "halo.duckdb")) as other:
                _fill(other, columns, rows)


def _fill(database: Any, columns: str, rows: list[dict[str, Any]]) -> None:
    database.execute(f"CREATE TABLE tickets ({columns})")
    for row in rows:
        database.execute(f"INSERT INTO tickets VALUES ({', '.join('?' * len(row))})", list(row.values()))


@pytest.mark.parametrize("format", TABLES)
def test_changes_go_into_what_an_older_release_wrote_as_text(tmp_path: Path, format: str) -> None:
    needs(format)
    text = {"dateoccurred": "2026-10-03T06:24:10.967", "dateclosed": "soon", "customfields": '[{"id":5}]'}
    older(
        tmp_path, format, [{"id": 1, **text}, {"id": 2, **text, "dateoccurred": NEVER[3]}, {"id": 3, **text}]
    )
    new = {
        "id": 2,
        "dateoccurred": "2026-12-31T23:59:59.9999999",
        "dateclosed": "2026-10-03T06:24:10",
        "customfields": [{"id": 6, "value": "x"}],
    }
    changes = material(tmp_path, [new], latest={2: 0}, replaced={2})
    merged, _ = sink(format).merge(changes, {3})
    assert (merged.rows, merged.deleted) == (2, 1)
    found = {int(row["id"]): row for row in cells(tmp_path, format, "tickets")}
    assert found[1]["dateclosed"] == "soon"
    assert found[2]["dateclosed"] == new["dateclosed"]
    typed = format in ("parquet", "duckdb")
    moment = datetime(2026, 10, 3, 6, 24, 10, 967_000, UTC)
    assert found[1]["dateoccurred"] == (moment if typed else "2026-10-03T06:24:10.967000Z")
    assert says(found[2]["dateoccurred"], new["dateoccurred"])
    assert says(found[1]["customfields"], [{"id": 5}])
    assert isinstance(found[1]["customfields"], list if typed else str)
    # And once more: what is there has types now.
    again = material(tmp_path, [{"id": 1, "dateoccurred": NEVER[0]}], latest={1: 0}, replaced={1})
    sink(format).merge(again, set())
    found = {int(row["id"]): row for row in cells(tmp_path, format, "tickets")}
    assert says(found[1]["dateoccurred"], NEVER[0])
    assert says(found[2]["customfields"], new["customfields"])


@pytest.mark.parametrize("format", TABLES)
def test_a_date_that_is_none_makes_its_column_text_also_by_a_merge(tmp_path: Path, format: str) -> None:
    needs(format)
    sink(format).finish(material(tmp_path, [{"id": 1, "dateoccurred": "2026-10-03T06:24:10"}]))
    changes = material(tmp_path, [{"id": 2, "dateoccurred": "soon"}], latest={2: 0}, replaced={2})
    _, outcome = sink(format).merge(changes, set())
    assert outcome.widened == (
        "dateoccurred: timestamp[us, UTC] -> text (row 2: a string that is not a date)",
    )
    found = [row["dateoccurred"] for row in cells(tmp_path, format, "tickets")]
    assert found == ["2026-10-03T06:24:10.000000Z", "soon"]
