"""Resolution of ``$ref`` inside a document, with copies limited in proportion to the document."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from halo_generator.report import CanonicalReport
from halo_generator.traversal import Json, size

_AT_LEAST = 100_000
"""Number of values that references may repeat however small the document is."""

ELSEWHERE = "a reference to another document, which is not read"
NOWHERE = "a reference to nothing"
TOO_MUCH = "references repeat more than the document can hold"


class References:
    """References of one document replaced by their targets: parameters, bodies, responses, paths."""

    def __init__(self, document: Json, report: CanonicalReport) -> None:
        self._document = document
        self._report = report
        self._sizes: dict[int, int] = {}
        self._left = _AT_LEAST + 4 * size(document)

    def resolved(self, node: Any, place: str) -> Any:
        """Return the target of ``node``, which is at ``place``; ``node`` itself if it is not a reference.

        None, with an entry in the report, if the reference is dangling or circular or refers to another
        document, or if references repeat so much that the document would become many times as large.
        """
        seen: set[str] = set()
        found = node
        while isinstance(found, dict) and "$ref" in found:
            reference = found["$ref"]
            if not isinstance(reference, str) or reference in seen:
                return self._leave_out(place, "a reference that leads to itself")
            seen.add(reference)
            if not reference.startswith("#"):
                return self._leave_out(place, ELSEWHERE)
            found = _resolve_pointer(self._document, reference)
            if found is None:
                return self._leave_out(place, NOWHERE)
        if seen:
            self._left -= self._measure_node(found)
        return found if self._left >= 0 else self._leave_out(place, TOO_MUCH)

    def target(self, reference: str, place: str) -> Any:
        """Return what stands where the reference at ``place`` leads, be it one more; None with an entry as above."""
        self._left -= self._measure_node(found := _resolve_pointer(self._document, reference))
        return found if self._left >= 0 else self._leave_out(place, TOO_MUCH)

    def leads_somewhere(self, reference: str) -> bool:
        """Return whether the document has something where a reference leads."""
        return _resolve_pointer(self._document, reference) is not None

    def _leave_out(self, place: str, why: str) -> None:
        self._report.degraded[place] = f"left out: {why}"

    def _measure_node(self, node: Any) -> int:
        if id(node) not in self._sizes:
            self._sizes[id(node)] = size(node)
        return self._sizes[id(node)]


def pointer_parts(reference: str) -> list[str] | None:
    """Return the unescaped parts of the JSON pointer that a reference is; None if it is none, such as ``#anchor``."""
    text = reference.removeprefix("#")
    if text and not text.startswith("/"):
        return None
    return [unquote(part).replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def _resolve_pointer(document: Any, reference: str) -> Any:
    """Return the value at a JSON pointer, or None."""
    parts = pointer_parts(reference)
    node = None if parts is None else document
    for key in parts or ():
        if isinstance(node, list) and key.isascii() and key.isdigit() and len(key) < 10:
            node = node[int(key)] if int(key) < len(node) else None
        else:
            node = node.get(key) if isinstance(node, dict) else None
    return node
