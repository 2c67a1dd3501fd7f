"""Rows of changed and deleted parents in the file of the last run."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from threading import Event

from halo_async.export.changed_parents import ChangedParents, kept_of, read_changed, write_changed
from halo_async.export.merge import _replace
from halo_async.export.names import resolve_names
from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.jsonl import JsonlSink
from halo_async.export.spool import codec

FILE = [(5, 1), (5, 2), (6, 1), (7, 1)]


def encoded(rows: list[tuple[int, int]]) -> bytes:
    return b"".join(json.dumps({"ticket_id": parent, "id": id}).encode() + b"\n" for parent, id in rows)


def replaced(
    folder: Path, rows: list[tuple[int, int]] | None, parents: ChangedParents
) -> list[tuple[int, int]]:
    """The rows of the file after it was brought up to date with what was gathered."""
    (folder / "actions.jsonl").write_bytes(encoded(FILE))
    spool = folder / "actions.jsonl.part"
    if rows is not None:
        spool.write_bytes(encoded(rows))
    operation = resolve_names(["actions"])[-1]
    material = SinkInput("actions", folder, spool, codec(""), operation, (), Event(), key="ticket_id")
    merged, _ = _replace(JsonlSink(codec("")), material, parents)
    found = [json.loads(line) for line in (folder / "actions.jsonl").read_bytes().splitlines()]
    assert merged.rows == len(found)
    assert not spool.exists()
    return sorted((row["ticket_id"], row["id"]) for row in found)


def test_rows_of_changed_parents_replace_theirs_and_those_of_deleted_leave(tmp_path: Path) -> None:
    parents = ChangedParents(array("q", [5, 8]), frozenset({7}))
    assert replaced(tmp_path, [(5, 2), (5, 3), (8, 1)], parents) == [(5, 2), (5, 3), (6, 1), (8, 1)]
    assert replaced(tmp_path, [], ChangedParents(array("q", [5]), frozenset())) == [(6, 1), (7, 1)]


def test_a_merge_that_was_done_already_removes_no_row(tmp_path: Path) -> None:
    parents = ChangedParents(array("q", [5]), frozenset({7}))
    assert replaced(tmp_path, None, parents) == FILE


def test_a_parent_that_changed_is_read_once_and_not_deleted(tmp_path: Path) -> None:
    path = tmp_path / "parents"
    write_changed(path, [5, 6, 5, 7, "8", 0, -1, 2**63, None], [7, 9, 0, -2, 2**63])
    parents = read_changed(path)
    assert (list(parents.ids), parents.deleted) == ([5, 6, 7], {9})
    assert parents.replaced == {5, 6, 7, 9}
    assert (list(parents.first(1).ids), parents.first(1).replaced) == ([5], {5, 9})


def test_rows_stay_whose_parents_are_not_replaced() -> None:
    assert kept_of(frozenset({5, 7}), 4)([5, 5, 6, 7]) == 1
    assert kept_of(frozenset(), 0)([]) == 0


def test_which_rows_stay_cannot_be_told_of_a_file_with_others_or_without_parents() -> None:
    for rows, parents in [(4, [5, 6, 7]), (2, [5, 6, 7]), (2, [5, None]), (2, [5, "6"]), (1, [5.0])]:
        assert kept_of(frozenset({5}), rows)(parents) is None
