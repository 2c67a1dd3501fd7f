"""`export_rows`: a whole list into a new file of one folder."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.serialization import plain_json
from halo_async._utils.background import complete
from halo_async._utils.threads import open_in_thread, run_in_thread
from halo_async.cli.mcp_server.arguments import arguments_of
from halo_async.cli.mcp_server.budget import ENVELOPE, fitting
from halo_async.cli.mcp_server.catalogue import Catalogue
from halo_async.cli.mcp_server.options import ServerOptions
from halo_async.cli.mcp_server.redaction import mask_secrets
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.cli.mcp_server.reports import ReportRunner
from halo_async.cli.mcp_server.results import DATA_NOTE, picked
from halo_async.cli.mcp_server.row_file import FORMATS, RowFile
from halo_async.cli.mcp_server.side_effects import changes_data

if TYPE_CHECKING:
    from halo_async.client import Halo

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_PREVIEW = 5


@attrs.frozen
class ExportCall:
    """The input of `export_rows`."""

    name: str
    operation: str | None
    query: str | None
    arguments: Mapping[str, Any]
    fields: tuple[str, ...]
    format: str
    limit: int | None
    budget: int


class RowExporter:
    """Writes rows of one client to files."""

    def __init__(
        self, halo: Halo, catalogue: Catalogue, reports: ReportRunner, options: ServerOptions
    ) -> None:
        self._halo = halo
        self._catalogue = catalogue
        self._reports = reports
        self._options = options

    async def export(self, wanted: ExportCall) -> dict[str, Any]:
        """Write all rows to a new file and return its path, with the first rows.

        :raises RefusedError: there is no folder, the name is not one, the file exists, or the list cannot be read.
        :raises HaloError: the list could not be read to its end; no file is left.
        """
        if self._options.export_folder is None:
            raise RefusedError(
                "This server writes no files. Tell the user that `halo-async mcp --export-folder FOLDER` permits it."
            )
        target = self._options.export_folder / _file_name(wanted)
        pages = self._pages(wanted)
        try:
            file = await open_in_thread(RowFile, RowFile.discard, target, wanted.format)
        except FileExistsError:
            raise RefusedError(
                f"{target.name} exists, and files are not replaced. Give another name."
            ) from None
        try:
            preview = await self._fill(file, pages, wanted)
            await run_in_thread(file.finish)
        except FileExistsError:
            raise RefusedError(f"{target.name} was created meanwhile. Give another name.") from None
        finally:
            await complete(run_in_thread(file.discard))
        return {
            "status": "done",
            "file": str(target),
            "rows": file.rows,
            "bytes": target.stat().st_size,
            "data": preview[: fitting(preview, wanted.budget - ENVELOPE)],
            "note": f"All rows are in the file; `data` has the first. {DATA_NOTE}",
        }

    async def _fill(self, file: RowFile, pages: AsyncIterator[list[Any]], wanted: ExportCall) -> list[Any]:
        preview: list[Any] = []
        async with aclosing(pages) as read:  # type: ignore[type-var]
            async for page in read:
                left = None if wanted.limit is None else wanted.limit - file.rows
                rows = [picked(mask_secrets(plain_json(row)), wanted.fields) for row in page[:left]]
                preview += rows[: _PREVIEW - len(preview)]
                await run_in_thread(file.add, rows)
                if left is not None and len(page) >= left:
                    break
        return preview

    def _pages(self, wanted: ExportCall) -> AsyncIterator[list[Any]]:
        if (wanted.operation is None) == (wanted.query is None):
            raise RefusedError("Give either `operation`, such as tickets.list, or `query`, one SELECT.")
        if wanted.operation is None:
            return self._report_pages(wanted.query or "")
        operation = self._catalogue.lookup(wanted.operation)
        if operation.kind not in ("list", "proxy"):
            raise RefusedError(f"{operation.name} gives no rows. Name an operation that ends in .list.")
        if changes_data(operation, wanted.arguments):
            raise RefusedError(
                f"{operation.name} changes data with these arguments, and an export only reads."
            )
        arguments = arguments_of(operation, wanted.arguments)
        found: AsyncIterator[list[Any]] = attrgetter(operation.name)(self._halo)(**arguments).by_page()
        return found

    async def _report_pages(self, query: str) -> AsyncIterator[list[Any]]:
        found = await self._reports.rows(query, None, {})
        yield await found.all()


def _file_name(wanted: ExportCall) -> str:
    """Return a plain name with the ending of the format.

    :raises RefusedError: it is not a plain name.
    """
    if wanted.format not in FORMATS:
        raise RefusedError(f"`format` must be one of {', '.join(FORMATS)}. Correct it.")
    ending = f".{wanted.format}"
    stem = wanted.name.removesuffix(ending)
    if not _NAME.fullmatch(stem) or stem.endswith(".") or _DEVICES.match(stem):
        raise RefusedError(
            "`name` must be a plain file name of letters, digits, dots, hyphens and underscores, without a folder. "
            "Give one such as open-tickets."
        )
    return stem + ending
