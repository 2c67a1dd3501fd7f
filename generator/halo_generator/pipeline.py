"""The whole run: source -> repair -> overlay -> normal form -> surface -> modules on disk."""

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
    emit,
    layout,
    mixins,
    normal,
    output,
    overlay,
    repair,
    source,
    surface,
    tables,
    words,
)
from halo_generator.errors import GeneratorError, InternalError, OutputError, RepairError
from halo_generator.report import Report
from halo_generator.walk import Json, operations

NORMAL_FORM = "halo.openapi.json"
_OWN = {"api", "models", "spec", "__init__.py", "client.py", "py.typed"}


@attrs.frozen
class Run:
    """What a run made: the normal form, the surface behind the modules, and the report."""

    document: Json
    surface: surface.Surface
    report: Report
    words: tuple[tuple[str, ...], ...] = ()
    """Words for the same thing, a group for each."""


def read(
    document: str, *, facts: overlay.Overlay | None = None, descriptions: bool = False, strict: bool = False
) -> Run:
    """Everything up to the surface, with the overlay that ships with the generator unless another is given.

    :raises GeneratorError: the document cannot be used; with ``strict``, also where a place could not be understood.
    """
    return made_of(source.load(document), facts=facts, descriptions=descriptions, strict=strict)


def made_of(
    document: Json, *, facts: overlay.Overlay | None = None, descriptions: bool = False, strict: bool = False
) -> Run:
    """As `read`, of a document that has been loaded."""
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
    form = normal.normalise(mended, facts, report, halo=halo)
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
        f"{place}/parameters/{name}": f"a {where} parameter is no argument"
        for (where, name), places in report.left_out.items()
        for place in places[:1]
    }
    odd = report.degraded | unused
    if odd:
        place, why = next(iter(odd.items()))
        more = f" (and {len(odd) - 1} places more)" if len(odd) > 1 else ""
        raise RepairError(f"{place}: {why}{more}; without --strict the rest is emitted.")


def write_package(run: Run, out: Path, name: str) -> None:
    """Write a package of a user's own: `api`, `models`, its client, and the normal form under `spec`.

    :raises OutputError: ``out`` holds something that is not an earlier run's.
    """
    check_folder(out)
    found = emit.modules(run.surface) | emit.package_modules(name)
    found[f"spec/{NORMAL_FORM}"] = layout.dumps(run.document)
    output.replace_package(out, found)


def write_installed(run: Run, out: Path, spec: Path, overlay_file: Path) -> None:
    """Write `api` and `models` into halo_async itself, and the traces of the run beside it."""
    output.replace_folders(out, _installed(run), ("api", "models"))
    for path, content in traces(run, spec, overlay_file).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8", newline="\n")


def _installed(run: Run) -> dict[str, str]:
    return emit.modules(run.surface) | emit.words_module(run.words)


def traces(run: Run, spec: Path, overlay_file: Path) -> dict[Path, str]:
    """What a regeneration leaves to be reviewed, by file.

    In the spec folder the normal form, one line a public member, the hashes of what went in and what was repaired; in
    the docs folder beside it the table of the proxies and that of the repairs.
    """
    repairs = _repairs(run.report, spec / "repairs.json")
    form = layout.dumps(run.document)
    lock = {
        "generator": __version__,
        "overlay": _hash(overlay_file.read_text("utf-8")),
        "document": _hash(form),
        "counts": run.report.counts,
    }
    return {
        spec / NORMAL_FORM: form,
        spec / "surface.txt": "\n".join(surface_lines(run.surface)) + "\n",
        spec / "lock.json": json.dumps(lock, indent=2) + "\n",
        spec / "repairs.json": json.dumps(repairs, indent=2) + "\n",
        spec.parent / "docs" / "proxies.md": tables.proxies(run.surface),
        spec.parent / "docs" / "repairs.md": tables.repairs(repairs),
    }


def _repairs(report: Report, earlier: Path) -> dict[str, Any]:
    """What the rules mended in the document last taken in: the normal form itself needs no repair."""
    mended = {rule: places for rule, places in report.repaired.items() if rule in repair.RULES}
    if not mended and earlier.is_file():
        found: dict[str, Any] = json.loads(earlier.read_text("utf-8"))
        return found
    return {rule: {"count": len(places), "places": places[:3]} for rule, places in mended.items()}


def surface_lines(found: surface.Surface) -> list[str]:
    """One line for each public member: operations with their signature, fields with their type."""
    lines = [
        f"{resource.name} has {m.module}:{m.name}" for resource in found.everything if (m := resource.mixin)
    ]
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
    """The files that `write_installed` would write otherwise than they stand there."""
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
    """The folder and the import name of the package: ``out`` itself, or ``out/NAME`` where ``out`` is not called so.

    :raises OutputError: the name is no name for a package.
    """
    chosen = name or out.resolve().name
    if name is None and not _importable(chosen):
        chosen = "halo_api"  # a folder such as /tmp/out-1 is written, but only its content can be imported
    if not _importable(chosen):
        raise OutputError(f"{chosen!r} cannot be a package's name; use letters, digits and underscores.")
    return (out, chosen) if name is None or out.resolve().name == name else (out / name, chosen)


def _importable(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def check_folder(out: Path) -> None:
    """:raises OutputError: ``out`` is a file, or holds anything but an earlier run's package."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file; name a folder to write the package into.")
    if not out.is_dir():
        return
    foreign = sorted(path.name for path in out.iterdir() if path.name not in _OWN | {"__pycache__"})
    earlier = (out / "spec" / NORMAL_FORM).is_file() or not any(out.iterdir())
    if foreign or not earlier:
        odd = ", ".join(foreign[:3]) or "files of another origin"
        raise OutputError(f"{out} is not empty (it holds {odd}); name a new folder, or an earlier run's.")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
