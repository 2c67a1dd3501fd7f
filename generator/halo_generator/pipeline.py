"""The whole run: source -> repair -> overlay -> canonical document -> surface -> modules on disk."""

from __future__ import annotations

import filecmp
import hashlib
import json
import keyword
import tempfile
from pathlib import Path
from typing import Any

import attrs

from halo_generator import (
    __version__,
    arguments,
    build,
    canonical,
    canonical_json,
    docs_tables,
    emit,
    mixins,
    output,
    overlay,
    repair,
    source,
    surface,
    words,
)
from halo_generator.errors import GeneratorError, InternalError, OutputError, RepairError
from halo_generator.report import Report
from halo_generator.traversal import Json, operations

DOCUMENT_NAME = "halo.openapi.json"
_OWN = {"api", "models", "spec", "__init__.py", "client.py", "py.typed"}


@attrs.frozen
class Run:
    """Result of a run: the canonical document, the surface behind the modules, and the report."""

    document: Json
    surface: surface.Surface
    report: Report
    words: tuple[tuple[str, ...], ...] = ()
    """Words for the same thing, a group for each."""


def read(
    document: str, *, facts: overlay.Overlay | None = None, descriptions: bool = False, strict: bool = False
) -> Run:
    """Run everything up to the surface, by default with the overlay that ships with the generator.

    :raises GeneratorError: the document cannot be used; with ``strict``, also if a place could not be
    understood.
    """
    return made_of(source.load(document), facts=facts, descriptions=descriptions, strict=strict)


def made_of(
    document: Json, *, facts: overlay.Overlay | None = None, descriptions: bool = False, strict: bool = False
) -> Run:
    """Do the same as `read` for a document that is already loaded."""
    report = Report()
    try:
        return _made_of(
            document, facts or overlay.merged(None), report, descriptions=descriptions, strict=strict
        )
    except GeneratorError:
        raise
    except Exception as error:  # whatever it is: a document never ends in a traceback
        told = f"{report.at}: a fault of the generator ({type(error).__name__}); report it with what stands there"
        raise InternalError(f"{told}.") from error


def _made_of(
    document: Json, facts: overlay.Overlay, report: Report, *, descriptions: bool, strict: bool
) -> Run:
    halo = overlay.is_halo(document, overlay.read())
    if facts.own is not None and not halo:
        facts = facts.own
        report.notes.append("not Halo's document: none of what is known of Halo was added or renamed")
    mended = repair.repair(document, report)
    _check_operations(mended, report)
    arguments.several_values(mended, report)
    overlay.apply(mended, facts, report)
    _tell_added(report)
    form = canonical.canonicalise(mended, facts, report, halo=halo)
    found = build.build(form.document, report, form.prose if descriptions else {})
    found = mixins.put_under(found, facts.mixins, report)
    if strict:
        _check_strictly(report)
    return Run(form.document, found, report, words.groups(facts))


def _check_operations(document: Json, report: Report) -> None:
    if next(operations(document), None) is None:
        place, why = next(iter(report.degraded.items()), ("#/paths", "no path has an operation"))
        raise RepairError(f"{place}: {why}; nothing is left that could be emitted.")


def _tell_added(report: Report) -> None:
    added = report.repaired.get("operations from the overlay", ())
    if added:
        named = ", ".join(_operation_at(place) for place in added)
        report.notes.append(f"added: {len(added)} operations that the document lacks: {named}")


def _operation_at(place: str) -> str:
    path, _, method = place.removeprefix("#/paths/").rpartition("/")
    return f"{method.upper()} {path.replace('~1', '/').replace('~0', '~')}"


def _check_strictly(report: Report) -> None:
    unused = {
        f"{place}/parameters/{name}": f"a {where} parameter is not an argument"
        for (where, name), places in report.left_out.items()
        for place in places[:1]
    }
    odd = report.degraded | unused
    if odd:
        place, why = next(iter(odd.items()))
        more = f" (and {len(odd) - 1} places more)" if len(odd) > 1 else ""
        raise RepairError(f"{place}: {why}{more}; without --strict the rest is emitted.")


def write_package(run: Run, out: Path, name: str) -> None:
    """Write a user's own package: `api`, `models`, its client, and the canonical document under `spec`.

    :raises OutputError: ``out`` contains something that is not from an earlier run.
    """
    check_folder(out)
    found = emit.modules(run.surface) | emit.package_modules(name)
    found[f"spec/{DOCUMENT_NAME}"] = canonical_json.dumps(run.document)
    output.replace_package(out, found)


def write_installed(run: Run, out: Path, spec: Path, overlay_file: Path) -> None:
    """Write `api` and `models` into halo_async itself, and the review files of the run beside it."""
    output.replace_folders(out, _installed(run), ("api", "models"))
    for path, content in traces(run, spec, overlay_file).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8", newline="\n")


def _installed(run: Run) -> dict[str, str]:
    return emit.modules(run.surface) | emit.words_file(run.words)


def traces(run: Run, spec: Path, overlay_file: Path) -> dict[Path, str]:
    """Return the files for the review of a regeneration, by path.

    In the spec folder: the canonical document, one line per public member, the hashes of the input, and the
    repairs. In the docs folder beside it: the table of the proxies and that of the repairs.
    """
    repairs = _repairs(run.report, spec / "repairs.json")
    form = canonical_json.dumps(run.document)
    lock = {
        "generator": __version__,
        "overlay": _hash(overlay_file.read_text("utf-8")),
        "document": _hash(form),
        "counts": run.report.counts,
    }
    return {
        spec / DOCUMENT_NAME: form,
        spec / "surface.txt": "\n".join(surface_lines(run.surface)) + "\n",
        spec / "lock.json": json.dumps(lock, indent=2) + "\n",
        spec / "repairs.json": json.dumps(repairs, indent=2) + "\n",
        spec.parent / "docs" / "proxies.md": docs_tables.proxies(run.surface),
        spec.parent / "docs" / "repairs.md": docs_tables.repairs(repairs),
    }


def _repairs(report: Report, earlier: Path) -> dict[str, Any]:
    """Return the repairs of the last document processed: the canonical document itself needs none."""
    mended = {rule: places for rule, places in report.repaired.items() if rule in repair.RULES}
    if not mended and earlier.is_file():
        found: dict[str, Any] = json.loads(earlier.read_text("utf-8"))
        return found
    return {rule: {"count": len(places), "places": places[:3]} for rule, places in mended.items()}


def surface_lines(found: surface.Surface) -> list[str]:
    """Return one line for each public member: operations with their signature, fields with their type."""
    lines = [
        f"{resource.name} has {m.module}:{m.name}" for resource in found.everything if (m := resource.mixin)
    ]
    lines += [f"{alias} is {name}" for alias, name in found.aliases.items()]
    for resource, operation in found.operations:
        owner = f"{resource.group}.{resource.name}" if resource.group else resource.name
        given = ", ".join(f"{p.python_name}: {p.type.annotation()}" for p in operation.parameters)
        answer = operation.result.annotation()
        lines.append(
            f"{owner}.{operation.method_name}({given}) -> {answer} = {operation.method} {operation.path}"
        )
        if "changes" in operation.facts:
            lines.append(f"{owner}.changed_since(when, overlap, as of {operation.method_name}) -> {answer}")
    for record in found.records:
        for field in record.fields:
            null = "?" if field.nullable else ""
            lines.append(f"{record.name}.{field.python_name}: {field.type.annotation()}{null}")
    return sorted(lines)


def differences(run: Run, out: Path, spec: Path, overlay_file: Path) -> list[str]:
    """Return the files that `write_installed` would change."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        emit.write(fresh, _installed(run))
        odd = [path for part in ("api", "models") for path in _odd(fresh / part, out / part)]
    expected = traces(run, spec, overlay_file)
    return odd + [str(path) for path, content in expected.items() if not _holds(path, content)]


def _holds(path: Path, content: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == content


def _odd(fresh: Path, present: Path) -> list[str]:
    names = {path.relative_to(root) for root in (fresh, present) for path in root.rglob("*.py")}
    return [str(present / name) for name in sorted(names) if not _same(fresh / name, present / name)]


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def package_folder(out: Path, name: str | None) -> tuple[Path, str]:
    """Return the folder and import name of the package: ``out``, or ``out/NAME`` if its name differs.

    :raises OutputError: the name is not a valid package name.
    """
    chosen = name or out.resolve().name
    if name is None and not _importable(chosen):
        chosen = "halo_api"  # a folder such as /tmp/out-1 has no name that can be imported
    if not _importable(chosen):
        raise OutputError(f"{chosen!r} cannot be a package's name; use letters, digits and underscores.")
    return (out, chosen) if name is None or out.resolve().name == name else (out / name, chosen)


def _importable(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def check_folder(out: Path) -> None:
    """Check the folder. :raises OutputError: ``out`` is a file, or not just an earlier run's package."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; name a folder to write the package into.")
    if not out.is_dir():
        return
    foreign = sorted(path.name for path in out.iterdir() if path.name not in _OWN | {"__pycache__"})
    earlier = (out / "spec" / DOCUMENT_NAME).is_file() or not any(out.iterdir())
    if foreign or not earlier:
        odd = ", ".join(foreign[:3]) or "files of another origin"
        raise OutputError(f"{out} is not empty (it holds {odd}); name a new folder, or an earlier run's.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
