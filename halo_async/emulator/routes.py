"""Routing of a method and a path to an operation. Paths are case-insensitive, as on the server."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

import attrs

from halo_async._utils.openapi_document import Document

METHODS = ("get", "post", "delete", "put", "patch")


@attrs.frozen
class EmulatedOperation:
    """One operation of the document, in the terms that the handlers need."""

    method: str
    path: str
    raw: Mapping[str, Any] = attrs.field(repr=False, eq=False)

    @property
    def name(self) -> str:
        """Name in Python, such as ``tickets.list``."""
        return str(self.raw.get("operationId", f"{self.method} {self.path}"))

    @property
    def hints(self) -> Mapping[str, Any]:
        """The ``x-halo`` extension: kind, shape, rows_key, unpaged, paged, result."""
        hints: Mapping[str, Any] = self.raw.get("x-halo", {})
        return hints

    @property
    def kind(self) -> str:
        """Return ``list``, ``get``, ``delete``, ``upsert``, ``call``, ``get_raw`` or ``proxy``."""
        return str(self.hints.get("kind", "get_raw"))

    @property
    def collection(self) -> str:
        """Path of the rows this operation works on: ``/Tickets`` for ``/Tickets/{id}``."""
        head, _, tail = self.path.rpartition("/")
        return head if "{" in tail and head else self.path

    @property
    def parameters(self) -> Sequence[Mapping[str, Any]]:
        """Declared parameters."""
        declared: Sequence[Mapping[str, Any]] = self.raw.get("parameters", ())
        return declared

    def query_names(self) -> Mapping[str, Mapping[str, Any]]:
        """Declared query parameters by lower-case name."""
        return {item["name"].lower(): item for item in self.parameters if item["in"] == "query"}


@attrs.frozen
class RouteMatch:
    """An existing path, with its operations by method and its path values."""

    path: str
    methods: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, str]

    def operation(self, method: str) -> EmulatedOperation | None:
        """Return the operation for a method, or None if the path has no such method."""
        raw = self.methods.get(method.lower())
        return None if raw is None else EmulatedOperation(method.upper(), self.path, raw)


class Routes:
    """Paths of a document. Building it is one pass over the paths; patterns compile on first use."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._plain: dict[str, str] = {}
        self._templates: dict[str, list[str]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}
        self._found: dict[str, Mapping[str, Mapping[str, Any]]] = {}
        for path in document["paths"]:
            if "{" not in path:
                self._plain[path.lower()] = path
            else:
                self._templates.setdefault(_head(path), []).append(path)

    def find(self, raw_path: str, method: str | None = None) -> RouteMatch | None:
        """Match a path, or return None; ``raw_path`` is still percent-encoded.

        Two templates can match one path (``/Automation/{id}``, ``/Automation/{runbookId}``): the first that
        has the method is used.
        """
        path = self._plain.get(raw_path.lower()) or self._plain.get(unquote(raw_path).lower())
        if path is not None:
            return self._match(path, {})
        first = None
        for match in self._fitting(raw_path):
            if method is None or method.lower() in match.methods:
                return match
            first = first or match
        return first

    def _fitting(self, raw_path: str) -> Iterator[RouteMatch]:
        for template in self._templates.get(_head(raw_path), ()):
            found = self._pattern(template).fullmatch(raw_path)
            if found is not None:
                yield self._match(template, {name: unquote(text) for name, text in found.groupdict().items()})

    def operations(self) -> Iterator[EmulatedOperation]:
        """Return every operation, in the document's order."""
        for path in self._document["paths"]:
            for method, raw in self._methods(path).items():
                yield EmulatedOperation(method.upper(), path, raw)

    def has(self, path: str) -> bool:
        """Return whether the document contains this path, in exactly this spelling."""
        return path in self._document["paths"]

    def _methods(self, path: str) -> Mapping[str, Mapping[str, Any]]:
        if path not in self._found:
            self._found[path] = self._load_path(path)
        return self._found[path]

    def _load_path(self, path: str) -> Mapping[str, Mapping[str, Any]]:
        shared = self._document["paths"][path]
        return {
            method: _resolved(self._document, shared, shared[method])
            for method in METHODS
            if method in shared
        }

    def _match(self, path: str, values: Mapping[str, str]) -> RouteMatch:
        return RouteMatch(path, self._methods(path), values)

    def _pattern(self, template: str) -> re.Pattern[str]:
        if template not in self._patterns:
            self._patterns[template] = _compiled(template)
        return self._patterns[template]


def _head(path: str) -> str:
    return path.split("/", 2)[1].lower() if path.count("/") else ""


def _compiled(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{([^{}]+)\}", template)
    # re.split alternates literal text and parameter names.
    body = "".join(
        f"(?P<{part}>[^/&]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    return re.compile(body, re.IGNORECASE)


def _resolved(document: Document, shared: Mapping[str, Any], raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the operation with its shared parameters resolved (``$ref`` to ``components.parameters``)."""
    declared = [*shared.get("parameters", ()), *raw.get("parameters", ())]
    if not any("$ref" in item for item in declared):
        return raw if not shared.get("parameters") else {**raw, "parameters": declared}
    return {**raw, "parameters": [_resolve_parameter(document, item) for item in declared]}


def _resolve_parameter(document: Document, item: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in item:
        return item
    found: Mapping[str, Any] = document["components"]["parameters"][item["$ref"].rsplit("/", 1)[1]]
    return found
