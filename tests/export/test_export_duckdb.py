"""Row groups of a DuckDB file: small enough to be written in little memory, and such that readers skip."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from halo_async.export.names import resolve_names
from halo_async.export.sinks import SinkInput
from halo_async.export.spool import codec
from halo_async.tables.declared import declared_columns, record_of

duckdb: Any = pytest.importorskip("duckdb", reason="needs duckdb")
pytest.importorskip("pyarrow", reason="needs pyarrow")

from halo_async.export.sinks import duckdb as sink  # noqa: E402 - needs duckdb

GROUP = 2048
"""The least that DuckDB takes."""


@pytest.fixture(autouse=True)
def _small_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink, "ROW_GROUP", GROUP)


def material(folder: Path, ids: Sequence[int], replaced: Sequence[int] = ()) -> SinkInput:
    folder.mkdir(exist_ok=True)
    spool = folder / "tickets.jsonl.part"
    spool.write_text("".join(json.dumps({"id": id, "summary": f"s{id}"}) + "\n" for id in ids))
    operation = resolve_names(["tickets"])[0]
    return SinkInput("tickets", folder, spool, codec(""), operation, (), Event(), replaced=replaced)


def groups(folder: Path) -> list[tuple[int, int, int]]:
    """Return the length, the least and the greatest id of each row group."""
    query = (
        "SELECT count, stats.min, stats.max FROM pragma_storage_info('tickets') "
        "WHERE column_name = 'id' AND segment_type = 'BIGINT' ORDER BY row_group_id"
    )
    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        found: list[tuple[int, int, int]] = database.execute(query).fetchall()
    return found


def ids(folder: Path) -> list[int]:
    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        found = database.execute("SELECT id, summary FROM tickets").fetchall()
    assert all(summary == f"s{id}" for id, summary in found)
    return [id for id, _ in found]


def test_each_row_group_says_which_ids_it_has(tmp_path: Path) -> None:
    sink.DuckdbSink().finish(material(tmp_path, range(5000)))
    assert groups(tmp_path) == [(GROUP, 0, 2047), (GROUP, 2048, 4095), (904, 4096, 4999)]
    assert ids(tmp_path) == list(range(5000))


def test_a_reader_of_a_few_ids_skips_the_other_row_groups(tmp_path: Path) -> None:
    sink.DuckdbSink().finish(material(tmp_path, range(20 * GROUP)))
    query = f"EXPLAIN (ANALYZE, FORMAT json) SELECT summary FROM tickets WHERE id >= {20 * GROUP - 50}"
    with duckdb.connect(str(tmp_path / "halo.duckdb"), read_only=True) as database:
        ((_, plan),) = database.execute(query).fetchall()
    assert json.loads(plan)["query"]["total_rows_scanned"] == GROUP


def test_rows_are_merged_into_a_file_with_other_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(sink, "ROW_GROUP", 2 * GROUP)
        sink.DuckdbSink().finish(material(tmp_path, range(5000)))
    changes = material(tmp_path, [3, *range(5000, 9000)], replaced=[3])
    result, _ = sink.DuckdbSink().merge(changes, [7])
    assert (result.rows, result.deleted) == (8999, 1)
    assert sorted(ids(tmp_path)) == [id for id in range(9000) if id != 7]


def test_a_folder_whose_name_holds_a_quote_is_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "it's; here"
    sink.DuckdbSink().finish(material(folder, range(3)))
    assert ids(folder) == [0, 1, 2]
    assert [path.name for path in folder.iterdir()] == ["halo.duckdb"]


def test_duckdb_prints_no_progress_bar(tmp_path: Path) -> None:
    """It does in a notebook, and where a program was given with -c."""
    program = (
        "import sys, pathlib; from halo_async.export.sinks.duckdb import DuckdbSink, duckdb\n"
        "asked = \"SELECT current_setting('enable_progress_bar')\"\n"
        "assert duckdb.execute(asked).fetchall() == [(True,)]\n"
        "with DuckdbSink().open(pathlib.Path(sys.argv[1])) as database:\n"
        "    print(database.execute(asked).fetchall())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "halo.duckdb")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "[(False,)]\n"


def stored(folder: Path) -> set[str]:
    """Return the columns that take room in the file."""
    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        found = database.execute("SELECT DISTINCT column_name FROM pragma_storage_info('tickets')").fetchall()
    return {name for (name,) in found}


def types(folder: Path) -> dict[str, str]:
    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        return {name: type for name, type, *_ in database.execute("DESCRIBE tickets").fetchall()}


def values(folder: Path, column: str) -> dict[int, Any]:
    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        return dict(database.execute(f"SELECT id, {column} FROM tickets ORDER BY id").fetchall())


def test_columns_without_a_value_have_their_type_and_place_and_take_no_room(tmp_path: Path) -> None:
    sink.DuckdbSink().finish(material(tmp_path, range(3)))
    assert stored(tmp_path) == {"id", "summary"}
    assert list(types(tmp_path)) == list(declared_columns(record_of(resolve_names(["tickets"])[0])))
    assert types(tmp_path)["dateoccurred"] == "TIMESTAMP WITH TIME ZONE"
    assert types(tmp_path)["client_id"] == "BIGINT"
    assert values(tmp_path, "dateoccurred") == dict.fromkeys(range(3))


def test_a_column_takes_its_first_value_from_a_merge(tmp_path: Path) -> None:
    sink.DuckdbSink().finish(material(tmp_path, range(3)))
    before = types(tmp_path)
    changes = material(tmp_path, [1], replaced=[1])
    changes.spool.write_text('{"id":1,"summary":"s1","client_id":12,"site_id":null}\n')
    sink.DuckdbSink().merge(changes, [])
    assert values(tmp_path, "client_id") == {0: None, 1: 12, 2: None}
    assert (types(tmp_path), stored(tmp_path)) == (before, {"id", "summary", "client_id"})


def test_changes_without_a_value_for_an_empty_column_leave_the_other_rows_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink.DuckdbSink().finish(material(tmp_path, range(3)))
    changes = material(tmp_path, [1], replaced=[1])
    changes.spool.write_text('{"id":1,"summary":"s1","client_id":null}\n')
    monkeypatch.delattr(sink.DuckdbSink, "_rebuilt")
    sink.DuckdbSink().merge(changes, [2])
    assert (ids(tmp_path), stored(tmp_path)) == ([0, 1], {"id", "summary"})


def test_rows_without_any_value_are_rows(tmp_path: Path) -> None:
    rows = material(tmp_path, [])
    rows.spool.write_text("{}\n{}\n")
    sink.DuckdbSink().finish(rows)
    assert values(tmp_path, "count(*) OVER ()") == {None: 2}
    sink.DuckdbSink().merge(material(tmp_path, [7]), [])
    assert values(tmp_path, "summary") == {7: "s7", None: None}


def test_changes_go_into_a_file_whose_empty_columns_take_room(tmp_path: Path) -> None:
    """Older releases wrote such files."""
    sink.DuckdbSink().finish(material(tmp_path, range(3)))
    before = types(tmp_path)
    with duckdb.connect(str(tmp_path / "halo.duckdb")) as database:
        database.execute(
            "CREATE TABLE old AS FROM tickets; DROP TABLE tickets; ALTER TABLE old RENAME TO tickets"
        )
    assert stored(tmp_path) == before.keys()
    changes = material(tmp_path, [1, 5], replaced=[1])
    changes.spool.write_text('{"id":1,"summary":"s1","client_id":12}\n{"id":5,"summary":"s5"}\n')
    sink.DuckdbSink().merge(changes, [2])
    assert values(tmp_path, "client_id") == {0: None, 1: 12, 5: None}
    assert types(tmp_path) == before


def test_a_database_with_empty_columns_can_be_copied(tmp_path: Path) -> None:
    sink.DuckdbSink().finish(material(tmp_path, range(3)))
    with duckdb.connect(str(tmp_path / "halo.duckdb")) as database:
        database.execute(f"EXPORT DATABASE '{tmp_path / 'exported'}' (FORMAT parquet)")
        database.execute(f"ATTACH '{tmp_path / 'copy.duckdb'}' AS copy; COPY FROM DATABASE halo TO copy")
    with duckdb.connect() as database:
        database.execute(f"IMPORT DATABASE '{tmp_path / 'exported'}'")
        database.execute(f"ATTACH '{tmp_path / 'copy.duckdb'}' AS copy")
        query = "SELECT id, summary, dateoccurred FROM {}tickets ORDER BY id"
        wanted = [(id, f"s{id}", None) for id in range(3)]
        assert [database.execute(query.format(place)).fetchall() for place in ("", "copy.")] == [
            wanted,
            wanted,
        ]
