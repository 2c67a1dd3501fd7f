"""Query parameters that take more than their type says: several values in one text, ends of a range, certain words.

Documents say in words alone that `client_ids`, a text, takes several ids, or that `domain` takes one of three. They
are read here and go no further: the canonical document keeps the fact, as ``x-halo-many`` or ``x-halo-choices``.
"""

from __future__ import annotations

import json
import re

from halo_generator.report import CanonicalReport, pointer
from halo_generator.traversal import Json, operations
from halo_generator.types import Type

MANY = "x-halo-many"
CHOICES = "x-halo-choices"
KINDS = ("integer", "string")

_SEVERAL = re.compile(r"comma[ -]sep[ae]rated|array of (\w+)", re.IGNORECASE)
_IDS = re.compile(r"\bids?\b", re.IGNORECASE)
_START = re.compile(r"start_?date|from_?date|date_?(start|from)", re.IGNORECASE)
_END = re.compile(r"end_?date|(?<!up)to_?date|date_?(end|to)", re.IGNORECASE)
_DATE = re.compile(r"(^|_|updated)date$", re.IGNORECASE)
_LISTED = re.compile(r"'(\w+)'(?:\s*(?:,|-|and|or)\s*'(\w+)')+")
_GIVEN = re.compile(r"\bvalues?(?: are)?:?\s*'\w+'(?:\s*(?:,|-|and|or)\s*'\w+')*")
_EQUATED = re.compile(r"'(\w+)'\s*=")
_EXPLAINED = re.compile(r":\s*((?:\w+ - \w+(?:, )?){2,})")
_QUOTED = re.compile(r"'(\w+)'")
_NAMED_IDS = re.compile(r"(_|ticket)ids$")
_ALIASES = {"integer": "Many[int]", "string": "Many[str]"}


def several_values(document: Json, report: CanonicalReport) -> None:
    """Note on parameters typed as text what their descriptions say: that they take several values, or certain words."""
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if MANY in parameter or not is_text(parameter):
                continue
            place = pointer("paths", path, method, parameter["name"])
            text = str(parameter.get("description") or "")
            kind = _described(parameter["name"], text)
            if kind is not None:
                note(parameter, kind, place, report)
            elif words := choices_in(text):
                note_choices(parameter, words, place, report)


def ids_by_name(document: Json, report: CanonicalReport) -> None:
    """Note that a text parameter called `…_ids` takes several ids: documents that explain such a one all say so."""
    for method, path, operation in operations(document):
        for parameter in operation.get("parameters", []):
            if MANY not in parameter and is_text(parameter) and _NAMED_IDS.search(parameter["name"]):
                note(parameter, "integer", pointer("paths", path, method, parameter["name"]), report)


def note(parameter: Json, kind: str, place: str, report: CanonicalReport) -> None:
    """Note that a parameter takes several values."""
    parameter[MANY] = kind
    report.note("parameters with several values", place)


def note_choices(parameter: Json, words: list[str], place: str, report: CanonicalReport) -> None:
    """Note the words that a parameter takes; instances may know others."""
    parameter[CHOICES] = sorted(words)
    report.note("parameters with known words", place)


def choices_in(text: str) -> list[str]:
    """Return the words that a description lists as values; none if it gives examples or none."""
    found = _GIVEN.search(text) or _LISTED.search(text)
    if found is not None:
        return _QUOTED.findall(found[0])
    equated = _EQUATED.findall(text)
    if len(equated) > 1:
        return equated
    explained = _EXPLAINED.search(text)
    return re.findall(r"(\w+) - ", explained[1]) if explained else []


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
    if found.text == "str" and parameter.get(CHOICES):
        return Type(f"Literal[{', '.join(map(json.dumps, parameter[CHOICES]))}] | str")
    side = _side(parameter["name"])
    is_date = found.text == "DateTime" or _DATE.search(parameter["name"])
    return Type(side or ("Moment" if is_date else "str"))


def _side(name: str) -> str | None:
    """Return which end of a range a parameter is, by its name."""
    if _END.search(name):
        return "RangeEnd"
    return "RangeStart" if _START.search(name) else None
