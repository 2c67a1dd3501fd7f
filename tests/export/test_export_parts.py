"""Parquet in one pass: rows unlike those before them begin a part with a wider schema, and no value changes."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from halo_async._utils.dates import parse_date
from halo_async.export import spool_tail
from halo_async.export.names import resolve_names
from halo_async.export.sinks import SinkInput
from halo_async.export.spool import codec
from tests.support.examples import examples

pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")

from halo_async.export.sinks import parquet_file, parts  # noqa: E402 - needs pyarrow
from halo_async.export.sinks.parquet import ParquetSink  # noqa: E402

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, 2**63, 2**70]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=3),
    st.sampled_from(["2026-10-03T06:24:10.1234567", "2026-10-03"]),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2),
)
ROWS = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from(["id", "name", "x", "Y", "dateoccurred"]), VALUES, max_size=4),
        st.integers(0, 9),
    ),
    max_size=12,
)


def made(folder: Path, rows: list[Any]) -> Any:
    spool = folder / "tickets.jsonl.part"
    spool.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))
    material = SinkInput("tickets", folder, spool, codec(""), resolve_names(["tickets"])[0], (), Event())
    outcome = ParquetSink().finish(material)
    assert [path.name for path in folder.iterdir()] == ["tickets.parquet"]
    table = pq.read_table(folder / "tickets.parquet")
    assert outcome.columns == table.num_columns
    return table


def holds(found: Any, value: Any) -> bool:
    """Whether a cell says what the row said."""
    if value is None or (value == "" and found is None):
        return found is None
    if isinstance(value, dict) and isinstance(found, dict):
        return {name: item for name, item in found.items() if item is not None} == value
    if type(found) is type(value) and type(value) is not float:
        return bool(found == value)
    if isinstance(found, str):
        said = json.loads(found)
        return bool(said == value) and isinstance(said, bool) is isinstance(value, bool)
    if isinstance(value, str):
        return bool(found == parse_date(value))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and found == value


@settings(
    max_examples=examples(30),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ROWS, st.integers(1, 40), st.integers(1, 3))
@example([{"x": 2**53 + 1}, {"x": 0.5}], 1, 1)
@example([{"x": 0.5}, {"x": 2**53 + 1}], 1, 1)
@example([{"x": 0.5}, {"x": 1}, {"x": 2**53 + 1}], 1, 1)
@example([{"x": 1}, {"x": 2**63}], 1, 1)
@example([{"x": None}, {"x": {}}, {"x": "a"}], 1, 1)
@example([{"x": True}, {"x": 1}], 1, 1)
@example([{"x": 0.0}, {"x": False}], 1, 1)
@example([{"id": 1}, 5, {"id": 2}], 1, 1)
@example([{"dateoccurred": "2026-10-03"}, {"dateoccurred": "soon"}, {"id": 1}, {"id": 2}], 1, 1)
def test_f56_every_value_is_what_it_was_however_types_change(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], size: int, group: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spool_tail, "BLOCK", size)
        patch.setattr(parquet_file, "ROWS", group)
        table = made(tmp_path_factory.mktemp("parts"), rows)
    cells = table.to_pylist()
    assert len(cells) == len(rows)
    for found, row in zip(cells, rows, strict=True):
        wanted = row if isinstance(row, dict) else {"value": row}
        assert all(holds(found[name], value) for name, value in wanted.items()), (found, wanted)
        assert all(found[name] is None for name in found.keys() - wanted.keys())


def test_parts_of_a_run_that_was_killed_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "tickets.parquet.part.3").write_bytes(b"half")
    assert made(tmp_path, [{"id": 1}]).num_rows == 1


def test_rows_that_are_all_alike_are_one_part_and_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.ArrowBuilder, "_carefully", None)
    monkeypatch.setattr("halo_async.tables.seen.SeenColumns.add", None)
    monkeypatch.setattr(spool_tail, "BLOCK", 1000)
    rows = [{"id": number, "summary": "x", "new": 0.5, "n": [{"a": 1}]} for number in range(1000)]
    assert made(tmp_path, rows).num_rows == 1000


def test_row_groups_are_what_readers_like(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_file, "ROWS", 100)
    monkeypatch.setattr(spool_tail, "BLOCK", 1000)
    made(tmp_path, [{"id": number} for number in range(1000)])
    file = pq.ParquetFile(tmp_path / "tickets.parquet")
    assert {file.metadata.row_group(at).num_rows >= 100 for at in range(file.num_row_groups - 1)} == {True}
    column = file.metadata.row_group(0).column(file.schema_arrow.names.index("id"))
    assert (column.statistics.min, column.compression) == (0, "ZSTD")
    assert file.schema_arrow.field("id").metadata[b"halo.field"] == b"id"
    assert file.schema_arrow.metadata[b"halo.record"] == b"TicketSummary"
