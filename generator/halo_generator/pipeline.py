"""The whole run: source -> repair -> overlay -> canonical document -> surface -> modules on disk."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from halo_generator import (
    arguments,
    build,
    canonical,
    canonical_json,
    emit,
    mixins,
    output,
    overlay,
    repair,
    source,
    stated_responses,
    surface,
    words,
)
from halo_generator.errors import GeneratorError, InternalError, OutputError, RepairError
from halo_generator.halo_document import is_halo
from halo_generator.report import CanonicalReport
from halo_generator.traversal import Json, operations

DOCUMENT_NAME = "halo.openapi.json"
_OWN = {"api", "blocking", "models", "spec", "__init__.py", "client.py", "py.typed"}


@attrs.frozen
class Run:
    """Result of a run: the canonical document, the surface behind the modules, and the report."""

    document: Json
    surface: surface.Surface
    report: CanonicalReport
    words: tuple[tuple[str, ...], ...] = ()
    """Words for the same thing, a group for each."""


def read(
    document: str, *, facts: overlay.Overlay | None = None, descriptions: bool = False, strict: bool = False
) -> Run:
    """Run everything up to the surface, by default with the overlay that ships with the generator.

    :raises GeneratorError: the document cannot be used; with ``strict``, also if a place could not be
    understood.
    """
    with _contained(CanonicalReport()):
        loaded = source.load(document)
    return made_of(loaded, facts=facts, descriptions=descriptions, strict=strict)


def made_of(
    document: Json, *, facts: overlay.Overlay | None = None, descriptions: bool = False, strict: bool = False
) -> Run:
    """Do the same as `read` for a document that is already loaded."""
    report = CanonicalReport()
    with _contained(report):
        return _made_of(
            document, facts or overlay.merged(None), report, descriptions=descriptions, strict=strict
        )


@contextmanager
def _contained(report: CanonicalReport) -> Iterator[None]:
    """Turn whatever is raised that nobody foresaw into one sentence with the place: never a traceback."""
    try:
        yield
    except GeneratorError:
        raise
    except Exception as error:
        told = f"{report.at}: a fault of the generator ({type(error).__name__}); report it with what stands there"
        raise InternalError(f"{told}.") from error


def canonical_form(document: Json, facts: overlay.Overlay) -> Json:
    """Return the canonical document of Halo's document, without anything else of a run."""
    report = CanonicalReport()
    return canonical.canonicalise(_corrected(document, facts, report), facts, report).document


def _made_of(
    document: Json, facts: overlay.Overlay, report: CanonicalReport, *, descriptions: bool, strict: bool
) -> Run:
    halo = is_halo(document, overlay.read())
    if facts.own is not None and not halo:
        facts = facts.own
        report.notes.append("not Halo's document: none of what is known of Halo was added or renamed")
    mended = _corrected(document, facts, report)
    _tell_added(report)
    report.notes += stated_responses.disagreements(mended, facts)
    form = canonical.canonicalise(mended, facts, report, halo=halo)
    found = build.build(form.document, report, form.prose if descriptions else {}, facts.explained)
    found = mixins.put_under(found, facts.mixins, report)
    if strict:
        _check_strictly(report)
    return Run(form.document, found, report, words.groups(facts))


def _corrected(document: Json, facts: overlay.Overlay, report: CanonicalReport) -> Json:
    """Return a repaired copy of a document with the facts of an overlay."""
    mended = repair.repair(document, report)
    _check_operations(mended, report)
    arguments.several_values(mended, report)
    overlay.apply(mended, facts, report)
    arguments.ids_by_name(mended, report)
    stated_responses.overrule(mended, facts, report)
    return mended


def _check_operations(document: Json, report: CanonicalReport) -> None:
    if next(operations(document), None) is None:
        place, why = next(iter(report.degraded.items()), ("#/paths", "no path has an operation"))
        raise RepairError(f"{place}: {why}. No operation is left to emit.")


def _tell_added(report: CanonicalReport) -> None:
    for what in ("operations", "bodies"):
        added = report.repaired.get(f"{what} from the overlay", ())
        if added:
            named = ", ".join(_operation_at(place) for place in added)
            report.notes.append(f"added: {len(added)} {what} that the document lacks: {named}")


def _operation_at(place: str) -> str:
    path, _, method = place.removeprefix("#/paths/").rpartition("/")
    return f"{method.upper()} {path.replace('~1', '/').replace('~0', '~')}"


def _check_strictly(report: CanonicalReport) -> None:
    unused = {
        f"{place}/parameters/{name}": f"a {where} parameter is not an argument"
        for (where, name), places in report.left_out.items()
        for place in places[:1]
    }
    odd = report.degraded | unused
    if odd:
        place, why = next(iter(odd.items()))
        more = f" (and {len(odd) - 1} places more)" if len(odd) > 1 else ""
        raise RepairError(f"{place}: {why}{more}. Leave out --strict to emit the rest.")


def write_package(run: Run, out: Path, name: str) -> None:
    """Write a user's own package: `api`, `models`, `blocking`, its client, and the canonical document under `spec`.

    :raises OutputError: ``out`` contains something that is not from an earlier run.
    :raises InternalError: no package can be made of it, by a fault of ours.
    """
    check_folder(out)
    with _contained(run.report):
        found = emit.modules(run.surface) | emit.package_modules(name)
        found[f"spec/{DOCUMENT_NAME}"] = canonical_json.dumps(run.document)
        output.replace_package(out, found)


def package_folder(out: Path, name: str | None) -> tuple[Path, str]:
    """Return the folder and import name of the package: ``out``, or ``out/NAME`` if its name differs.

    :raises OutputError: the name is not a valid package name.
    """
    chosen = name or out.resolve().name
    if name is None and not _importable(chosen):
        chosen = "halo_api"  # a folder such as /tmp/out-1 has no name that can be imported
    if not _importable(chosen):
        raise OutputError(f"{chosen!r} cannot be a package's name. Use letters, digits and underscores.")
    return (out, chosen) if name is None or out.resolve().name == name else (out / name, chosen)


def _importable(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def check_folder(out: Path) -> None:
    """Check the folder. :raises OutputError: ``out`` is a file, or not just an earlier run's package."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file. Name a folder to write the package into.")
    if not out.is_dir():
        return
    foreign = sorted(path.name for path in out.iterdir() if path.name not in _OWN | {"__pycache__"})
    earlier = (out / "spec" / DOCUMENT_NAME).is_file() or not any(out.iterdir())
    if foreign or not earlier:
        odd = ", ".join(foreign[:3]) or "files of another origin"
        raise OutputError(f"{out} is not empty (it contains {odd}). Name a new folder, or an earlier run's.")
