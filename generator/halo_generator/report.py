"""Repairs of a run and parts it could not use: counted by rule, with the place of each."""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Any

import attrs

MOST_PLACES = 10
"""Maximum number of places listed individually."""


def pointer(*parts: str | int) -> str:
    """Return a JSON pointer (RFC 6901) from its unescaped parts, as a printable string."""
    found = "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
    return printable(found)


def printable(found: str) -> str:
    """Return a text of a document without what a terminal would act on."""
    return found if found.isprintable() else "".join(map(_printable, found))


def _printable(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


@attrs.define
class CanonicalReport:
    """Places by rule, in the order in which the rules ran.

    ``repaired``: defects that a rule repaired. ``degraded``: places that could not be used, and what they
    became. ``unused``: facts of the overlay about things this document does not have. ``left_out``:
    parameters that are not arguments, by (their location, their name). ``notes``: other remarks for the
    reader.
    """

    repaired: dict[str, list[str]] = attrs.field(factory=lambda: defaultdict(list))
    degraded: dict[str, str] = attrs.field(factory=dict)
    counts: dict[str, int] = attrs.field(factory=dict)
    unused: list[str] = attrs.field(factory=list)
    left_out: dict[tuple[str, str], list[str]] = attrs.field(factory=lambda: defaultdict(list))
    notes: list[str] = attrs.field(factory=list)
    at: str = "#"
    """The place that is looked at, for a fault that nobody foresaw."""

    def note(self, rule: str, place: str) -> None:
        """Count one repair by ``rule`` at the JSON pointer ``place``."""
        self.repaired[rule].append(place)

    def leave_out(self, location: str, name: str, place: str) -> None:
        """Count a parameter of the operation at ``place`` that is not an argument: a header, a cookie."""
        self.left_out[location, name].append(place)

    def as_json(self) -> dict[str, Any]:
        """Return the whole report as plain JSON values."""
        rules = {rule: {"count": len(places), "places": places} for rule, places in self.repaired.items()}
        told = {"counts": self.counts, "repaired": rules, "degraded": self.degraded}
        left_out = [
            {"in": location, "name": name, "count": len(places), "places": places[:MOST_PLACES]}
            for (location, name), places in sorted(self.left_out.items())
        ]
        more = {"unused": self.unused, "left_out": left_out, "notes": self.notes}
        return told | {key: value for key, value in more.items() if value}

    def lines(self) -> list[str]:
        """Return the report as text."""
        repairs = ", ".join(f"{len(places):,} {rule}" for rule, places in self.repaired.items())
        found = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        lines = [f"repaired: {repairs or 'nothing'}", f"emitted: {found}"]
        if self.degraded:
            lines.append(f"not understood: {len(self.degraded):,} places, typed as Any or left out")
            lines += [f"  {place}: {why}" for place, why in islice(self.degraded.items(), MOST_PLACES)]
        if self.left_out:
            lines.append(self._left_out_line())
        return lines + self.notes + [f"not used: {fact}" for fact in self.unused]

    def _left_out_line(self) -> str:
        most = sorted(self.left_out, key=lambda key: (-len(self.left_out[key]), key))
        named = [f"{where} {name!a} {len(self.left_out[where, name]):,} times" for where, name in most[:5]]
        more = [f"and {len(most) - 5:,} more names"] if len(most) > 5 else []
        count = sum(map(len, self.left_out.values()))
        listed = ", ".join([*named, *more])
        return f"left out: {count:,} parameters that with_options(headers=...) gives: {listed}"
