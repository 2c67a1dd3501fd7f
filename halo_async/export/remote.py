"""Exports to object stores through fsspec: gathered locally first, since objects cannot be appended to."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from halo_async._utils.since import LAST
from halo_async._utils.threads import fold_in_thread, run_in_thread
from halo_async.errors import SettingsError
from halo_async.export.cluster.staging import PARTS
from halo_async.export.filesystem import filesystem
from halo_async.export.journal import NAME as JOURNAL
from halo_async.export.report import NAME, Report
from halo_async.export.spec import ExportSpec
from halo_async.export.workspace import spool_folder

REMOTE = ("jsonl", "jsonl.gz", "jsonl.zst", "parquet")


async def export_remote(
    address: str,
    ask: Callable[[Path], ExportSpec],
    export_here: Callable[[ExportSpec, Path, str], Awaitable[Report]],
    *,
    resume: bool,
    since: object,
) -> Report:
    """Export into a local folder, then copy its files to the URL; `report.json` last.

    To update an export, its files are downloaded first.

    :param ask: returns the export to run, resuming what is in that folder.
    :param export_here: runs it into a local folder, with the address for the parts of a cluster.
    :raises SettingsError: the URL cannot be used, or it is not empty.
    :raises OSError: a file cannot be copied; the export can then be resumed.
    """
    remote, path = filesystem(address)
    folder = spool_folder(address)
    there = await run_in_thread(_report, remote, path)
    if there is not None and not (folder / JOURNAL).exists():
        if since == LAST:
            await _fetch(remote, path, folder, [*_files(there), NAME])
        elif resume and there.complete:
            await _fetch(remote, path, folder, [NAME])
        else:
            raise SettingsError(
                f'{address} contains a finished export. Update it (--since last, since="last"), '
                "or name another folder."
            )
    found = ask(folder)
    if found.options.format not in REMOTE:
        raise SettingsError(f"{found.options.format} requires a local folder. Use {', '.join(REMOTE)}.")
    if found.options.layouts:
        raise SettingsError(
            "partition_by and rows_per_file require a local folder. Copy it when it is complete."
        )
    report = await export_here(found, folder, f"{address.rstrip('/')}/{PARTS}")
    if report.complete:
        if report != there:
            await _copy(folder, remote, path)
        shutil.rmtree(folder, ignore_errors=True)
    return report


def _report(remote: Any, path: str) -> Report | None:
    address = f"{path}/{NAME}"
    return Report.parse(remote.cat_file(address)) if remote.exists(address) else None


def _files(report: Report) -> list[str]:
    """Return the files of a finished export, including those of earlier runs."""
    return sorted(
        {f"{name}.{report.format}" for name in report.stamps} | {item.file for item in report.resources}
    )


async def _fetch(remote: Any, path: str, folder: Path, files: list[str]) -> None:
    def fetch(names: Iterable[str]) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in names:
            if remote.exists(f"{path}/{name}"):
                remote.get_file(f"{path}/{name}", str(folder / name))

    await fold_in_thread(fetch, lambda: files)


async def _copy(folder: Path, remote: Any, path: str) -> None:
    def copy(files: Iterable[Path]) -> None:
        remote.makedirs(path, exist_ok=True)
        for file in files:
            remote.put_file(str(file), f"{path}/{file.name}")

    await fold_in_thread(copy, lambda: _report_last(folder))


def _report_last(folder: Path) -> list[Path]:
    files = sorted(item for item in folder.iterdir() if item.is_file() and item.name != NAME)
    return [*files, folder / NAME]
