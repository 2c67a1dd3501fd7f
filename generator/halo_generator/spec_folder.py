"""halo_async's own spec folder: the releases taken in, what is generated of their union, and the traces of a run."""

from __future__ import annotations

import filecmp
import hashlib
import json
import tempfile
from pathlib import Path

from halo_generator import (
    __version__,
    blocking,
    canonical_json,
    docs_releases,
    docs_tables,
    earlier_releases,
    emit,
    output,
    overlay,
    pipeline,
    releases,
    repair,
    source,
    union,
)
from halo_generator.errors import SourceError
from halo_generator.pipeline import DOCUMENT_NAME, Run
from halo_generator.releases import Release
from halo_generator.report import CanonicalReport
from halo_generator.surface_text import surface_lines
from halo_generator.traversal import Json

FOLDERS = ("api", "models", blocking.FOLDER)
"""Generated folders of halo_async."""


def take_in(document: str, name: str, spec: Path) -> tuple[list[Release], CanonicalReport]:
    """Return the releases of a spec folder with one more, the document at ``document``, and what was repaired in it.

    :raises GeneratorError: it cannot be used, or is older than what the folder has.
    """
    report = CanonicalReport()
    known = releases.read(spec / releases.FOLDER)
    return releases.taken_in(source.load(document), name, known, report), report


def read(spec: Path) -> list[Release]:
    """Return the releases of a spec folder. :raises SourceError: it has none."""
    found = releases.read(spec / releases.FOLDER)
    if not found:
        raise SourceError(f"{spec / releases.FOLDER} has no release. Name a document and its --release.")
    return found


def generated(found: list[Release], overlay_file: Path, *, strict: bool = False) -> Run:
    """Return the run over the union of releases, by the facts of an overlay file."""
    facts = overlay.read(overlay_file)
    joint = union.united(found)
    run = pipeline.made_of(joint.document, facts=facts, strict=strict)
    older = {release.name: pipeline.canonical_form(release.document, facts) for release in found}
    earlier_releases.note(run.document, older)
    run.report.notes += [
        f"kept although newer documents lack it: {place} ({what})" for place, what in joint.lost.items()
    ]
    return run


def write(
    run: Run, found: list[Release], out: Path, spec: Path, overlay_file: Path, repairs: Json | None = None
) -> None:
    """Write the generated folders into halo_async itself, the releases, and the review files of the run beside it.

    ``repairs``: those of the newest release, if it was just taken in.
    """
    output.replace_folders(out, _modules(run, out), FOLDERS)
    for path, content in traces(run, found, spec, overlay_file, repairs).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8", newline="\n")


def _modules(run: Run, out: Path) -> dict[str, str]:
    handwritten = emit.blocking_bases(out) if (out / "client.py").is_file() else {}
    return emit.modules(run.surface) | emit.words_file(run.words) | handwritten


def traces(
    run: Run, found: list[Release], spec: Path, overlay_file: Path, repairs: Json | None = None
) -> dict[Path, str]:
    """Return the files for the review of a regeneration, by path.

    In the spec folder: the releases, the canonical document of their union, one line per public member, the hashes
    of the input, and the repairs. In the docs folder beside it: tables of the proxies, the releases and the repairs.
    """
    mended = _repairs(spec / "repairs.json", found[-1].name, repairs)
    form = canonical_json.dumps(run.document)
    folder = releases.files(found)
    lock = {
        "generator": __version__,
        "overlay": _hash(overlay_file.read_text("utf-8")),
        "releases": {name.removesuffix(".json"): _hash(text) for name, text in folder.items()},
        "document": _hash(form),
        "counts": run.report.counts,
    }
    docs = spec.parent / "docs"
    return {
        **{spec / releases.FOLDER / name: text for name, text in folder.items()},
        spec / DOCUMENT_NAME: form,
        spec / "surface.txt": "\n".join(surface_lines(run.surface)) + "\n",
        spec / "lock.json": json.dumps(lock, indent=2) + "\n",
        spec / "repairs.json": json.dumps(mended, indent=2) + "\n",
        docs / "proxies.md": docs_tables.proxies(run.surface),
        docs / "repairs.md": docs_tables.repairs(mended),
        docs / "releases.md": docs_releases.page(run.surface, [release.name for release in found]),
    }


def _repairs(file: Path, release: str, repairs: Json | None) -> Json:
    """Return the repairs of each release by its name: those that are on record, and those of one just taken in."""
    known: Json = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return known if repairs is None else dict(sorted({**known, release: repairs}.items()))


def repairs_of(report: CanonicalReport) -> Json:
    """Return the repairs of a document that was taken in, by rule, with the first places of each."""
    mended = {rule: places for rule, places in report.repaired.items() if rule in repair.RULES}
    return {rule: {"count": len(places), "places": places[:3]} for rule, places in mended.items()}


def differences(run: Run, found: list[Release], out: Path, spec: Path, overlay_file: Path) -> list[str]:
    """Return the files that `write` would change."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        emit.write(fresh, _modules(run, out))
        odd = [path for part in FOLDERS for path in _odd(fresh / part, out / part)]
    expected = traces(run, found, spec, overlay_file)
    return odd + [str(path) for path, content in expected.items() if not _holds(path, content)]


def _holds(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == content


def _odd(fresh: Path, present: Path) -> list[str]:
    files = ((root, path) for root in (fresh, present) for path in root.rglob("*.py*"))
    names = {path.relative_to(root) for root, path in files if path.suffix in (".py", ".pyi")}
    return [str(present / name) for name in sorted(names) if not _same(fresh / name, present / name)]


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
