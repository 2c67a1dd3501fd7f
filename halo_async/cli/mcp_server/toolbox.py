"""The tools at work: from a call's JSON to a result, or a refusal in one sentence."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from halo_async.cli.mcp_server.arguments import NOTHING_GIVEN
from halo_async.cli.mcp_server.calling import OperationCaller, ToolCall
from halo_async.cli.mcp_server.catalogue import Catalogue
from halo_async.cli.mcp_server.exporting import ExportCall, RowExporter
from halo_async.cli.mcp_server.input_checks import check_input
from halo_async.cli.mcp_server.options import ServerOptions
from halo_async.cli.mcp_server.refusals import RefusedError, refusal_of
from halo_async.cli.mcp_server.reports import ReportRunner
from halo_async.cli.mcp_server.results import ResultShape

if TYPE_CHECKING:
    from halo_async.client import Halo

logger = logging.getLogger("halo_async.cli.mcp_server")
_FOUND = 20
Given = Mapping[str, Any]


class Toolbox:
    """The tools of one client, by name."""

    def __init__(self, halo: Halo, options: ServerOptions, schemas: Mapping[str, Mapping[str, Any]]) -> None:
        self._options = options
        self._schemas = schemas
        self._catalogue = Catalogue(options)
        self._reports = ReportRunner(halo, options)
        self._caller = OperationCaller(halo, self._catalogue, options)
        self._exporter = RowExporter(halo, self._catalogue, self._reports, options)
        self._tools: Mapping[str, Callable[[Given], Awaitable[dict[str, Any]]]] = {
            "search_operations": self._search_operations,
            "describe_operation": self._describe,
            "call_operation": self._call_operation,
            "run_report": self._report,
            "export_rows": self._export_rows,
        }

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    async def use(self, name: str, given: Given) -> dict[str, Any]:
        """Return the result of a tool.

        :raises RefusedError: it has none; no other error leaves a tool.
        """
        subject = given.get("operation")
        subject = subject if isinstance(subject, str) and subject else name
        try:
            check_input(name, self._schemas[name], given)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a report that is cut; they would go to nobody
                return await self._tools[name](given)
        except RefusedError:
            raise
        except Exception as error:
            refusal = refusal_of(error, subject[:100])
            logger.debug("%s was refused: %s", name, type(error).__name__)
        raise refusal

    def _budget(self, given: Given) -> int:
        return min(given.get("max_tokens") or self._options.budget, self._options.budget)

    def _shape(self, given: Given) -> ResultShape:
        return ResultShape(self._budget(given), tuple(given.get("fields") or ()), given.get("limit"))

    async def _search_operations(self, given: Given) -> dict[str, Any]:
        limit = given.get("limit") or _FOUND
        return self._catalogue.search(given["text"], limit, given.get("cursor"), self._budget(given))

    async def _describe(self, given: Given) -> dict[str, Any]:
        return self._catalogue.describe(given["operation"], given.get("matching") or "", self._budget(given))

    async def _call_operation(self, given: Given) -> dict[str, Any]:
        return await self._caller.call(
            ToolCall(
                given["operation"],
                given.get("arguments") or {},
                given.get("body", NOTHING_GIVEN),
                given.get("confirm"),
                given.get("cursor"),
                self._shape(given),
            )
        )

    async def _report(self, given: Given) -> dict[str, Any]:
        return await self._reports.run(
            given.get("query"),
            given.get("id"),
            given.get("arguments") or {},
            given.get("cursor"),
            self._shape(given),
        )

    async def _export_rows(self, given: Given) -> dict[str, Any]:
        shape = self._shape(given)
        return await self._exporter.export(
            ExportCall(
                name=given["name"],
                operation=given.get("operation"),
                query=given.get("query"),
                arguments=given.get("arguments") or {},
                fields=shape.fields,
                format=given.get("format") or "jsonl",
                limit=shape.limit,
                budget=shape.budget,
            )
        )
