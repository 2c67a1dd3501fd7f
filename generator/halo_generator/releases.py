"""The folder of releases: the facts of the oldest as a whole, of each later one as a merge patch to the one before.

A release is added as one file and never changes another, and a reviewer reads what it brought, line by line.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import attrs

from halo_generator import arguments, merge_patch, release_facts, repair
from halo_generator.errors import OutputError, SourceError
from halo_generator.report import CanonicalReport
from halo_generator.traversal import Json

FOLDER = "releases"
_NAME = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
_DEEPEST = 4
"""Levels that get a line for each member: paths, a path, an operation, its parameters; schemas, one, its fields."""


@attrs.frozen
class Release:
    """A release by its month (``2025-03``), and the facts of its document."""

    name: str
    facts: Json

    @property
    def document(self) -> Json:
        """The facts as an OpenAPI document."""
        return release_facts.document_of(self.facts)


def check_name(name: str) -> str:
    """Return a release's name. :raises OutputError: it is not a year and a month."""
    if not _NAME.fullmatch(name):
        raise OutputError(f"{name!r} is not a release. Give its year and month, such as 2026-09.")
    return name


def taken_in(document: Json, name: str, earlier: list[Release], report: CanonicalReport) -> list[Release]:
    """Return the releases with that of a document as it was loaded, which becomes the newest or replaces the newest.

    :raises OutputError: a newer release is there already, to which its successors are differences.
    """
    check_name(name)
    before = [release for release in earlier if release.name < name]
    if any(release.name > name for release in earlier):
        raise OutputError(f"{earlier[-1].name} is newer than {name}. Take releases in from oldest to newest.")
    mended = repair.repair(document, report)
    arguments.several_values(mended, report)
    facts = release_facts.facts_of(mended)
    if before:
        facts = release_facts.refined(before[-1].facts, facts)
    return [*before, Release(name, facts)]


def read(folder: Path) -> list[Release]:
    """Return the releases of a folder, oldest to newest; none if there is no such folder.

    :raises SourceError: a file in it cannot be read.
    """
    found: list[Release] = []
    for path in sorted(folder.glob("*.json")):
        held = _load_release(path)
        facts = merge_patch.patched(found[-1].facts, held) if found else held
        found.append(Release(check_name(path.stem), facts))
    return found


def _load_release(path: Path) -> Json:
    try:
        held = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SourceError(f"{path} cannot be read: {error}.") from error
    if not isinstance(held, dict):
        raise SourceError(f"{path} is not a release's facts. Restore the file.")
    return held


def files(found: list[Release]) -> dict[str, str]:
    """Return the text of each file of the folder by its name."""
    made: dict[str, str] = {}
    before: Json | None = None
    for release in found:
        held = release.facts if before is None else merge_patch.difference(before, release.facts)
        made[f"{release.name}.json"] = _format_node(held, 0) + "\n"
        before = release.facts
    return made


def _format_node(node: Any, depth: int) -> str:
    if not isinstance(node, dict) or not node or depth > _DEEPEST:
        return json.dumps(node, ensure_ascii=False, sort_keys=True)
    flat = json.dumps(node, ensure_ascii=False, sort_keys=True)
    if depth > 1 and len(flat) + depth <= 118:
        return flat
    inner, outer = " " * (depth + 1), " " * depth
    rows = [
        f"{inner}{json.dumps(key, ensure_ascii=False)}: {_format_node(node[key], depth + 1)}"
        for key in sorted(node)
    ]
    return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
