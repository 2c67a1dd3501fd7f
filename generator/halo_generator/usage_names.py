"""The names of a generated package that code can use, and the places that use them."""

from __future__ import annotations

import re
from collections import defaultdict

import attrs

from halo_generator.diff_change import Use
from halo_generator.diff_meaning import CallMeaning, Meaning
from halo_generator.types import Type

_WRITES = ("create", "update", "save", "bulk_upsert")
"""Methods over `upsert`; the fields of a record are their arguments."""
_OVER = {
    **dict.fromkeys(_WRITES, "upsert"),
    "upload": "upsert",
    "download": "get",
    "changed_since": "list",
}


@attrs.define
class Found:
    """The places of uses: of calls, of their arguments, of fields of a record class, and of record classes.

    ``given`` has the calls that give an argument, ``rows`` the fields that are read of what a call returned,
    ``written`` the fields of a class that are sent, and ``names`` the attributes and keys of values whose type is not
    known, by name.
    """

    calls: dict[str, list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    arguments: dict[tuple[str, str], list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    given: dict[tuple[str, str], list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    rows: dict[tuple[str, str], list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    written: dict[tuple[str, str], list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    fields: dict[tuple[str, str], list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    classes: dict[str, list[Use]] = attrs.field(factory=lambda: defaultdict(list))
    names: dict[str, list[Use]] = attrs.field(factory=lambda: defaultdict(list))


class Known:
    """Meaning of the names in code, by the old document."""

    def __init__(self, meaning: Meaning) -> None:
        """`meaning`: that of the old document."""
        self.calls: dict[str, CallMeaning] = {call.python: call for call in meaning.calls.values()}
        self.resources = {call.resource for call in self.calls.values()}
        self.groups = {name.partition(".")[0] for name in self.resources if "." in name}
        self.aliases = meaning.aliases
        self.fields: dict[str, dict[str, Type]] = {}
        self.wire: dict[str, dict[str, str]] = {}
        for name, record in meaning.classes.items():
            parts = record.fields.values()
            self.fields[name] = {part.python_name: part.type for part in parts}
            self.wire[name] = {part.name: part.python_name for part in parts}
        self._paths = [(call, _pattern(call)) for call in self.calls.values()]

    def resource(self, name: str) -> str | None:
        """Return the resource or group behind a name, in either grammatical number."""
        name = self.aliases.get(name, name)
        return name if name in self.resources or name in self.groups else None

    def method(self, resource: str, name: str) -> CallMeaning | None:
        """Return the call behind a method of a resource, also of one that stands on another."""
        found = self.calls.get(f"{resource}.{name}")
        return found or self.calls.get(f"{resource}.{_OVER.get(name, '')}")

    def takes_fields(self, call: CallMeaning, name: str) -> bool:
        """Return whether the arguments of a method are fields of the record that it writes."""
        return name in _WRITES and f"{call.resource}.{name}" not in self.calls

    def by_path(self, method: str, path: str) -> CallMeaning | None:
        """Return the call of a request line; ``path`` may have ``{}`` where a value stands."""
        wanted = path.partition("?")[0].rstrip("/") or "/"
        matching = [call for call, pattern in self._paths if pattern.fullmatch(f"{method.upper()} {wanted}")]
        return min(matching, key=lambda call: call.where.count("{"), default=None)

    def list_of(self, resource: str) -> CallMeaning | None:
        """Return the list behind a name, as exports take it: ``tickets``, ``clients``, ``Tickets``."""
        found = self.resource(resource) or self.resource(resource.lower())
        return None if found is None else self.calls.get(f"{found}.list")


def _pattern(call: CallMeaning) -> re.Pattern[str]:
    literal = [re.escape(part) for part in re.split(r"\{[^{}]*\}", call.where)]
    return re.compile(r"[^/]+".join(literal), re.IGNORECASE)
