"""Changes between two documents that change what a user of the generated package can send or receives.

Halo's terms are used throughout: a field belongs to a schema, a parameter to an operation (`GET /Tickets`). Types and
names of calls are those of Python.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from halo_generator.diff_change import Change, Comparison
from halo_generator.diff_meaning import CallMeaning, Meaning, Part, RecordMeaning, meaning_of, since_when
from halo_generator.diff_types import UNREAD, UNSENT, Relation, SamePair, lost_fields, relation, same_records
from halo_generator.pipeline import Run
from halo_generator.traversal import Json
from halo_generator.types import Type


def compare(old: Run, new: Run) -> list[Change]:
    """Return every change between two documents, by place."""
    return compared(old, new).changes


def compared(old: Run, new: Run, known: Json | None = None) -> Comparison:
    """Return the changes between two documents; ``known`` is one that says which release brought what."""
    return compare_meanings(meaning_of(old), meaning_of(new), known)


def compare_meanings(old: Meaning, new: Meaning, known: Json | None = None) -> Comparison:
    """Do the same as `compared` for what two documents mean."""
    pairs = _Pairs(same_records(old.classes, new.classes), old.classes, new.classes)
    found = [*_operations(old.calls, new.calls, pairs), *_compare_records(old, new, pairs)]
    lifetimes = since_when(known)
    dated = []
    for change in found:
        life = lifetimes.get((change.where, change.name)) or lifetimes.get((change.where, ""))
        dated.append(attrs.evolve(change, since=life.since, until=life.until) if life else change)
    return Comparison(sorted(dated), dict(sorted(pairs.met.items())))


@attrs.frozen
class _Pairs:
    """Tells whether two records are the same, and keeps those that were met under two names."""

    same: SamePair
    old: Mapping[str, RecordMeaning]
    new: Mapping[str, RecordMeaning]
    met: dict[str, str] = attrs.field(factory=dict)

    def __call__(self, was: str, now: str) -> bool:
        found = self.same(was, now)
        if found and was != now:
            self.met[was] = now
        return found

    def look_inside(self) -> None:
        """Note the records that those that were met are made of."""
        pending = list(self.met.items())
        while pending:
            was, now = pending.pop()
            before = set(self.met)
            for name, part in self.old[was].fields.items():
                if name in self.new[now].fields:
                    relation(part.type, self.new[now].fields[name].type, self)
            pending += [(name, self.met[name]) for name in self.met.keys() - before]

    def lost(self, was: Type, now: Type) -> tuple[str, ...] | None:
        """Return the fields that a record lacks which takes the place of another one; None if none does."""
        if was.item and now.item and was.container == now.container:
            return self.lost(was.item, now.item)
        if not was.record or not now.record:
            return None
        return lost_fields(self.old[was.record], self.new[now.record], self.same)


# -- operations ----------------------------------------------------------------------------------------------------


def _operations(
    old: Mapping[str, CallMeaning], new: Mapping[str, CallMeaning], same: _Pairs
) -> Iterator[Change]:
    renamed = _renamed(old, new)
    pairs = {**{where: where for where in old.keys() & new.keys()}, **renamed}
    for where in sorted(old.keys() - pairs.keys()):
        yield _of(old[where], "operation removed", breaking=True)
    for where in sorted(new.keys() - set(pairs.values())):
        yield _of(new[where], "operation added")
    for was, now in sorted(pairs.items()):
        yield from _one_operation(old[was], new[now], same)


def _of(call: CallMeaning, kind: str, part: Part | None = None, **more: Any) -> Change:
    found = Change(call.where, kind, python=call.python, resources=frozenset({call.resource}))
    return attrs.evolve(_about(found, part), **more)


def _about(found: Change, part: Part | None) -> Change:
    return found if part is None else attrs.evolve(found, name=part.name, also=part.python_name)


def _one_operation(old: CallMeaning, new: CallMeaning, same: _Pairs) -> Iterator[Change]:
    says_less = bool(old.status) and not new.status  # a document that is silent about its responses
    if old.python != new.python and not (says_less and old.kind == "list"):
        change = _of(new, "operation renamed", was=old.python, now=new.python, breaking=True)
        yield attrs.evolve(change, python=old.python)
    yield from _compare_parameters(old, new, same)
    yield from _compare_bodies(old, new, same)
    if not says_less:
        yield from _response(old, new, same)


def _compare_parameters(old: CallMeaning, new: CallMeaning, same: _Pairs) -> Iterator[Change]:
    renamed = _renamed(old.parts, new.parts)
    for was, now in renamed.items():
        yield _of(new, "parameter renamed", old.parts[was], was=was, now=now, breaking=True)
    for name in sorted(old.parts.keys() - new.parts.keys() - renamed.keys()):
        part = old.parts[name]
        yield _of(new, "parameter removed", part, was=_format_type(part.type), breaking=True)
    for name in sorted(new.parts.keys() - old.parts.keys() - set(renamed.values())):
        part = new.parts[name]
        yield _of(new, "parameter added", part, now=_format_type(part.type), breaking=part.required)
    for was, now in {**{n: n for n in old.parts.keys() & new.parts.keys()}, **renamed}.items():
        yield from _one_part(_of(new, "parameter", new.parts[now]), old.parts[was], new.parts[now], same)


def _compare_bodies(old: CallMeaning, new: CallMeaning, same: _Pairs) -> Iterator[Change]:
    if old.body is None or new.body is None:
        if old.body is not new.body:
            was, now = _body_text(old), _body_text(new)
            yield _of(new, "body retyped", was=was, now=now, breaking=True)
        return
    found = relation(old.body, new.body, same)
    if found is not Relation.SAME or old.sent_as != new.sent_as:
        breaking = found in (*UNSENT, Relation.STATED) or old.sent_as != new.sent_as
        yield _of(new, "body retyped", was=_body_text(old), now=_body_text(new), breaking=breaking)


def _body_text(call: CallMeaning) -> str:
    return "none" if call.body is None else " as ".join(filter(None, [_format_type(call.body), call.sent_as]))


def _response(old: CallMeaning, new: CallMeaning, same: _Pairs) -> Iterator[Change]:
    found = relation(old.result, new.result, same)
    if found is not Relation.SAME:
        lost = same.lost(old.result, new.result)
        breaking = found in UNREAD if lost is None else bool(lost)
        was, now = _result_text(old), _result_text(new)
        yield _of(new, "response retyped", was=was, now=now, breaking=breaking, lost=lost or ())
    shapes = ("array", "envelope")
    known = old.sure and old.shape in shapes and new.shape in shapes
    if known and (old.shape, old.key) != (new.shape, new.key):
        yield _of(new, "response key", was=_shape(old), now=_shape(new), breaking=True)
    if old.status and new.status and old.status != new.status:
        yield _of(new, "response status", was=old.status, now=new.status)


def _shape(call: CallMeaning) -> str:
    return f"rows under {call.key!r}" if call.shape == "envelope" else "a bare array"


def _result_text(call: CallMeaning) -> str:
    return f"list of {_format_type(call.result)}" if call.kind == "list" else _format_type(call.result)


# -- records -------------------------------------------------------------------------------------------------------


def _compare_records(old: Meaning, new: Meaning, same: _Pairs) -> Iterator[Change]:
    pairs = {**{schema: schema for schema in old.records.keys() & new.records.keys()}}
    pairs |= _renamed(old.records, new.records)
    for was, now in pairs.items():
        if old.records[was].python != new.records[now].python:
            same.met[old.records[was].python] = new.records[now].python
    for schema, now in sorted(pairs.items()):
        yield from _one_record(old.records[schema], new.records[now], same)
    gone = {r.schema: r for r in old.records.values() if r.schema not in pairs}
    came = {r.schema: r for r in new.records.values() if r.schema not in set(pairs.values())}
    same.look_inside()
    known = same.met.keys() | set(same.met.values())
    for record in gone.values():
        if record.python not in known:
            yield _in(record, "record removed", breaking=True)
    for record in came.values():
        if record.python not in known:
            yield _in(record, "record added")


def _in(record: RecordMeaning, kind: str, part: Part | None = None, **more: Any) -> Change:
    found = Change(record.schema, kind, python=record.python, resources=record.resources)
    return attrs.evolve(_about(found, part), **more)


def _one_record(old: RecordMeaning, new: RecordMeaning, same: _Pairs) -> Iterator[Change]:
    renamed = _renamed(old.fields, new.fields)
    for was, now in renamed.items():
        yield _in(new, "field renamed", old.fields[was], was=was, now=now, breaking=True)
    for name in sorted(old.fields.keys() - new.fields.keys() - renamed.keys()):
        part = old.fields[name]
        yield _in(new, "field removed", part, was=_part_text(part), breaking=True)
    for name in sorted(new.fields.keys() - old.fields.keys() - set(renamed.values())):
        part = new.fields[name]
        yield _in(new, "field added", part, now=_part_text(part), breaking=part.required and new.sent)
    for was, now in {**{n: n for n in old.fields.keys() & new.fields.keys()}, **renamed}.items():
        whole = attrs.evolve(new, sent=old.sent and new.sent, read=old.read or not old.sent)
        yield from _one_part(
            _in(new, "field", new.fields[now]), old.fields[was], new.fields[now], same, whole
        )


def _one_part(
    place: Change, old: Part, new: Part, same: _Pairs, record: RecordMeaning | None = None
) -> Iterator[Change]:
    """Yield what became of a parameter, or of a field of ``record``."""
    sent, read = (True, False) if record is None else (record.sent, record.read)
    found = relation(old.type, new.type, same)
    known = record is not None and None not in (old.nullable, new.nullable)
    less = known and new.nullable and not old.nullable
    if found is not Relation.SAME or (known and old.nullable != new.nullable):
        lost = same.lost(old.type, new.type)
        misread = found in UNREAD if lost is None else bool(lost)
        bad = (sent and found in UNSENT) or (read and (misread or less))
        bad = bad or (found is Relation.STATED and record is None)
        kind, (was, now) = f"{place.kind} retyped", (_part_text(old), _part_text(new))
        yield attrs.evolve(place, kind=kind, was=was, now=now, breaking=bad, lost=lost or ())
    if old.required != new.required and (sent or record is None):
        was, now = _need(old), _need(new)
        yield attrs.evolve(
            place, kind=f"{place.kind} required", was=was, now=now, breaking=new.required and sent
        )
    if old.values != new.values and new.values:
        gone, came = set(old.values) - set(new.values), set(new.values) - set(old.values)
        bad = sent and (bool(gone) or not old.values)
        kind, was, now = f"{place.kind} values", _format_values(gone), _format_values(came)
        yield attrs.evolve(place, kind=kind, was=was, now=now, breaking=bad)


def _need(part: Part) -> str:
    return "required" if part.required else "optional"


# -- text ----------------------------------------------------------------------------------------------------------


def _format_values(values: set[str]) -> str:
    return ", ".join(sorted(values, key=lambda value: (not value.isdecimal(), len(value), value)))


def _part_text(part: Part) -> str:
    text = _format_type(part.type)
    return f"{text} | None" if part.nullable else text


def _format_type(found: Type) -> str:
    """Return a type in short: ``list[Ticket]``, ``dict[str, int]``."""
    if found.item is None:
        return found.annotation()
    inner = _format_type(found.item)
    return f"list[{inner}]" if found.container == "list" else f"dict[str, {inner}]"


def _renamed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, str]:
    """Return names whose case has changed: the old name with the new one."""
    gone = {name.lower(): name for name in old.keys() - new.keys()}
    came = {name.lower(): name for name in new.keys() - old.keys()}
    return {gone[key]: came[key] for key in sorted(gone.keys() & came.keys())}
