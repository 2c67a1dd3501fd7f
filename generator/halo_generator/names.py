"""Names: Halo's words -> Python's, by a few rules that depend on the word alone.

Parameters and fields keep Halo's spelling wherever Python allows it. Where it does not: every character that is no
ASCII letter, digit or underscore becomes ``_``; a leading digit gets ``_`` before it; a keyword, or a word that the
generated module needs itself, gets ``_`` behind it; leading double underscores, and names of nothing else, get
``field`` before them.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Container

_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[A-Z][0-9]*|[0-9]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_]")

# Words that a generated module uses itself: a field or method of that name would hide them.
MODULE_WORDS = {
    "self", "int", "str", "float", "bool", "bytes", "Any", "Sequence", "Mapping", "Iterable", "DateTime", "Pages",
    "Record", "RecordWithCustomFields", "absent", "field_named", "op", "models", "Resource", "Writable",
    "annotations", "TYPE_CHECKING",
}  # fmt: skip
# Methods that resources inherit, or that are emitted beside their own.
RESOURCE_WORDS = {"create", "update", "save", "with_options", "bulk_upsert", "changed_since"}
# What a client has itself: a resource of that name would hide it.
CLIENT_WORDS = {
    "aclose", "custom_fields", "dry_run", "export", "forget_lookups", "from_env", "request", "resolve", "statistics",
    "with_options",
}  # fmt: skip
# Classes and words of `api/__init__.py` and `models/__init__.py`.
PACKAGE_WORDS = frozenset({"Resources", "ResourceGroup", "RECORDS"})
# File names that some systems refuse.
_DEVICES = {
    "con",
    "aux",
    "nul",
    "prn",
    *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
}
_LONGEST = 100
"""Characters of a file's name; file systems take 255 bytes."""


class Names:
    """Names that are taken: those given once and for all, and those added since."""

    def __init__(self, given: frozenset[str] = frozenset()) -> None:
        self._given = given
        self._added: set[str] = set()

    def __contains__(self, name: object) -> bool:
        return name in self._given or name in self._added

    def add(self, name: str) -> str:
        """Take a name; the name."""
        self._added.add(name)
        return name


def snake(word: str) -> str:
    """``ClientContract`` -> ``client_contract``, ``KBArticle`` -> ``kb_article``, ``NinjaRMM`` -> ``ninja_rmm``."""
    parts: list[str] = []
    for piece in re.split(r"[^A-Za-z0-9]+", word):
        parts += _WORDS.findall(piece)
    return "_".join(part.lower() for part in parts) or "_"


def identifier(name: str, taken: Container[str] = ()) -> str:
    """The Python name of a parameter, field or method called ``name``, different from all in ``taken``."""
    safe = _UNSAFE.sub("_", name)
    if safe[:1].isdigit():
        safe = f"_{safe}"
    if safe.startswith("__") or not safe.strip("_"):
        safe = f"field{safe or '_'}"
    if keyword.iskeyword(safe) or safe in MODULE_WORDS:
        safe = f"{safe}_"
    return distinct(safe, taken)


def distinct(name: str, taken: Container[str]) -> str:
    """``name``, or with one to four underscores behind it, or with a number, so that it differs from all in ``taken``.

    The number is looked for by halves, so that ten thousand names alike are told apart in no time.
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
    """The name of a record or resource class: Halo's spelling, made a Python identifier with a capital first."""
    safe = _UNSAFE.sub("_", name).lstrip("_") or "Unnamed"
    safe = f"N{safe}" if safe[0].isdigit() else safe[0].upper() + safe[1:]
    return f"{safe}_" if keyword.iskeyword(safe) or safe in MODULE_WORDS or safe in PACKAGE_WORDS else safe


def module_name(name: str, taken: set[str]) -> str:
    """A file name for ``name``, safe on every system and different from all in ``taken``, which it joins."""
    base = snake(name)
    base = f"_{base}" if base[0].isdigit() else base
    if keyword.iskeyword(base) or base in _DEVICES:
        base += "_"
    module = distinct(base[:_LONGEST], taken)
    taken.add(module)
    return module


def camel(snake_name: str) -> str:
    """``client_contract`` -> ``ClientContract``."""
    return class_name("".join(part[:1].upper() + part[1:] for part in snake_name.split("_") if part))
