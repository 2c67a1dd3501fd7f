"""Rows of the collections that are not modelled by hand, made from their schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

from halo_async.emulator.data.dataset import SINCE, UNTIL
from halo_async.emulator.data.seeded_random import SeededRandom, fraction, guid, mix, stamp
from halo_async.emulator.data.source import Parent, Row
from halo_async.emulator.data.words import COLOURS, FIRST, LAST, PLACES, PLAIN
from halo_async.emulator.schema import Schema, Schemas

Maker = Callable[[int], Any]


def _make_words(bits: int) -> str:
    return f"{PLAIN[bits % len(PLAIN)]} {PLAIN[(bits >> 8) % len(PLAIN)]}"


def _make_date(bits: int) -> str:
    return stamp(SINCE + bits % (UNTIL - SINCE), fraction(bits >> 34))


# Values of string fields by a part of the field name; the first match counts.
_TEXTS: tuple[tuple[str, Maker], ...] = (
    ("email", lambda bits: f"{PLAIN[bits % len(PLAIN)]}{bits % 97}@mail.example"),
    ("url", lambda bits: f"https://{PLAIN[bits % len(PLAIN)]}.example/{bits % 1000}"),
    ("colour", lambda bits: COLOURS[bits % len(COLOURS)]),
    ("guid", guid),
    ("password", lambda bits: ""),
    ("secret", lambda bits: ""),
    ("token", lambda bits: ""),
    ("client_name", lambda bits: f"{PLACES[bits % len(PLACES)]} Works"),
    ("user_name", lambda bits: f"{FIRST[bits % len(FIRST)]} {LAST[(bits >> 9) % len(LAST)]}"),
    ("agent_name", lambda bits: f"{FIRST[bits % len(FIRST)]} {LAST[(bits >> 9) % len(LAST)]}"),
    ("name", lambda bits: _make_words(bits).title()),
    ("phone", lambda bits: f"01632 960{bits % 1000:03d}"),
    ("date", lambda bits: _make_date(bits)[:10]),
)
_FORMATS: dict[str, Maker] = {
    "date-time": _make_date,
    "date-time-local": _make_date,
    "date": lambda bits: _make_date(bits)[:10],
    "uuid": guid,
    "date-span": lambda bits: f"{bits % 24:02d}:{(bits >> 5) % 60:02d}:00",
    "byte": lambda bits: "aGFsbw==",
    "binary": lambda bits: "aGFsbw==",
    "uri": lambda bits: f"https://{PLAIN[bits % len(PLAIN)]}.example/",
}


def _make_text(name: str, schema: Schema) -> Maker:
    found = _FORMATS.get(schema.get("format", "")) or next(
        (make for part, make in _TEXTS if part in name), _make_words
    )
    limit = schema.get("maxLength")
    return found if limit is None else lambda bits: found(bits)[:limit]


def _make_whole(name: str) -> Maker:
    if name.endswith(("_id", "sequence", "count")):
        return lambda bits: bits % 5
    return lambda bits: bits % 100


def maker(name: str, schema: Schema) -> Maker | None:
    """Return a value factory for a field, or None for fields left out of generated rows (objects)."""
    if "enum" in schema:
        return lambda bits: schema["enum"][bits % len(schema["enum"])]
    match schema.get("type"):
        case "string":
            return _make_text(name.lower(), schema)
        case "integer":
            return _make_whole(name.lower())
        case "number":
            return lambda bits: bits % 10_000 / 4
        case "boolean":
            return lambda bits: bool(bits & 1)
        case "array":
            return lambda bits: []
        case _:
            return None


class Generated:
    """Rows made from the schemas of the row and of the whole object.

    A field has the same value in both; it is omitted (null) in some rows and present in others.
    """

    def __init__(self, schemas: Schemas, seed: int, name: str, count: int,
                 listed: Schema | None, whole: Schema | None, key: Schema | None = None,
                 parent: Parent | None = None) -> None:  # fmt: skip
        self._schemas = schemas
        self._dice = SeededRandom(seed, name)
        self._listed = listed
        self._whole = whole
        self._path_key = key or {}
        self.parent = parent
        self._makers: dict[str, tuple[tuple[str, Maker, int], ...]] = {}
        self.count = count

    def core(self, id: int) -> Mapping[str, Any]:
        """Return the whole row: such collections are short."""
        return self.row(id)

    def row(self, id: int) -> Row:
        """Return the fields of the listed schema."""
        return self._make("row", self._listed, id)

    def full(self, id: int) -> Row:
        """Return the listed fields, and the rest of the whole schema."""
        if self._whole is self._listed or self._whole is None:
            return self.row(id)
        return {**self._make("full", self._whole, id), **self.row(id)}

    def _make(self, which: str, schema: Schema | None, id: int) -> Row:
        if which not in self._makers:
            self._makers[which] = tuple(self._plan(schema))
        bits = self._dice(id)
        row: Row = {"id": self._make_key(schema, id, bits)}
        for name, make, salt in self._makers[which]:
            value = mix(bits ^ salt)
            # Two in three optional fields are null in any one row; nulls are omitted.
            if salt & 1 or value >> 40 & 15 < 5:
                row[name] = make(value & 0xFF_FFFF_FFFF)
        if self.parent is not None:
            row.update(self.parent.place(id))
        return row

    def _make_key(self, schema: Schema | None, id: int, bits: int) -> int | str:
        declared = self._schemas.resolve(self._schemas.properties(schema or {}).get("id", {}))
        if declared.get("type") != "string":
            return id
        if declared.get("format") == "uuid":
            return guid(bits)
        # A string in the place of an integer in a path can only be digits.
        return str(id) if self._path_key.get("type") == "integer" else f"{PLAIN[bits % len(PLAIN)]}-{id}"

    def _plan(self, schema: Schema | None) -> list[tuple[str, Maker, int]]:
        plan = []
        for name, raw in self._schemas.properties(schema or {}).items():
            property = self._schemas.resolve(raw)
            make = maker(name, property)
            if name == "id" or name.startswith("_") or make is None:
                continue
            always = name == "name" or not property.get("nullable")
            plan.append((name, make, crc32(name.encode()) << 1 | always))
        return plan
