"""Changes as text, Markdown or JSON, and in a changelog."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import attrs

from halo_generator.diff import Change
from halo_generator.errors import OutputError

MOST = 50
"""Number of compatible changes that a changelog lists one by one."""
FORMATS = ("text", "markdown", "json")
_UNRELEASED = "## [Unreleased]"
_HEADING = "### API document"


def render(changes: Sequence[Change], form: str) -> str:
    """Return the changes in one of `FORMATS`."""
    return {"text": text, "markdown": markdown, "json": as_json}[form](changes)


def text(changes: Sequence[Change]) -> str:
    """Return one line per change, the breaking ones first, and a line with their number."""
    ordered = sorted(changes, key=lambda change: (not change.breaking, change))
    lines = [f"{'breaking' if change.breaking else 'compatible':<10}  {change.line()}" for change in ordered]
    return "\n".join([*lines, summary(changes)]) + "\n"


def markdown(changes: Sequence[Change]) -> str:
    """Return a list of the breaking changes and a list of the compatible ones."""
    parts = [f"**{summary(changes)}**"]
    for title, breaking in (("Breaking", True), ("Compatible", False)):
        rows = [f"- {_code(change)}" for change in changes if change.breaking is breaking]
        parts += [f"#### {title}\n\n" + "\n".join(rows)] if rows else []
    return "\n\n".join(parts) + "\n"


def digest(changes: Sequence[Change]) -> str:
    """Return what a changelog has room for: the breaking changes in full, of many compatible ones the numbers."""
    compatible = [change for change in changes if not change.breaking]
    if len(compatible) <= MOST:
        return markdown(changes)
    counts = Counter(change.kind for change in compatible)
    numbers = "\n".join(f"- {kind}: {count:,}" for kind, count in sorted(counts.items()))
    breaking = markdown([change for change in changes if change.breaking]).partition("\n\n")[2]
    return f"**{summary(changes)}**\n\n{breaking}\n#### Compatible\n\n{numbers}\n"


def as_json(changes: Sequence[Change]) -> str:
    """Return the changes as JSON.

    ``{"breaking": n, "compatible": n, "changes": [{kind, where, name, was, now, breaking}, …]}``
    """
    breaking = sum(change.breaking for change in changes)
    rows = [attrs.asdict(change) for change in changes]
    return (
        json.dumps({"breaking": breaking, "compatible": len(changes) - breaking, "changes": rows}, indent=2)
        + "\n"
    )


def summary(changes: Sequence[Change]) -> str:
    """Return the number of changes in words."""
    breaking = sum(change.breaking for change in changes)
    if not changes:
        return "no changes"
    return f"{len(changes):,} changes: {breaking:,} breaking, {len(changes) - breaking:,} compatible"


def into_changelog(changelog: str, changes: Sequence[Change]) -> str:
    """Insert the changes into a changelog's unreleased part. :raises OutputError: it has no such part."""
    if _UNRELEASED not in changelog:
        raise OutputError(f"The changelog has no {_UNRELEASED!r} to write the changes under.")
    before, _, after = changelog.partition(_UNRELEASED)
    own, mark, rest = after.partition("\n## [")
    own = own.split(f"\n{_HEADING}")[0].rstrip()
    return f"{before}{_UNRELEASED}{own}\n\n{_HEADING}\n\n{digest(changes)}{mark}{rest}"


def _code(change: Change) -> str:
    place = f"{change.where} {change.name}".strip()
    types = " → ".join(f"`{value}`" for value in (change.was, change.now) if value)
    return f"{change.kind}: `{place}`" + (f" ({types})" if types else "")
