"""The parts of rows that `--select` names: fields, and paths into nested objects and lists."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from halo_async._operations.serialization import plain_json
from halo_async._utils.names import did_you_mean
from halo_async.cli.errors import UsageError

_COMMAS = re.compile(r",(?![^\[]*\])")
_STEP = re.compile(
    r"(?:^|\.)(?P<name>[^.\[\]]+)|\[(?P<index>-?\d+)\]|\[\*?\]|\[(?P<key>[^=\[\]]+)=(?P<value>[^\]]*)\]"
)
_SYNTAX = "Write it as client_name, user.name, customfields[0].value or customfields[name=CFsize].value."

Step = str | int | tuple[str, str] | None
"""A name, an index, the first item that has a value, or each item."""


@attrs.frozen
class SelectedPath:
    """One path, such as `customfields[0].value`. A name after a list means that of each of its items."""

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> SelectedPath:
        """Return the path.

        :raises UsageError: it is not one.
        """
        steps: list[Step] = []
        place = 0
        while place < len(text):
            match = _STEP.match(text, place)
            if match is None or (not steps and match["name"] is None):
                raise UsageError(f"--select {text!r} is not a path. {_SYNTAX}")
            steps.append(_step(match))
            place = match.end()
        return cls(text, tuple(steps))

    @property
    def root(self) -> str:
        """The field of the row."""
        return str(self.steps[0])

    def value(self, row: Mapping[str, Any]) -> Any:
        """Return what is there; None if nothing is."""
        return _pick_value(row, self.steps)


@attrs.frozen
class Selection:
    """The paths of `--select`; without any, rows are shown whole."""

    paths: tuple[SelectedPath, ...] = ()
    declared: Collection[str] = ()
    """The fields that the document declares, whether a row has them or not."""

    @classmethod
    def parse(cls, text: str | None) -> Selection:
        """Return the paths that commas separate.

        :raises UsageError: one of them is not a path.
        """
        parts = [part.strip() for part in _COMMAS.split(text or "")]
        return cls(tuple(dict.fromkeys(SelectedPath.parse(part) for part in parts if part)))

    @classmethod
    def of_names(cls, names: Iterable[str]) -> Selection:
        """Return a choice of plain fields, whatever characters their names have."""
        return cls(tuple(SelectedPath(name, (name,)) for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        """The paths as they were given."""
        return tuple(path.text for path in self.paths)

    def pick(self, row: Any) -> Any:
        """Return a row as plain JSON, with these paths alone if some were named."""
        value = plain_json(row)
        if not self.paths or not isinstance(value, Mapping):
            return value
        return {path.text: path.value(value) for path in self.paths}

    def check(self, rows: Sequence[Any]) -> None:
        """Refuse a path that is neither declared nor in one of these rows: its column would be empty.

        :raises UsageError: naming the nearest; or that the response has no fields at all.
        """
        if not self.paths:
            return
        plain = [value for value in map(plain_json, rows) if isinstance(value, Mapping)]
        there = {name for row in plain for name in row}
        if rows and not there and not self.declared:
            raise UsageError("--select chooses fields of records, and the response has none. Leave it out.")
        known = there | set(self.declared)
        for path in self.paths:
            if known and path.root not in known:
                near = did_you_mean(path.root, known) or ". List them with --json, without --select."
                raise UsageError(f"There is no field {path.root!r}{near}")
            _check_inner(path, plain)


WHOLE = Selection()
"""Rows as they are."""


def _step(match: re.Match[str]) -> Step:
    if match["name"] is not None:
        return match["name"]
    if match["index"] is not None:
        return int(match["index"])
    return (match["key"].strip(), match["value"].strip()) if match["key"] is not None else None


def _pick_value(value: Any, steps: Sequence[Step]) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(value, list):
        return _of_list(value, step, steps, rest)
    return (
        _pick_value(value.get(step), rest) if isinstance(value, Mapping) and isinstance(step, str) else None
    )


def _of_list(items: list[Any], step: Step, steps: Sequence[Step], rest: Sequence[Step]) -> Any:
    if step is None or isinstance(step, str):
        return [_pick_value(item, rest if step is None else steps) for item in items]
    if isinstance(step, int):
        return _pick_value(items[step], rest) if -len(items) <= step < len(items) else None
    key, wanted = step
    found = (item for item in items if isinstance(item, Mapping) and str(item.get(key)) == wanted)
    return _pick_value(next(found, None), rest)


def _check_inner(path: SelectedPath, rows: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a name that none of the objects has at which the path arrives, if there are some."""
    found: list[Any] = list(rows)
    for step in path.steps:
        objects = (
            [item for item in _items(found) if isinstance(item, Mapping)] if isinstance(step, str) else []
        )
        known = {name for item in objects for name in item}
        if isinstance(step, str) and step != path.root and known and step not in known:
            near = did_you_mean(step, known) or f". It has {', '.join(sorted(known)[:8])}."
            raise UsageError(f"--select {path.text!r} leads to objects that have no field {step!r}{near}")
        found = [value for item in found if (value := _pick_value(item, (step,))) is not None]


def _items(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _items(value)
        else:
            yield value
