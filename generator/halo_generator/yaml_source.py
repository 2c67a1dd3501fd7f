"""Conversion of a YAML document to the JSON values it represents.

The YAML parser's events are assembled here by the rules of YAML 1.2's core schema: names stay strings
(``200:``, ``on:``), dates stay strings, and aliases are counted, so that a few lines cannot expand to
millions of values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import attrs
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from halo_generator.errors import SourceError
from halo_generator.plain import OddNumber, fraction, whole
from halo_generator.report import pointer

MAX_DEPTH = 200
MAX_BYTES = 16 * 1024 * 1024
"""Size limit: YAML parses some hundred times slower than JSON."""
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None, "true": True, "True": True, "TRUE": True,
    "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OTHER_BASE = re.compile(r"0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}", re.ASCII)
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MERGE = "<<"


def read(text: str, name: str) -> Any:
    """Return the single YAML document in ``text``.

    :raises SourceError: it is not valid YAML, is too large or nested too deeply, or its aliases expand to
        too much.
    """
    if len(text) > MAX_BYTES:
        raise SourceError(f"{name} is YAML of more than {MAX_BYTES >> 20} MiB. Convert it to JSON first.")
    builder = _YamlBuilder(name, values_left=100_000 + len(text))
    try:
        for event in _events(text):
            builder.take(event)
    except YAMLError as error:
        problem, mark = getattr(error, "problem", None), getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        told = f"{problem or 'a character that YAML does not allow'}{where}"
        raise SourceError(
            f"{name} is neither JSON nor YAML ({told}), so it cannot be an OpenAPI document."
        ) from None
    return builder.root.value


def _events(text: str) -> Iterator[Event]:
    yield from YAML(typ="safe", pure=True).parse(text)


@attrs.define(eq=False)
class _Node:
    """A list or an object being read, with the number of values in it."""

    value: Any = None
    anchor: str | None = None
    key: str | None = None
    size: int = 1
    merged: dict[str, Any] = attrs.field(factory=dict)


@attrs.define
class _YamlBuilder:
    name: str
    values_left: int
    root: _Node = attrs.field(factory=lambda: _Node([]))
    open: list[_Node] = attrs.field(factory=list)
    anchors: dict[str, tuple[Any, int]] = attrs.field(factory=dict)
    documents: int = 0

    def take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise SourceError(f"{self.name} contains several YAML documents. Give a file with one.")
        elif isinstance(event, ScalarEvent):
            self._put_scalar(event)
        elif isinstance(event, AliasEvent):
            self._put_alias(str(event.anchor))
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._open_node({} if isinstance(event, MappingStartEvent) else [], event.anchor)
        elif isinstance(event, CollectionEndEvent):
            self._close_node()

    def _open_node(self, value: Any, anchor: str | None) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise SourceError(
                f"{self.name} is nested deeper than {MAX_DEPTH} levels at {self._format_place(5)}."
            )
        if self._wants_a_name():
            raise SourceError(
                f"{self.name} has a list or an object in place of a name in {self._format_place()}."
            )
        self.open.append(_Node(value, anchor))

    def _close_node(self) -> None:
        node = self.open.pop()
        if node.merged:
            node.value = {**node.merged, **node.value}
        self._put(node.value, node.size, node.anchor)

    def _put_scalar(self, event: ScalarEvent) -> None:
        text = _join_surrogates(event.value)
        if self._wants_a_name():
            self.open[-1].key = text
            return
        is_plain = event.style is None or event.style == ""
        self._put(_parse_plain(text) if is_plain and event.implicit[0] else text, 1, event.anchor)

    def _put_alias(self, anchor: str) -> None:
        if anchor not in self.anchors:
            raise SourceError(
                f"{self.name}: the alias *{anchor[:40]} in {self._format_place()} stands in what it names."
            )
        value, size = self.anchors[anchor]
        if self._wants_a_name():
            self.open[-1].key = str(value)
        else:
            self._put(value, size, None)

    def _put(self, value: Any, size: int, anchor: str | None) -> None:
        self.values_left -= size
        if self.values_left < 0:
            raise SourceError(
                f"{self.name} has more values by aliases than it writes, at {self._format_place()}."
            )
        if anchor is not None:
            self.anchors[str(anchor)] = (value, size)
        if not self.open:
            self.root.value = value
            return
        holder = self.open[-1]
        holder.size += size
        if isinstance(holder.value, list):
            holder.value.append(value)
        elif holder.key == _MERGE:
            self._merge(holder, value)
        elif holder.key is not None:
            holder.value[holder.key] = value
        holder.key = None

    def _merge(self, holder: _Node, value: Any) -> None:
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                raise SourceError(f"{self.name} merges what is not an object, in {self._format_place()}.")
            for key, inner in one.items():
                holder.merged.setdefault(key, inner)

    def _wants_a_name(self) -> bool:
        return bool(self.open) and isinstance(self.open[-1].value, dict) and self.open[-1].key is None

    def _format_place(self, most: int | None = None) -> str:
        parts = [n.key if isinstance(n.value, dict) else len(n.value) for n in self.open]
        return pointer(*[part for part in parts if part is not None][:most])


def _join_surrogates(text: str) -> str:
    """A text with the two halves of a character, as JSON escapes it, put together."""
    if text.isascii():
        return str(text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _parse_plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return whole(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    if _FRACTION.fullmatch(text):
        return fraction(text)
    return OddNumber(text) if _NO_NUMBER.fullmatch(text) else text
