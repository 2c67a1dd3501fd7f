"""The relation of two types: whether what was sent is still accepted, and what is received still fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from halo_generator.diff_meaning import RecordMeaning
from halo_generator.types import ANY, Type

SamePair = Callable[[str, str], bool]
"""Tells if a record of the old document and one of the new are the same under two names."""
_CONVERTED = ("DateTime", "bytes")


class Relation(Enum):
    """A type of the new document, seen from the old one."""

    SAME = "same"
    WIDER = "wider"
    """The new type has all values of the old one, and more."""
    NARROWER = "narrower"
    STATED = "stated"
    """The old document did not say; the values are the same."""
    UNSTATED = "unstated"
    """The new document does not say; the values are no longer converted."""
    OTHER = "other"


def relation(old: Type, new: Type, same: SamePair) -> Relation:
    """Return what became of a type.

    A document that no longer says what the values are gives the same values: they were plain JSON before, too.
    """
    if old == new:
        return Relation.SAME
    if old.record and new.record:
        return Relation.SAME if same(old.record, new.record) else Relation.OTHER
    if new == ANY:
        return Relation.SAME if _is_plain(old) and not old.records() else Relation.UNSTATED
    if old == ANY:
        return Relation.STATED if _is_plain(new) else Relation.OTHER
    if old.item and new.item and old.container == new.container:
        return relation(old.item, new.item, same)
    return _SCALARS.get((old.text, new.text), Relation.OTHER)


_SCALARS = {
    ("int", "float"): Relation.WIDER,
    ("float", "int"): Relation.NARROWER,
    **{("str", f"Many[{kind}]"): Relation.WIDER for kind in ("int", "str")},
    **{(f"Many[{kind}]", "str"): Relation.NARROWER for kind in ("int", "str")},
    ("Many[int]", "Many[str]"): Relation.SAME,
    ("Many[str]", "Many[int]"): Relation.SAME,
    **{("int", f"Many[{kind}]"): Relation.WIDER for kind in ("int", "str")},
    **{("str", word): Relation.WIDER for word in ("Moment", "RangeStart", "RangeEnd")},
}


def _is_plain(found: Type) -> bool:
    """Return whether values of a type are the JSON that was received, as records are."""
    return _is_plain(found.item) if found.item is not None else found.text not in _CONVERTED


def same_records(old: Mapping[str, RecordMeaning], new: Mapping[str, RecordMeaning]) -> SamePair:
    """Return what tells whether a record has only another name in the new document; both by class name.

    Two are the same if neither name is in the other document, and they have the same fields of the same types.
    """
    known: dict[tuple[str, str], bool] = {}

    def same(was: str, now: str) -> bool:
        if was == now:
            return True
        if was in new or now in old or was not in old or now not in new:
            return False
        pair = (was, now)
        if pair not in known:
            known[pair] = True  # until a field proves otherwise: records may hold each other
            known[pair] = _alike(old[was], new[now], same)
        return known[pair]

    return same


def lost_fields(old: RecordMeaning, new: RecordMeaning, same: SamePair) -> tuple[str, ...]:
    """Return the fields of a record that another one lacks or has with another type, under their names in code."""
    lost = [
        part.python_name
        for name, part in old.fields.items()
        if name not in new.fields or relation(part.type, new.fields[name].type, same) in UNREAD
    ]
    return tuple(sorted(lost, key=lambda name: (name.startswith("_"), name)))  # what is read most first


UNREAD = (Relation.WIDER, Relation.OTHER, Relation.UNSTATED)
"""Relations with which code that reads values of the old type may fail."""
UNSENT = (Relation.NARROWER, Relation.OTHER)
"""Relations with which code that sends values of the old type may fail."""


def _alike(old: RecordMeaning, new: RecordMeaning, same: SamePair) -> bool:
    if old.fields.keys() != new.fields.keys():
        return False
    return all(
        _fits_both(old.fields[name].type, new.fields[name].type, same)
        and _agree(old.fields[name].nullable, new.fields[name].nullable)
        and old.fields[name].values == new.fields[name].values
        for name in old.fields
    )


def _agree(old: bool | None, new: bool | None) -> bool:
    return old is None or new is None or old == new


def _fits_both(old: Type, new: Type, same: SamePair) -> bool:
    return relation(old, new, same) is Relation.SAME and relation(new, old, _backwards(same)) is Relation.SAME


def _backwards(same: SamePair) -> SamePair:
    return lambda now, was: same(was, now)
