"""Advice after an export that did not finish, one sentence for every way to continue."""

from __future__ import annotations

from errno import EDQUOT, ENOSPC
from pathlib import Path

from halo_async.cli.export_options import STDOUT, ExportRequest
from halo_async.errors import AuthenticationError, HaloError, SettingsError
from halo_async.export import Report
from halo_async.export.journal import NAME

_RESUME = "the same command with --resume goes on"
_AGAIN = "nothing is kept of an export to stdout: run the same command again, or export into a folder"
_ANEW = "nothing was written: the same command begins again"
_FULL = {ENOSPC, EDQUOT}


def after_report(report: Report, asked: ExportRequest) -> str:
    """After an export whose report is written and not complete."""
    if asked.out == STDOUT:
        return _AGAIN
    bad = [item for item in report.resources if not item.complete]
    first = ""
    if any("no space left" in (item.error or "") or "quota exceeded" in (item.error or "") for item in bad):
        first = "make room on the disk, then "
    elif bad and all(item.error_type == "PermissionDeniedError" for item in bad):
        first = "let the login see these lists (scope and role), then "
    return f"{asked.out} is unfinished: {first}{_RESUME} from here"


def interrupted(asked: ExportRequest) -> str:
    """After Ctrl-C."""
    if asked.out == STDOUT:
        return _AGAIN
    return f"{asked.out} is unfinished: {_RESUME}" if _begun(asked.out) else _ANEW


def after_error(error: HaloError | OSError, asked: ExportRequest) -> str:
    """After an export that ended as a whole; empty where the error's own sentence says it."""
    if isinstance(error, BrokenPipeError | SettingsError):
        return ""
    if asked.out == STDOUT:
        return _AGAIN
    if not _begun(asked.out):
        return _ANEW
    if isinstance(error, AuthenticationError):
        first = "mend the login, then "
    elif isinstance(error, OSError):
        first = "make room on the disk, then " if error.errno in _FULL else "mend that, then "
    else:
        first = ""
    return f"{asked.out} is unfinished: {first}{_RESUME}"


def _begun(out: str) -> bool:
    """Return whether there is something to resume; nobody can look into an address here."""
    return "://" in out or (Path(out) / NAME).exists()
