"""Checks of a request against the API document before it is sent, for clients with `strict=True`.

What is checked is what would go over the wire: the query, and the body as JSON with everything in it. The document is
the canonical one of the package that the operation is from, read at the first check.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from halo_async._operations.strict_values import SchemaChecks, StrictProblem
from halo_async._utils.names import did_you_mean
from halo_async._utils.openapi_document import NAME, Document, find_document, read_document
from halo_async.errors import InvalidRequestError, SettingsError

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async.transport.types import Request

_HOW = "Without strict it is sent as it is."


def check_strictly(operation: Operation, request: Request) -> None:
    """Check the query and the JSON body of a request.

    :raises InvalidRequestError: naming the field or parameter, what it takes, and how to mend it.
    :raises SettingsError: the package does not have its document.
    """
    checks = checks_of(operation)
    checks.check_query(request.query)
    if request.body is not None and operation.body == "json":
        checks.check_body(msgspec.json.decode(request.body))


def check_row_strictly(operation: Operation, body: bytes, index: int) -> None:
    """Check one row of a bulk write; its index is in the error. See `check_strictly`."""
    checks_of(operation).check_row(msgspec.json.decode(body), f"row {index}: ")


class OperationChecks:
    """Checks of one operation.

    :param document: the canonical document.
    :param operation: nothing is checked of one that the document lacks.
    """

    def __init__(self, document: Document, operation: Operation) -> None:
        found: Mapping[str, Any] = document["paths"].get(operation.path, {}).get(operation.method.lower(), {})
        shared = document["components"].get("parameters", {})
        given = [shared[_last(p["$ref"])] if "$ref" in p else p for p in found.get("parameters", ())]
        self._name = operation.name
        self._known = bool(found)
        self._query = {p["name"].lower(): p for p in given if p["in"] == "query"}
        content = found.get("requestBody", {}).get("content", {})
        self._body = content.get("application/json", {}).get("schema", {})
        self._schemas = SchemaChecks(document["components"]["schemas"])

    def check_query(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Check query parameters as they are sent."""
        for name, text in pairs if self._known else ():
            parameter = self._query.get(name.lower())
            if parameter is None:
                names = [one["name"] for one in self._query.values()]
                near = did_you_mean(name, names) or ". Leave it out."
                raise InvalidRequestError(f"{self._name}() has no parameter {name!r}{near} {_HOW}")
            self._report_problems(self._schemas.check_text(parameter, text), f"the parameter {name}")

    def check_body(self, body: Any) -> None:
        """Check a body; of several rows each is named by its index."""
        if isinstance(body, list) and self._body.get("type") == "array":
            for index, row in enumerate(body):
                self.check_row(row, f"row {index}: " if len(body) > 1 else "")
        else:
            self._report_problems(self._schemas.check(self._body, body, "$"), "")

    def check_row(self, row: Any, place: str) -> None:
        """Check one row of a body that is a list."""
        self._report_problems(self._schemas.check(self._body.get("items", {}), row, "$"), place)

    def _report_problems(self, problems: Iterator[StrictProblem], place: str) -> None:
        for problem in problems:
            if place.startswith("the parameter"):
                raise InvalidRequestError(f"{self._name}(): {place} {problem.said} {_HOW}")
            raise InvalidRequestError(f"{self._name}(): {place}{problem.path} {problem.said} {_HOW}")


def checks_of(operation: Operation) -> OperationChecks:
    """Return the checks of an operation, made once."""
    found = _made.get(id(operation))
    if found is None:
        package = operation.stub.__module__.partition(".api")[0]
        found = _made[id(operation)] = OperationChecks(_document(package), operation)
    return found


_made: dict[int, OperationChecks] = {}
"""By the operation, which lives as long as its module."""


@cache
def _document(package: str) -> Document:
    if package == "halo_async":
        return read_document(find_document())
    file = str(getattr(sys.modules.get(package), "__file__", "") or "")
    path = Path(file).parent / "spec" / NAME
    if not path.is_file():
        raise SettingsError(f"strict=True needs {path}, which is not there. Generate the package again.")
    return read_document(path)


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]
