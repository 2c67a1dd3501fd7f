"""Query parameters that take more than their type says: several values in one text, the ends of a range.

Documents say in words alone that `client_ids`, a text, takes several ids. The words are read here and go no further:
the canonical document keeps the fact, as ``x-halo-many``.
"""

from __future__ import annotations

import re

from halo_generator.report import Report, pointer
from halo_generator.traversal import Json, operations
from halo_generator.types import Type

MANY = "x-halo-many"
KINDS = ("integer", "string")

_SEVERAL = re.compile(r"comma[ -]sep[ae]rated|array of (\w+)", re.IGNORECASE)
_IDS = re.compile(r"\bids?\b", re.IGNORECASE)
_START = re.compile(r"start_?date|from_?date|date_?(start|from)", re.IGNORECASE)
_END = re.compile(r"end_?date|(?<!up)to_?date|date_?(end|to)", re.IGNORECASE)
_NAMED_IDS = re.compile(r"(_|ticket)ids$")
_ALIASES = {"integer": "Many[int]", "string": "Many[str]"}


def several_values(document: Json, report: Report) -> None:
    """Note on parameters typed as text what their descriptions say: that they take several values, and of what kind."""
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if MANY not in parameter and is_text(parameter):
                kind = _described(parameter["name"], str(parameter.get("description") or ""))
                if kind is not None:
                    note(parameter, kind, pointer("paths", path, method, parameter["name"]), report)


def ids_by_name(document: Json, report: Report) -> None:
    """Note that a text parameter called `…_ids` takes several ids: documents that explain such a one all say so."""
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if MANY not in parameter and is_text(parameter) and _NAMED_IDS.search(parameter["name"]):
                note(parameter, "integer", pointer("paths", path, method, parameter["name"]), report)


def note(parameter: Json, kind: str, place: str, report: Report) -> None:
    """Note that a parameter takes several values."""
    parameter[MANY] = kind
    report.note("parameters with several values", place)


def is_text(parameter: Json) -> bool:
    """Return whether a parameter is one of the query, typed as text."""
    schema = parameter.get("schema") or {}
    return parameter.get("in") == "query" and schema.get("type") == "string" and "format" not in schema


def _described(name: str, text: str) -> str | None:
    found = _SEVERAL.search(text)
    if found is None:
        return None
    ids = (found[1] or "").lower() in ("int", "integer") or name.lower().endswith("_ids") or _IDS.search(text)
    return "integer" if ids else "string"


def argument_type(parameter: Json, found: Type) -> Type:
    """The type in the signature of an operation, by what is known of the parameter beyond its type."""
    if parameter["in"] != "query" or found.text not in ("str", "DateTime"):
        return found
    if found.text == "str" and parameter.get(MANY) in _ALIASES:
        return Type(_ALIASES[parameter[MANY]])
    side = _side(parameter["name"])
    return Type(side or ("Moment" if found.text == "DateTime" else "str"))


def _side(name: str) -> str | None:
    """Return which end of a range a parameter is, by its name."""
    if _END.search(name):
        return "RangeEnd"
    return "RangeStart" if _START.search(name) else None
