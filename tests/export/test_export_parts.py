"""Parquet in one pass: rows unlike those before them begin a part with a wider schema, and no value changes."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from halo_async.export.names import resolve_names
from halo_async.export.sinks import SinkInput
from halo_async.export.spool import codec

pq = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow")

from halo_async.export.sinks import parts  # noqa: E402 - needs pyarrow
from halo_async.export.sinks.parquet import ParquetSink  # noqa: E402

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, 2**63, 2**70]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=3),
    st.lists(st.integers(0, 3), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2),
)
ROWS = st.lists(
    st.one_of(
        st.dictionaries(st.sampled_from(["id", "name", "x", "Y"]), VALUES, max_size=4), st.integers(0, 9)
    ),
    max_size=12,
)


def made(folder: Path, rows: list[Any]) -> Any:
    spool = folder / "team.jsonl.part"
    spool.write_text("".join(json.dumps(row) + "\n" for row in rows))
    material = SinkInput("team", folder, spool, codec(""), resolve_names(["team"])[0], (), Event())
    outcome = ParquetSink().finish(material)
    assert [path.name for path in folder.iterdir()] == ["team.parquet"]
    table = pq.read_table(folder / "team.parquet")
    assert outcome.columns == table.num_columns
    return table


def holds(found: Any, value: Any) -> bool:
    """Whether a cell says what the row said."""
    if value is None:
        return found is None
    if type(found) is type(value) and type(value) is not float:
        return bool(found == value)
    if isinstance(found, str):
        # In a column of numbers of both kinds a whole one is 1.0 before it becomes text.
        said = json.loads(found)
        return bool(said == value) and isinstance(said, bool) is isinstance(value, bool)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and isinstance(found, float) and found == value


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 4))
@example([{"x": 2**53 + 1}, {"x": 0.5}], 1)
@example([{"x": 0.5}, {"x": 2**53 + 1}], 1)
@example([{"x": 0.5}, {"x": 1}, {"x": 2**53 + 1}], 1)
@example([{"x": 1}, {"x": 2**63}], 1)
@example([{"x": None}, {"x": {}}, {"x": "a"}], 1)
@example([{"x": True}, {"x": 1}], 1)
@example([{"x": 0.0}, {"x": False}], 1)
@example([{"id": 1}, 5, {"id": 2}], 1)
def test_f56_every_value_is_what_it_was_however_types_change(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "ROWS", size)
        table = made(tmp_path_factory.mktemp("parts"), rows)
    cells = table.to_pylist()
    assert len(cells) == len(rows)
    for found, row in zip(cells, rows, strict=True):
        wanted = row if isinstance(row, dict) else {"value": row}
        assert all(holds(found[name], value) for name, value in wanted.items()), (found, wanted)
        assert all(found[name] is None for name in found.keys() - wanted.keys())


def test_parts_of_a_run_that_was_killed_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "team.parquet.part.3").write_bytes(b"half")
    assert made(tmp_path, [{"id": 1}]).num_rows == 1


def test_rows_that_are_all_alike_are_one_part_and_looked_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    original = parts.scan

    def scan(rows: Any, *args: Any) -> Any:
        looked.append(len(rows))
        return original(rows, *args)

    monkeypatch.setattr(parts, "scan", scan)
    monkeypatch.setattr(parts, "ROWS", 10)
    made(tmp_path, [{"id": number, "name": "x", "new": 0.5} for number in range(1000)])
    assert looked == [10]
