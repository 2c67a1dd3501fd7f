"""Names: Halo's words converted to Python's, by a few rules that depend on the word alone.

Parameters and fields keep Halo's spelling wherever Python allows it. Otherwise: every character that is not
an ASCII letter, digit or underscore becomes ``_``; a leading digit gets ``_`` before it; a keyword, or a
word that the generated module needs itself, gets a trailing ``_``; leading double underscores, and names of
nothing else, get ``field`` before them.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Container

_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[A-Z][0-9]*|[0-9]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_]")

# Words used by the generated module itself: a field or method of that name would hide them.
MODULE_WORDS = {
    "self", "int", "str", "float", "bool", "bytes", "Any", "Sequence", "Mapping", "Iterable", "DateTime", "Pages",
    "Record", "RecordWithCustomFields", "SummaryRecord", "absent", "field_named", "op", "models", "Resource",
    "Watchable", "Writable", "annotations", "TYPE_CHECKING",
}  # fmt: skip
# Methods that resources inherit, or that are generated beside their own.
RESOURCE_WORDS = {"create", "update", "save", "with_options", "bulk_upsert", "changed_since", "watch"}
# Attributes of the client: a resource of that name would hide them, or be hidden by them.
CLIENT_WORDS = {
    "aclose", "close", "custom_fields", "dry_run", "export", "forget_lookups", "from_env", "from_profile", "options",
    "request", "resolve", "sender", "statistics", "transport", "with_options",
}  # fmt: skip
# Classes and words of `api/__init__.py` and `models/__init__.py`.
PACKAGE_WORDS = frozenset({"Resources", "ResourceGroup", "RECORDS", "Aliases", "ALIASES"})
# File names that some systems reject.
_DEVICES = {
    "con",
    "aux",
    "nul",
    "prn",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
_LONGEST = 100
"""Maximum length of a file name in characters; file systems allow 255 bytes."""


class Names:
    """Names in use: those given at the start, and those added since."""

    def __init__(self, given: frozenset[str] = frozenset()) -> None:
        self._given = given
        self._added: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._given or name in self._added

    def add(self, name: str) -> str:
        """Add a name and return it."""
        self._added.add(name)
        return name


def snake(word: str) -> str:
    """Convert to snake case.

    ``ClientContract`` -> ``client_contract``, ``KBArticle`` -> ``kb_article``, ``NinjaRMM`` ->
    ``ninja_rmm``.
    """
    parts: list[str] = []
    for piece in re.split(r"[^A-Za-z0-9]+", word):
        parts += _WORDS.findall(piece)
    return "_".join(part.lower() for part in parts) or "_"


def identifier(name: str, taken: Container[str] = ()) -> str:
    """Return the Python name of a parameter, field or method ``name``, different from all in ``taken``."""
    safe = _UNSAFE.sub("_", name)
    if safe[:1].isdigit():
        safe = f"_{safe}"
    if safe.startswith("__") or not safe.strip("_"):
        safe = f"field{safe or '_'}"
    if keyword.iskeyword(safe) or safe in MODULE_WORDS:
        safe = f"{safe}_"
    return distinct(safe, taken)


def distinct(name: str, taken: Container[str]) -> str:
    """Return ``name``, with one to four underscores or a number behind it, different from all in ``taken``.

    The number is found by bisection, so that ten thousand equal names are told apart quickly.
    """
    for tail in ("", "_", "__", "___", "____"):
        if name + tail not in taken:
            return name + tail
    most = 8
    while f"{name}_{most}" in taken:
        most *= 2
    least = most // 2
    while least + 1 < most:
        middle = (least + most) // 2
        least, most = (middle, most) if f"{name}_{middle}" in taken else (least, middle)
    return f"{name}_{most}"


def class_name(name: str) -> str:
    """Return the name of a record or resource class: Halo's spelling as a capitalised Python identifier."""
    safe = _UNSAFE.sub("_", name).lstrip("_") or "Unnamed"
    safe = f"N{safe}" if safe[0].isdigit() else safe[0].upper() + safe[1:]
    return f"{safe}_" if keyword.iskeyword(safe) or safe in MODULE_WORDS or safe in PACKAGE_WORDS else safe


def module_name(name: str, taken: set[str]) -> str:
    """Return a file name for ``name``, safe on every system and new in ``taken``, and add it there."""
    base = snake(name)
    base = f"_{base}" if base[0].isdigit() else base
    if keyword.iskeyword(base) or base in _DEVICES:
        base += "_"
    module = distinct(base[:_LONGEST], taken)
    taken.add(module)
    return module
