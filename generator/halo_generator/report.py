"""What a run repaired and could not use: counted by rule, with the place of each."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import attrs


def pointer(*parts: str | int) -> str:
    """A JSON pointer (RFC 6901) from its unescaped parts."""
    return "#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


@attrs.define
class Report:
    """Places by rule, in the order the rules ran.

    ``repaired``: defects that a rule mended. ``degraded``: places that could not be used, and what became of them.
    ``unused``: facts of the overlay about what this document does not have.
    """

    repaired: dict[str, list[str]] = attrs.field(factory=lambda: defaultdict(list))
    degraded: dict[str, str] = attrs.field(factory=dict)
    counts: dict[str, int] = attrs.field(factory=dict)
    unused: list[str] = attrs.field(factory=list)

    def note(self, rule: str, place: str) -> None:
        """Count one repair by ``rule`` at the JSON pointer ``place``."""
        self.repaired[rule].append(place)

    def as_json(self) -> dict[str, Any]:
        """The whole report as plain JSON values."""
        rules = {rule: {"count": len(places), "places": places} for rule, places in self.repaired.items()}
        told = {"counts": self.counts, "repaired": rules, "degraded": self.degraded}
        return told | ({"unused": self.unused} if self.unused else {})

    def lines(self) -> list[str]:
        """The report as a person reads it."""
        repairs = ", ".join(f"{len(places):,} {rule}" for rule, places in self.repaired.items())
        found = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        lines = [f"repaired: {repairs or 'nothing'}", f"emitted: {found}"]
        if self.degraded:
            lines.append(f"not understood: {len(self.degraded):,} places, typed as Any or left out")
            lines += [f"  {place}: {why}" for place, why in list(self.degraded.items())[:10]]
        return lines + [f"not used: {fact}" for fact in self.unused]
