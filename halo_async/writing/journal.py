"""Journal of a bulk write: rows sent and their outcomes, line by line, so that another process can resume.

Before a request is sent, a line with its rows is forced to disk; after its response, one with the outcome
of each. So whenever the process dies, the rows with an unknown outcome are those of the requests in flight.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from itertools import chain
from sys import intern
from typing import Any

import attrs

from halo_async._utils.append_log import AppendLog, Entry, LogKind, read_log
from halo_async.errors import SettingsError
from halo_async.writing.rows import BulkRow

_NAME = "halo-async bulk write"
KIND = LogKind(
    "the journal of a bulk write",
    b'{"journal":"halo-async bulk write"',
    "{path}: another bulk write has this journal open. End it, or close its iterator (contextlib.aclosing).",
    "Restore it from a backup; without one, look in Halo for what was written, and start a new journal with the rest.",
)


class KnownOutcomes:
    """State of one row in a journal. There is one per row of the journal, so it is kept small."""

    __slots__ = ("digest", "id", "key", "order", "outcome", "possible_ids")

    def __init__(self, digest: str, key: str, order: int) -> None:
        self.digest = bytes.fromhex(digest)
        self.key = key
        """The record that the row updates; empty if it creates one."""
        self.order = order
        """Number of the row among all that were sent; greater than that of every row sent before."""
        self.outcome = "unknown"
        self.id: int | str | None = None
        self.possible_ids: tuple[int | str, ...] = ()
        """Ids of the records of which one is its own, if it is not known which; shared by those rows."""


@attrs.frozen
class JournalState:
    """Outcomes of the rows in a journal, by their index in the input."""

    resource: str
    """Path that was written to, such as `/Tickets`."""
    instance: str
    written: Mapping[int, int | str | None] = attrs.field(repr=False)
    """Rows that were written, and the ids of their records; None if it is not known which record it is."""
    refused: tuple[int, ...]
    """Rows that were certainly not written; they are sent again."""
    repeatable: tuple[int, ...]
    """Rows with an id and an unknown outcome; they are sent again, and so are later rows of the same records."""
    unknown: tuple[int, ...]
    """Rows without an id and with an unknown outcome: look for them in Halo, then use `settle_rows`."""
    possible_ids: Mapping[int, tuple[int | str, ...]] = attrs.field(repr=False, factory=dict)
    """For rows without a known id, the ids in the response of which one may be theirs."""


class BulkJournal(AppendLog):
    """Journal of one bulk write, and its content when it was opened."""

    def __init__(self, path: str | os.PathLike[str], header: Mapping[str, str], *, resume: bool) -> None:
        """Open the journal, create it if it does not exist, and read its content.

        :raises SettingsError: it exists and `resume` is not set, is of another write, damaged, or in use.
        :raises OSError: it cannot be opened or written.
        """
        super().__init__(path, KIND, create=True)
        try:
            self.known = known_rows(self.entries(), path, header, resume=resume)
            if self.is_new:
                self.write_header({"journal": _NAME, "version": 3, **header})
        except BaseException:
            self.close()
            raise

    def sent(self, rows: Iterable[BulkRow]) -> None:
        """Record that these rows are about to be sent. Returns after the entry is on the disk."""
        self.append({"sent": [[row.index, row.digest, row.record_key] for row in rows]}, sync=True)

    def unsent(self, rows: Iterable[BulkRow]) -> None:
        """Record that the rows sent were rejected before anything was executed."""
        self.append({"got": [[row.index, "refused"] for row in rows]})

    def got(self, rows: Iterable[BulkRow], outcome: str | None = None) -> None:
        """Record the outcome of rows: the same for all, or the result of each."""
        rows = list(rows)
        entry: dict[str, Any] = {"got": [_encode_outcome(row, outcome) for row in rows]}
        possible: dict[tuple[int | str, ...], list[int]] = {}
        for row in rows:
            if outcome is None and row.result is not None and row.result.possible_ids:
                possible.setdefault(row.result.possible_ids, []).append(row.index)
        if possible:
            entry["among"] = [[indexes, ids] for ids, indexes in possible.items()]
        self.append(entry, sync=True)


def _encode_outcome(row: BulkRow, outcome: str | None) -> list[Any]:
    if outcome is not None or row.result is None:
        return [row.index, outcome or "unknown"]
    result = row.result
    return (
        [row.index, result.outcome, result.id] if result.outcome == "written" else [row.index, result.outcome]
    )


def read_journal(path: str | os.PathLike[str]) -> JournalState:
    """Return the state of a journal, also while its write is running; nothing is changed.

    :param path: the journal of a bulk write.
    :raises SettingsError: it is not a journal of a bulk write.
    :raises OSError: it cannot be read.
    """
    entries = read_log(path, KIND)
    first = next(entries, None)
    if first is None:
        raise SettingsError(f"{path} is not {KIND.name}: it is empty.")
    rows = known_rows(chain([first], entries), path, {}, resume=True)
    by_outcome: dict[str, list[int]] = {"written": [], "refused": [], "repeatable": [], "unknown": []}
    for index, row in sorted(rows.items()):
        by_outcome["repeatable" if row.outcome == "unknown" and row.key else row.outcome].append(index)
    return JournalState(
        resource=first["resource"],
        instance=first["instance"],
        written={index: rows[index].id for index in by_outcome["written"]},
        refused=tuple(by_outcome["refused"]),
        repeatable=tuple(by_outcome["repeatable"]),
        unknown=tuple(by_outcome["unknown"]),
        possible_ids={index: row.possible_ids for index, row in sorted(rows.items()) if row.possible_ids},
    )


def settle_rows(
    path: str | os.PathLike[str],
    *,
    written: Mapping[int, int | str] | None = None,
    not_written: Iterable[int] = (),
) -> None:
    """Record the outcome of rows with an unknown outcome, after looking for them in Halo.

    Those that were not written are sent by the next run that resumes. Also record which of several records is that of
    a row that was written.

    :param written: by index, the id of the record that was found.
    :param not_written: indexes of rows of which no record was found.
    :param path: the journal of a bulk write that has ended.
    :raises SettingsError: the journal is in use, or a row's outcome is known already.
    :raises OSError: it cannot be read or written.
    """
    if written is not None and not isinstance(written, Mapping):
        raise TypeError(
            "written= must be the id of each record that was found, by the index of its row: {12: 345}."
        )
    state = read_journal(path)
    unknown = set(state.unknown)
    told: list[list[Any]] = [[index, "written", id] for index, id in (written or {}).items()]
    told += [[index, "refused"] for index in not_written]
    for index, *_ in told:
        is_found = index in (written or {}) and index in state.possible_ids
        if index not in unknown and not is_found:
            raise SettingsError(f"Row {index} of {path} does not have an unknown outcome.")
    with BulkJournal(path, {}, resume=True) as journal:
        journal.append({"got": told}, sync=True)


def known_rows(
    entries: Iterable[Entry], path: object, header: Mapping[str, str], *, resume: bool
) -> dict[int, KnownOutcomes]:
    """Return the state of each row in the lines of a journal, where the last entry counts.

    :raises SettingsError: it exists and `resume` is not set, it is not a journal, one of another write, or
        damaged.
    """
    rows: dict[int, KnownOutcomes] = {}
    for number, entry in enumerate(entries):
        if not number:
            _check_header(entry, path, header, resume=resume)
        _learn_outcome(rows, entry)
    return rows


def overwritten_rows(rows: Mapping[int, KnownOutcomes]) -> set[int]:
    """Return the rows that were written, but before an earlier row of the same record was sent again."""
    last: dict[str, int] = {}
    overwritten = set()
    for index, row in sorted(rows.items()):
        if not row.key or row.outcome == "refused":
            continue
        if row.outcome == "written" and row.order < last.get(row.key, 0):
            overwritten.add(index)
        last[row.key] = max(row.order, last.get(row.key, 0))
    return overwritten


def _check_header(first: Entry, path: object, header: Mapping[str, str], *, resume: bool) -> None:
    if first.get("journal") != _NAME or first.get("version") != 3:
        raise SettingsError(
            f"{path} is the journal of another version of halo-async. Resume it with that version."
        )
    if not resume:
        raise SettingsError(f"{path} already exists. Pass resume=True to resume it, or give another name.")
    for name, value in header.items():
        if first.get(name) != value:
            raise SettingsError(f"{path} is the journal of a write to {first.get(name)}, not to {value}.")


def _learn_outcome(rows: dict[int, KnownOutcomes], entry: Entry) -> None:
    for index, digest, key in entry.get("sent", ()):
        before = rows.pop(index, None)  # so that the last that was sent is the last of all
        last = rows[next(reversed(rows))].order if rows else before.order if before else 0
        rows[index] = KnownOutcomes(digest, key, last + 1)
    for index, outcome, *id in entry.get("got", ()):
        if index in rows:
            rows[index].outcome = intern(outcome)
            rows[index].id = id[0] if id else None
            rows[index].possible_ids = ()
    for indexes, ids in entry.get("among", ()):
        shared = tuple(ids)
        for index in indexes:
            if index in rows:
                rows[index].possible_ids = shared
