"""Comparison of two documents by their sources: files, instances, or folders of generated packages."""

from __future__ import annotations

import json
from pathlib import Path

from halo_generator import diff, overlay, pipeline, release_history
from halo_generator.diff_change import Change
from halo_generator.diff_groups import Report, Usage, has_ended
from halo_generator.diff_meaning import meaning_of
from halo_generator.diff_text import FORMATS, render, summary
from halo_generator.errors import GeneratorError
from halo_generator.traversal import Json

__all__ = ["FORMATS", "Change", "GeneratorError", "Report", "Usage", "changes", "render", "report", "summary"]


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
) -> Report:
    """Return the changes with all that is shown of them.

    ``known``: the file of a canonical document of several releases, which says since when there is what.

    :raises GeneratorError: a document cannot be used.
    """
    facts = overlay.merged(overlay_file)
    before, after = (pipeline.read(_document(source), facts=facts) for source in (old, new))
    found = diff.compare_meanings(meaning_of(before), meaning_of(after), _load(known))
    several = len(before.document.get(release_history.KEY, ())) > 1
    ended = [change for change in found.changes if several and has_ended(change)]
    left = [change for change in found.changes if not (several and has_ended(change))]
    return Report(left, found.renamed, ended=ended)


def _load(known: str | None) -> Json | None:
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
