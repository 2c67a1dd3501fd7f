"""Exports to object stores, through fsspec: gathered on this machine first, since no object can be appended to."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from halo_async.client import Client
from halo_async.errors import SettingsError
from halo_async.export.options import LAST, Filters, Options
from halo_async.export.progress import OnProgress
from halo_async.export.report import NAME, Report

REMOTE = ("jsonl", "jsonl.gz", "jsonl.zst", "parquet")


def spool_folder(address: str) -> Path:
    """Where the rows for an address are gathered: the same each time, so that it can be resumed."""
    given = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    base = (
        Path(given) if given else Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    )
    return base / "halo-async" / "export" / hashlib.sha256(address.encode()).hexdigest()[:16]


def filesystem(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it.

    :raises SettingsError: fsspec, or its driver for this kind of address, is not installed.
    """
    try:
        fsspec: Any = import_module("fsspec")
    except ModuleNotFoundError:
        raise SettingsError(
            f'{address.partition("://")[0]}:// needs fsspec: pip install "halo-async[remote]"'
        ) from None
    try:
        found, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:
        raise SettingsError(f"{address.partition('://')[0]}://: {error}") from error
    return found, str(path).rstrip("/")


async def export_remote(
    halo: Client,
    resources: list[str],
    address: str,
    options: Options,
    on_progress: OnProgress | None,
    filters: Filters | None,
    *,
    resume: bool,
) -> Report:
    """Export into a folder of this machine, then copy its files to the address; `report.json` goes last.

    :raises SettingsError: the address cannot be used, or something is there.
    :raises OSError: a file cannot be copied; the export can then be resumed.
    """
    from halo_async.export.engine import export

    if options.format not in REMOTE:
        raise SettingsError(f"{options.format} needs a folder of this machine: use {', '.join(REMOTE)}")
    if options.since == LAST:
        raise SettingsError("since='last' needs a folder of this machine")
    remote, path = filesystem(address)
    if await asyncio.to_thread(remote.exists, f"{path}/{NAME}"):
        raise SettingsError(f"{address} holds a finished export: name another folder")
    folder = spool_folder(address)
    report = await export(
        halo,
        resources,
        folder,
        format=options.format,
        since=options.since,
        resume=resume,
        filters=filters,
        explode=options.explode,
        width=options.width,
        on_progress=on_progress,
    )
    if report.complete:
        await asyncio.to_thread(_copy, folder, remote, path)
        shutil.rmtree(folder, ignore_errors=True)
    return report


def _copy(folder: Path, remote: Any, path: str) -> None:
    files = sorted(item for item in folder.iterdir() if item.is_file() and item.name != NAME)
    remote.makedirs(path, exist_ok=True)
    for item in [*files, folder / NAME]:
        remote.put_file(str(item), f"{path}/{item.name}")
