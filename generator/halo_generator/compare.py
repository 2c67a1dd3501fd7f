"""Comparison of two documents by their sources: files, instances, or folders of generated packages."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from halo_generator import diff, overlay, pipeline, release_history
from halo_generator import usage as usage_search
from halo_generator.diff_change import Change
from halo_generator.diff_groups import DiffReport, Usage, has_ended, is_used
from halo_generator.diff_meaning import meaning_of
from halo_generator.diff_text import FORMATS, render, summary
from halo_generator.errors import GeneratorError
from halo_generator.traversal import Json
from halo_generator.usage_names import Known

__all__ = [
    "FORMATS",
    "Change",
    "DiffReport",
    "GeneratorError",
    "Usage",
    "changes",
    "render",
    "report",
    "summary",
]


def changes(old: str, new: str, overlay_file: Path | None = None) -> list[Change]:
    """Return the changes from ``old`` to ``new``: files, instances, or folders of generated packages.

    :raises GeneratorError: one of them cannot be used.
    """
    return list(report(old, new, overlay_file).changes)


def report(
    old: str,
    new: str,
    overlay_file: Path | None = None,
    *,
    known: str | None = None,
    used_by: Sequence[Path] = (),
) -> DiffReport:
    """Return the changes with all that is shown of them.

    ``known``: the file of a canonical document of several releases, which says since when there is what; ``used_by``:
    folders of code, in which to find the places that use what changed.

    :raises GeneratorError: a document cannot be used.
    """
    facts = overlay.merged(overlay_file)
    before, after = (pipeline.read(_document(source), facts=facts) for source in (old, new))
    was = meaning_of(before)
    found = diff.compare_meanings(was, meaning_of(after), _load_known(known))
    changes, usage = found.changes, None
    if used_by:
        uses, usage = usage_search.uses_in(used_by, Known(was))
        changes = sorted(
            usage_search.placed([*changes, *usage_search.renamed_and_used(found, uses)], was, uses)
        )
    several = len(before.document.get(release_history.KEY, ())) > 1
    ended = [change for change in changes if several and has_ended(change) and not is_used(change)]
    gone = set(map(id, ended))
    return DiffReport([change for change in changes if id(change) not in gone], found.renamed, usage, ended)


def _load_known(known: str | None) -> Json | None:
    if known is None:
        return None
    told: Json = json.loads(Path(known).read_text("utf-8"))
    return told


def _document(source: str) -> str:
    packaged = Path(source) / "spec" / pipeline.DOCUMENT_NAME
    try:
        return str(packaged) if packaged.is_file() else source
    except (OSError, ValueError):
        return source
