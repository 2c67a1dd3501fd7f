"""Comparison of two documents by their sources: files, instances, or folders of generated packages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from halo_generator import diff, diff_text, overlay, pipeline
from halo_generator.diff import Change
from halo_generator.diff_text import FORMATS, render, summary
from halo_generator.errors import GeneratorError

__all__ = ["FORMATS", "Change", "GeneratorError", "changes", "render", "report_lines", "summary"]


def changes(old: str, new: str, overlay_file: Path | None = None) -> list[Change]:
    """Return the changes from ``old`` to ``new``: files, instances, or folders of generated packages.

    :raises GeneratorError: one of them cannot be used.
    """
    facts = overlay.merged(overlay_file)
    was, now = (pipeline.read(_document(source), facts=facts) for source in (old, new))
    return diff.compare(was, now)


def report_lines(found: Sequence[Change], most: int) -> list[str]:
    """Return the first lines of the report, the number of further ones, and the summary at the end."""
    lines = diff_text.text(found).splitlines()
    more = [f"… {len(lines) - 1 - most:,} more"] if len(lines) - 1 > most else []
    return [*lines[:-1][:most], *more, lines[-1]]


def _document(source: str) -> str:
    packaged = Path(source) / "spec" / pipeline.DOCUMENT_NAME
    try:
        return str(packaged) if packaged.is_file() else source
    except (OSError, ValueError):
        return source
