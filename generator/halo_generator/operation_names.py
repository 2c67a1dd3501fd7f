"""Name of each operation: resource and method, from its path and kind."""

from __future__ import annotations

import re

from halo_generator.names import CLIENT_WORDS, RESOURCE_WORDS, identifier, snake
from halo_generator.overlay import Overlay

GROUP = "IntegrationData"
ROOT = "root"
"""Resource of paths without a name, such as ``/{id}``."""
_PLACE = re.compile(r"\{[^{}]*\}|[{}]")

# First words of path segments that name an action, as opposed to its target.
_VERBS = {
    "get", "import", "post", "search", "link", "unlink", "validate", "send", "export", "move", "adjust", "create",
    "clear", "format", "update", "delete",
}  # fmt: skip


def segments(path: str) -> list[str]:
    """Return the parts of a path that contain no parameters."""
    return [part for part in path.strip("/").split("/") if part and "{" not in part]


def literals(path: str) -> list[str]:
    """Return the parts of a path that name things; never empty.

    If every part contains parameters, the text around them (``/A{B}``: ``A``), or ``root`` if there is
    none.
    """
    around = [part for part in _PLACE.sub("/", path).split("/") if re.search("[A-Za-z0-9]", part)]
    return segments(path) or around or [ROOT]


def by_id(path: str) -> bool:
    """Return whether a path ends in a parameter."""
    return path.endswith("}")


def operation_name(overlay: Overlay, method: str, path: str, kind: str) -> str:
    """Return ``resource.method`` of an operation, before it is made distinct."""
    parts = literals(path)
    pinned = overlay.methods.get(f"{method.upper()} {path}")
    if parts[0] == GROUP:
        return _proxy_name(overlay, parts[1:], method, path, pinned)
    resource = resource_name(overlay, parts[0])
    return f"{resource}.{pinned or _method(parts[1:], method, path, kind)}"


def resource_name(overlay: Overlay, segment: str) -> str:
    """Return the name of the resource behind a path's first segment."""
    pinned = overlay.resources.get(segment)
    word = pinned or identifier(snake(segment))
    return f"{word}_" if word in CLIENT_WORDS and not pinned else word


def _method(sub: list[str], method: str, path: str, kind: str) -> str:
    if not sub:
        return f"{method}_by_id" if kind == "call" and by_id(path) else _plain_method(method, kind)
    words = "_".join(snake(part) for part in sub)
    if kind == "call":
        return _free(words if method == "post" else f"{method}_{words}")
    if words == "get" or words.startswith("get_"):
        return words
    return _free(f"{_verb(kind)}_{words}")


def _plain_method(method: str, kind: str) -> str:
    return method if kind == "call" else _verb(kind)


def _verb(kind: str) -> str:
    return "fetch" if kind == "get_raw" else kind


def _free(word: str) -> str:
    word = identifier(word)
    return f"{word}_" if word in RESOURCE_WORDS else word


def _proxy_name(overlay: Overlay, parts: list[str], method: str, path: str, pinned: str | None) -> str:
    group = identifier(snake(GROUP))
    if len(parts) < 2:
        return f"{group}.{pinned or _free('_'.join(map(snake, parts)) or method)}"
    verb, integration, rest = parts[0], parts[1], parts[2:]
    if snake(verb).split("_")[0] not in _VERBS:
        verb, integration, rest = "", parts[0], parts[1:]
    member = resource_name(overlay, integration)
    return f"{group}.{member}.{pinned or _proxy_method(verb, rest, path)}"


def _proxy_method(verb: str, rest: list[str], path: str) -> str:
    words = [snake(part) for part in rest]
    if words and words[0].split("_")[0] in _VERBS:
        verb = ""  # Post/Stripe/create-webhook: the last word already names the action
    named = "_".join(filter(None, [snake(verb) if verb else "", *words]))
    return _free(f"{named}_by_id" if by_id(path) else named)
