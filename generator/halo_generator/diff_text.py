"""Changes as text, Markdown or JSON, and in a changelog."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from halo_generator.diff_change import Change
from halo_generator.diff_groups import DiffReport, counted, is_used
from halo_generator.diff_lines import lines_of, numbers, place, places
from halo_generator.errors import OutputError

MOST = 50
"""Number of compatible changes that a changelog lists one by one."""
LINES = 15
"""Lines of a group, unless everything is wanted."""
MARKDOWN_LINES = 40
"""The same in Markdown; a pull request takes 65,536 characters."""
FORMATS = ("text", "markdown", "json")
WIDTH = 100
_UNRELEASED = "## [Unreleased]"
_HEADING = "### API document"
_COUNTED = ("elsewhere",)
"""Groups of which only the numbers are shown, unless everything is wanted."""


def render(report: DiffReport, form: str, *, everything: bool = False, width: int = WIDTH) -> str:
    """Return the report in one of `FORMATS`; ``everything``: each change on a line of its own."""
    if form == "json":
        return as_json(report)
    if form == "markdown":
        return markdown(report, everything=everything)
    return text(report, everything=everything, width=width)


def summary(changes: Sequence[Change]) -> str:
    """Return the number of changes in words."""
    return DiffReport(changes).summary()


# -- text ----------------------------------------------------------------------------------------------------------


def text(report: DiffReport, *, everything: bool = False, width: int = WIDTH) -> str:
    """Return the numbers, then the groups, wrapped to ``width`` columns."""
    parts = [report.summary()]
    untouched: list[Change] = []
    for name, members in report.grouped().items():
        shown, rest = _choose_shown(report, name, members, everything)
        untouched += rest
        if shown:
            heading = f"\n{report.title(name)} ({len(shown):,})"
            parts += [heading, *_format_group(name, shown, everything, width)]
    endings = list(_endings(report, untouched, everything))
    parts += ["", *endings] if endings else []
    wrapped = (_wrap(line, width) for line in "\n".join(parts).splitlines())
    return "\n".join(wrapped) + "\n"


def _wrap(line: str, width: int) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return (
        textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        or line
    )


def _choose_shown(
    report: DiffReport, name: str, members: list[Change], everything: bool
) -> tuple[list[Change], list[Change]]:
    """Return the changes of a group to show, and those that touch nothing of the user's code."""
    if everything or report.usage is None or name in ("new", *_COUNTED):
        return members, []
    return [change for change in members if change.uses], [change for change in members if not change.uses]


def _format_group(name: str, members: Sequence[Change], everything: bool, width: int) -> Iterator[str]:
    if name in _COUNTED and not everything:
        yield f"  {numbers(members)}; --all lists them"
        return
    lines = lines_of(members, everything=everything)
    most = len(lines) if everything else max(LINES, sum(bool(line.uses) for line in lines))
    for line in lines[:most]:
        yield f"  {line.plain()}"
        if line.uses:
            yield f"      {places(line.uses)}"
    if len(lines) > most:
        yield f"  … {counted(len(lines) - most, 'more line')}; --all lists everything"


def _endings(report: DiffReport, untouched: Sequence[Change], everything: bool) -> Iterator[str]:
    if untouched:
        verb = "touches" if len(untouched) == 1 else "touch"
        told = f"{counted(len(untouched), 'other change')} {verb} nothing of yours"
        yield f"{told}: {numbers(untouched)}; --all lists them"
    if report.ended:
        yield f"not counted: what only earlier releases have ({numbers(report.ended)})"
    for was, now in report.renamed.items():
        yield f"models.{was} is called models.{now}, and is the same"
    if report.usage is not None:
        yield f"{counted(report.usage.files, 'file')} read"
        yield from (f"not read: {problem}" for problem in report.usage.unread)


# -- Markdown ------------------------------------------------------------------------------------------------------


def markdown(report: DiffReport, *, everything: bool = False) -> str:
    """Return the same for the text of a pull request."""
    parts = [f"**{report.summary()}**"]
    untouched: list[Change] = []
    for name, members in report.grouped().items():
        shown, rest = _choose_shown(report, name, members, everything)
        untouched += rest
        if shown:
            rows = "\n".join(_format_rows(name, shown, everything))
            parts.append(f"### {report.title(name)} ({len(shown):,})\n\n{rows}")
    endings = list(_endings(report, untouched, everything))
    parts += ["\n".join(f"- {line}" for line in endings)] if endings else []
    return "\n\n".join(parts) + "\n"


def _format_rows(name: str, members: Sequence[Change], everything: bool) -> Iterator[str]:
    if name in _COUNTED and not everything:
        yield f"- {numbers(members)}"
        return
    lines = lines_of(members, everything=everything)
    most = len(lines) if everything else MARKDOWN_LINES
    for line in lines[:most]:
        yield f"- {_code(line.about)}: {_escaped(line.text)}"
        if line.uses:
            yield f"  - {places(line.uses)}"
    if len(lines) > most:
        yield f"- … {counted(len(lines) - most, 'more line')}"


def _code(found: str) -> str:
    return f"`{found.replace('`', '')}`"


def _escaped(found: str) -> str:
    """Return text of a document without what Markdown or HTML would act on."""
    return "".join(f"\\{mark}" if mark in "\\`*_[]<>#@|" else mark for mark in found)


# -- JSON ----------------------------------------------------------------------------------------------------------


def as_json(report: DiffReport) -> str:
    """Return the report as JSON: the numbers, the groups in order, and every change with its group."""
    groups = report.grouped()
    breaking = sum(change.breaking for change in report.changes)
    told = {
        "summary": report.summary(),
        "breaking": breaking,
        "compatible": len(report.changes) - breaking,
        "used": None if report.usage is None else len(report.breaking),
        "groups": [
            {
                "group": name,
                "title": report.title(name),
                "changes": len(members),
                "used": sum(map(is_used, members)),
            }
            for name, members in groups.items()
        ],
        "renamed": dict(report.renamed),
        "ended": len(report.ended),
        "files": None if report.usage is None else report.usage.files,
        "not_read": [] if report.usage is None else list(report.usage.unread),
        "changes": [_as_row(name, change) for name, members in groups.items() for change in members],
    }
    return json.dumps(told, indent=2) + "\n"


def _as_row(group: str, change: Change) -> dict[str, object]:
    return {
        "group": group,
        "kind": change.kind,
        "where": change.where,
        "name": change.name,
        "was": change.was,
        "now": change.now,
        "breaking": change.breaking,
        "python": place(change),
        "lost": list(change.lost),
        "since": change.since or None,
        "until": change.until or None,
        "uses": [attrs.asdict(use) for use in change.uses],
    }


# -- changelog -----------------------------------------------------------------------------------------------------


def digest(changes: Sequence[Change]) -> str:
    """Return what a changelog has room for: the breaking changes in full, of many compatible ones the numbers."""
    parts = [f"**{summary(changes)}**"]
    breaking = [change for change in changes if change.breaking]
    compatible = [change for change in changes if not change.breaking]
    parts += [f"#### Breaking\n\n{_format_entries(breaking)}"] if breaking else []
    if len(compatible) > MOST:
        counts = Counter(change.kind for change in compatible)
        rows = "\n".join(f"- {kind}: {count:,}" for kind, count in sorted(counts.items()))
        parts.append(f"#### Compatible\n\n{rows}")
    elif compatible:
        parts.append(f"#### Compatible\n\n{_format_entries(compatible)}")
    return "\n\n".join(parts) + "\n"


def _format_entries(changes: Sequence[Change]) -> str:
    return "\n".join(f"- {_entry(change)}" for change in changes)


def _entry(change: Change) -> str:
    types = " → ".join(_code(value) for value in (change.was, change.now) if value)
    return f"{change.kind}: {_code(f'{change.where} {change.name}'.strip())}" + (
        f" ({types})" if types else ""
    )


def into_changelog(changelog: str, changes: Sequence[Change]) -> str:
    """Insert the changes into a changelog's unreleased part. :raises OutputError: it has no such part."""
    if _UNRELEASED not in changelog:
        raise OutputError(f"The changelog has no {_UNRELEASED!r} to write the changes under.")
    before, _, after = changelog.partition(_UNRELEASED)
    own, mark, rest = after.partition("\n## [")
    own = own.split(f"\n{_HEADING}")[0].rstrip()
    return f"{before}{_UNRELEASED}{own}\n\n{_HEADING}\n\n{digest(changes)}{mark}{rest}"
