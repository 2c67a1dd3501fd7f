"""The folder of an export that is only counted: refused as the export would be, and left as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from halo_async._utils.since import LAST
from halo_async.export.journal import read_header
from halo_async.export.report import Report
from halo_async.export.workspace import check_folder, check_header, check_same, is_finished


def has_all(folder: Path, header: Mapping[str, Any], *, resume: bool) -> bool:
    """Return whether the folder has all that is wanted, so that nothing would be requested.

    :param header: of the export that is counted.
    :raises SettingsError: the export would be refused.
    """
    since = header["since"]
    check_folder(folder, resume=resume, since=since)
    before = Report.read(folder) if since == LAST else None
    if before is not None:
        check_same(folder, before, header, before.stamps)
    theirs = read_header(folder)
    if theirs is not None:
        check_header(folder, theirs, header)
        return False
    return resume and since != LAST and is_finished(folder, header) is not None
