"""Decision whether a returned record can be that of a row at all.

An instance fills in defaults, derives values and applies its own rules, so a few values that differ prove nothing. A
record contradicts a row if the text by which a person knows it is another one, or if too many other values differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from halo_async._utils.secret import is_secret
from halo_async.writing.similarity import OTHER, SAME, Path, Plain, grade, is_part_of

Leaves = Mapping[Path, Plain]
_TITLES = frozenset(
    {
        "description",
        "details",
        "emailaddress",
        "firstname",
        "inventory_number",
        "name",
        "note",
        "subject",
        "summary",
        "surname",
        "title",
        "username",
    }
)
"""Fields by which a person knows a record."""
_ASSIGNED = (
    "status",
    "team",
    "agent",
    "priority",
    "sla",
    "workflow",
    "stage",
    "category",
    "impact",
    "urgency",
)
"""Fields that rules and workflows of an instance set when a record is created, whatever was sent."""
_STAMPS = ("last", "datecreated", "dateclosed", "deadline", "respondby", "fixby")
_AGREEING = 3
"""Values that have to agree for each that differs."""
_SLACK = 26 * 3600
"""Maximum seconds between two readings of a date without a zone."""
_REPLACED = frozenset("?\ufffd")
"""Characters that stand for those that a database cannot hold."""
_NOTHING = frozenset({("number", 0), ("number", -1)})


def is_assigned(path: Path) -> bool:
    """Return whether an instance may set this field by its own rules."""
    return path[0].startswith(_ASSIGNED)


def count_agreeing(sent: Leaves, came: Leaves, paths: Iterable[Path]) -> tuple[int, int] | None:
    """Return how many of the values that both have agree and differ; None if a title is another one."""
    agreeing = differing = 0
    for path in paths:
        if path not in sent or path not in came:
            continue
        verdict = _compare(path, sent[path], came[path])
        if verdict is None:
            return None
        agreeing += verdict > 0
        differing += verdict < 0
    return agreeing, differing


def is_possible(agreeing: int, differing: int) -> bool:
    """Return whether a record with so many values that agree and differ can be that of the row."""
    return not differing or agreeing >= _AGREEING * differing


class TitleIndex:
    """The titles of records, to leave out quickly those that no row can have."""

    def __init__(self, records: Mapping[int, Leaves]) -> None:
        self._records = records
        self._letters: dict[Path, dict[int, str]] = {}

    def candidates(self, sent: Leaves) -> Iterable[int]:
        """Return the places of records with no other title than a row; some of them may still contradict it."""
        places: Iterable[int] = self._records
        for path, plain in sent.items():
            if path[0] in _TITLES and len(path) == 1 and plain.canonical[0] == "text":
                ours, known = plain.letters, self._read_titles(path)
                places = [p for p in places if p not in known or ours in known[p] or known[p] in ours]
        return places

    def _read_titles(self, path: Path) -> dict[int, str]:
        """Return the letters of each record's title, unless characters of it were replaced."""
        if path not in self._letters:
            shown = {place: record[path] for place, record in self._records.items() if path in record}
            self._letters[path] = {
                place: plain.letters
                for place, plain in shown.items()
                if plain.canonical[0] == "text" and not _REPLACED.intersection(str(plain.value))
            }
        return self._letters[path]


def _compare(path: Path, sent: Plain, came: Plain) -> int | None:
    """Return 1 if two values agree, -1 if they differ, 0 if that says nothing; None for two different titles."""
    likeness = grade(sent, came)
    if sent.canonical == ("text", ""):
        return 0  # blanks, which an instance leaves out
    if likeness != OTHER:
        return 1 if likeness >= SAME else 0
    if path[-1] in _TITLES and len(path) == 1:
        return 0 if _is_same_text(sent, came) else None
    return 0 if any(harmless(path, sent, came) for harmless in _HARMLESS) else -1


def _is_same_text(sent: Plain, came: Plain) -> bool:
    """Return whether one contains the letters of the other, or characters were replaced."""
    ours, theirs = sent.letters, came.letters
    if ours == theirs or is_part_of(*((ours, theirs) if len(ours) < len(theirs) else (theirs, ours))):
        return True
    plain = str(sent.value).strip(), str(came.value).strip()
    return len(plain[0]) == len(plain[1]) and all(
        b == a or b in _REPLACED for a, b in zip(*plain, strict=True)
    )


def _is_set_by_instance(path: Path, sent: Plain, came: Plain) -> bool:
    return is_assigned(path) or path[0].startswith(_STAMPS) or is_secret(path[-1])


def _says_nothing(path: Path, sent: Plain, came: Plain) -> bool:
    """Return whether a default may have replaced what was sent."""
    return sent.canonical in _NOTHING or sent.is_never


def _is_of_another_kind(path: Path, sent: Plain, came: Plain) -> bool:
    """Return whether the values cannot be compared, such as the name and the number of a choice."""
    return sent.canonical[0] != came.canonical[0]


def _is_near_moment(path: Path, sent: Plain, came: Plain) -> bool:
    if sent.canonical[0] != "moment" or came.canonical[0] != "moment":
        return False
    seconds: float = (sent.canonical[1] - came.canonical[1]).total_seconds()
    return abs(seconds) <= _SLACK


def _is_in_list(path: Path, sent: Plain, came: Plain) -> bool:
    """Return whether only its place in a list, which may come in another order, relates the two values."""
    return any(part.isdecimal() for part in path[1:])


_HARMLESS: tuple[Callable[[Path, Plain, Plain], bool], ...] = (
    _is_set_by_instance,
    _says_nothing,
    _is_of_another_kind,
    _is_near_moment,
    _is_in_list,
)
