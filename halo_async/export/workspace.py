"""Folder of an export: checks its use, unfinished exports and other processes."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.since import LAST
from halo_async.errors import SettingsError
from halo_async.export.journal import NAME, ExportJournal, read_header
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.options import difference
from halo_async.export.reopen import flush_spools
from halo_async.export.replay import PastExport, replay
from halo_async.export.report import Report


@attrs.define
class Workspace:
    """A folder, locked for one export."""

    folder: Path
    journal: ExportJournal
    syncer: JournalSyncer
    past: dict[str, PastExport]
    before: Report | None
    """The report of the last complete run, for an incremental one."""

    def close(self) -> None:
        """Release the lock."""
        self.journal.close()


def spool_folder(address: str) -> Path:
    """Return the folder that gathers the rows for a URL: always the same one, so that it can be resumed."""
    given = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    base = (
        Path(given) if given else Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    )
    return base / "halo-async" / "export" / hashlib.sha256(address.encode()).hexdigest()[:16]


def check_folder(folder: Path, *, resume: bool = False, since: str | None = None) -> Path:
    """Return the path, after checking that nothing is overwritten unless requested.

    :raises SettingsError: it is a file, contains other files, or cannot be read.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise SettingsError(f"{folder} is a file. Name a folder for the export.")
        if (folder / NAME).exists():
            _check_unfinished(folder, resume)
        elif folder.is_dir() and any(folder.iterdir()):
            _check_finished(folder, resume=resume, since=since)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be read: {_format_reason(error)}.") from error
    return folder


def _check_unfinished(folder: Path, resume: bool) -> None:
    ExportJournal(folder / NAME, create=False).close()  # raises if the folder is in use
    if not resume:
        raise SettingsError(
            f"{folder} contains an unfinished export. Resume it (--resume), or name another folder."
        )


def _check_finished(folder: Path, *, resume: bool, since: str | None) -> None:
    report = Report.read(folder)
    if since == LAST and report is not None and report.stamps:
        return
    if since == LAST:
        raise SettingsError(
            f"{folder} contains no finished export to update. Leave since out, and name a new or empty folder."
        )
    if report is not None and report.complete and not resume:
        raise SettingsError(
            f'{folder} contains a finished export. Update it (--since last, since="last"), '
            "or name another folder."
        )
    if not (resume and report is not None and report.complete):
        raise SettingsError(f"{folder} is not empty. Name a new or empty folder for the export.")


def is_finished(folder: Path, header: Mapping[str, Any]) -> Report | None:
    """Return the report of a complete export of the same resources, which needs no resuming.

    :raises SettingsError: it is a different export.
    """
    if (folder / NAME).exists():
        return None
    report = Report.read(folder)
    if report is None or not report.complete:
        return None
    there = [item.resource for item in report.resources]
    if not set(header["resources"]) <= set(there):
        raise SettingsError(f"{folder} contains a finished export of something else. Name another folder.")
    check_same(folder, report, header, there)
    _check_since(folder, report, header)
    return report


def _check_since(folder: Path, report: Report, header: Mapping[str, Any]) -> None:
    """Raise if changes since another moment are asked for: the same span ends at another one in each run."""
    since, wanted = header["since"], header["resources"]
    # Since it was brought up to date, a folder has more than the changes of its last run.
    items = (item for item in report.resources if item.resource in wanted and item.changed is None)
    at = next((item.since for item in items if item.since), None)
    if at and since and (at > since or not header["span"]) and at != since:
        raise SettingsError(
            f"{folder} contains changes since {at}. Use the same moment or a shorter span, or another folder."
        )


def open_workspace(folder: Path, header: dict[str, Any], spools: dict[str, Path]) -> Workspace:
    """Create or open the folder, and lock it.

    :raises SettingsError: it is not writable, in use, or contains another export.
    """
    _last_report(folder, header)
    try:
        _make(folder)
        if _begun(folder):
            journal = ExportJournal(folder / NAME, create=False)
            return _entered(journal, header, spools)
        journal = ExportJournal.begin(folder, header)
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written: {_format_reason(error)}.") from error
    try:
        before = _last_report(folder, header)  # read under the lock: another export can have finished since
        if before is None and Report.read(folder) is not None:
            raise SettingsError(f"Another export finished in {folder} meanwhile. Name another folder.")
    except BaseException:
        journal.remove()
        raise
    return Workspace(folder, journal, JournalSyncer(journal, 1), {}, before)


def _last_report(folder: Path, header: Mapping[str, Any]) -> Report | None:
    """Return the report of the run that an incremental one continues; None for any other export.

    :raises SettingsError: it is of another export.
    """
    before = Report.read(folder) if header["since"] == LAST else None
    if before is not None:
        check_same(folder, before, header, before.stamps)
    return before


def _begun(folder: Path) -> bool:
    """Return whether there is a journal with a complete first line."""
    return read_header(folder) is not None


_SAME_PARTS = (
    ("filters", "under other filters", "filters"),
    ("columns", "with other columns", "columns"),
    ("layouts", "in another layout", "partition_by and rows_per_file"),
)
"""Parts of the report and the journal that stay the same for a resource, and how a difference is told and mended."""


_SAME_OPTIONS = ("flatten", "nested", "never_as_null")
"""Options for all resources of an export, of which the same holds."""


def check_same(folder: Path, before: Report, header: Mapping[str, Any], there: Collection[str]) -> None:
    """Raise unless an export is the same as that of the folder, as far as its resources are `there`.

    :raises SettingsError: the instance, the format or an option differs.
    """
    if (before.instance, before.format) != (header["instance"], header["format"]):
        raise SettingsError(
            f"{folder} contains an export of {before.instance} as {before.format}. Name another folder."
        )
    for part, said, mend in _SAME_PARTS:
        theirs: Mapping[str, Any] = getattr(before, part)
        others = [
            name
            for name in header["resources"]
            if name in there and theirs.get(name) != header[part].get(name)
        ]
        if others:
            raise SettingsError(
                f"{folder} contains {', '.join(others)} {said}. Use the same {mend}, or another folder."
            )
    for name in _SAME_OPTIONS:
        value = getattr(before, name)
        given = list(value) if isinstance(value, tuple) else value
        if given != header[name]:
            said = f"with {name}={given}" if given else f"without {name}"
            raise SettingsError(f"{folder} contains an export {said}. Use the same, or another folder.")


def _entered(journal: ExportJournal, header: dict[str, Any], spools: dict[str, Path]) -> Workspace:
    try:
        before = _last_report(journal.path.parent, header)
        theirs = next(journal.entries(), {})
        check_header(journal.path.parent, theirs, header)
        flush_spools(spools.values())
        past = replay(journal, spools)
        count = sum(1 for _ in journal.entries())
        syncer = JournalSyncer(journal, count)
        for name, state in past.items():
            # Entries accepted now stay accepted, whatever entries there were before.
            syncer.note({"resource": name, "past": state.as_entry()})
        journal.sync()
    except BaseException:
        journal.close()
        raise
    return Workspace(journal.path.parent, journal, syncer, past, before)


def check_header(folder: Path, theirs: Mapping[str, Any], header: Mapping[str, Any]) -> None:
    """Raise unless an export is the unfinished one of the folder, whose journal begins with `theirs`.

    :raises SettingsError: it was started by another version, or something differs.
    """
    if theirs.get("halo-export") != header["halo-export"]:
        raise SettingsError(
            f"{folder} contains an export started by another version of halo-async. "
            "Resume it with that version, or name another folder."
        )
    changed = difference(theirs, header)
    if changed is not None:
        raise SettingsError(
            f"The export in {folder} cannot be resumed: {changed} changed. "
            "Leave that out, since the folder stores it, or name another folder."
        )


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, "no permission to write")


def _format_reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
