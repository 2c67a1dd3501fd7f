"""Bulk export: whole lists of an instance as files, every row unchanged."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.export.client_method import export as export
    from halo_async.export.notebook import NotebookProgress as NotebookProgress
    from halo_async.export.progress import OnProgress as OnProgress
    from halo_async.export.progress import Progress as Progress
    from halo_async.export.report import Report as Report
    from halo_async.export.report import ResourceReport as ResourceReport

_TABLE = {
    "export": "client_method",
    "NotebookProgress": "notebook",
    "OnProgress": "progress",
    "Progress": "progress",
    "Report": "report",
    "ResourceReport": "report",
}

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    __getattr__, __dir__ = attach(__name__, _TABLE)
