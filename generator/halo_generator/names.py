"""Names: Halo's words -> Python's, by a few rules that depend on the word alone.

Parameters and fields keep Halo's spelling wherever Python allows it. Where it does not: every character that is no
ASCII letter, digit or underscore becomes ``_``; a leading digit gets ``_`` before it; a keyword, or a word that the
generated module needs itself, gets ``_`` behind it; leading double underscores, and names of nothing else, get
``field`` before them.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

_WORDS = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[A-Z][0-9]*|[0-9]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_]")

# Words that a generated module uses itself: a field or method of that name would hide them.
MODULE_WORDS = {
    "self", "int", "str", "float", "bool", "bytes", "Any", "Sequence", "Mapping", "Iterable", "DateTime", "Pages",
    "Record", "RecordWithCustomFields", "absent", "field_named", "op", "models", "Resource", "Writable",
    "annotations", "TYPE_CHECKING",
}  # fmt: skip
# Methods that resources inherit.
RESOURCE_WORDS = {"create", "update", "save", "with_options", "bulk_upsert"}
# File names that some systems refuse.
_DEVICES = {"con", "aux", "nul", "prn"}


def snake(word: str) -> str:
    """``ClientContract`` -> ``client_contract``, ``KBArticle`` -> ``kb_article``, ``NinjaRMM`` -> ``ninja_rmm``."""
    parts: list[str] = []
    for piece in re.split(r"[^A-Za-z0-9]+", word):
        parts += _WORDS.findall(piece)
    return "_".join(part.lower() for part in parts) or "_"


def identifier(name: str, taken: Iterable[str] = ()) -> str:
    """The Python name of a parameter, field or method called ``name``, different from all in ``taken``."""
    safe = _UNSAFE.sub("_", name)
    if safe[:1].isdigit():
        safe = f"_{safe}"
    if safe.startswith("__") or not safe.strip("_"):
        safe = f"field{safe or '_'}"
    if keyword.iskeyword(safe) or safe in MODULE_WORDS:
        safe = f"{safe}_"
    return distinct(safe, taken)


def distinct(name: str, taken: Iterable[str]) -> str:
    """``name``, with as many underscores behind it as it takes to differ from all in ``taken``."""
    while name in taken:
        name += "_"
    return name


def class_name(name: str) -> str:
    """The name of a record or resource class: Halo's spelling, made a Python identifier with a capital first."""
    safe = _UNSAFE.sub("_", name).lstrip("_") or "Unnamed"
    safe = f"N{safe}" if safe[0].isdigit() else safe[0].upper() + safe[1:]
    return f"{safe}_" if keyword.iskeyword(safe) or safe in MODULE_WORDS else safe


def module_name(name: str, taken: set[str]) -> str:
    """A file name for ``name``, safe on every system and different from all in ``taken``, which it joins."""
    base = snake(name)
    base = f"_{base}" if base[0].isdigit() else base
    if keyword.iskeyword(base) or base in _DEVICES:
        base += "_"
    module = distinct(base, taken)
    taken.add(module)
    return module


def camel(snake_name: str) -> str:
    """``client_contract`` -> ``ClientContract``."""
    return class_name("".join(part[:1].upper() + part[1:] for part in snake_name.split("_") if part))
