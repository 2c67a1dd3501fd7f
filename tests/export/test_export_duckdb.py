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
