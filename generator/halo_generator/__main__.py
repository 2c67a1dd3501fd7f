"""``python -m halo_generator SOURCE --out DIR``: generates a typed package from an API document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from halo_generator import diff, diff_text, overlay, pipeline, spec_folder
from halo_generator.errors import GeneratorError, OutputError
from halo_generator.report import CanonicalReport


def parser() -> argparse.ArgumentParser:
    """Return the command's argument parser."""
    made = argparse.ArgumentParser(
        prog="python -m halo_generator",
        description="Turn a Halo instance's OpenAPI document into typed, awaitable Python.",
        epilog="Exit codes: 0 done, 1 --check found differences, 2 the source, overlay or folder cannot be used.",
    )
    made.add_argument(
        "source",
        metavar="SOURCE",
        nargs="?",
        help="file of the document, or an instance: https://acme.halopsa.com; with --spec, none: its releases",
    )
    made.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder of the package to write")
    made.add_argument(
        "--package", metavar="NAME", help="import name; the package goes to DIR/NAME if DIR has another name"
    )
    made.add_argument(
        "--descriptions", action="store_true", help="use the document's descriptions as docstrings"
    )
    made.add_argument(
        "--report", metavar="FILE", type=Path, help="write the repairs and their places as JSON"
    )
    made.add_argument(
        "--overlay",
        metavar="FILE",
        type=Path,
        help="overlay with names, corrections and custom fields of your own",
    )
    made.add_argument("--strict", action="store_true", help="fail on anything that no repair rule covers")
    made.add_argument(
        "--spec", metavar="DIR", type=Path, help="refresh halo_async itself: DIR is its spec folder"
    )
    made.add_argument(
        "--release", metavar="YYYY-MM", help="with --spec: take SOURCE in as the document of this release"
    )
    made.add_argument(
        "--changelog", metavar="FILE", type=Path, help="with --spec: write the changes into this file"
    )
    made.add_argument(
        "--check", action="store_true", help="with --spec: write nothing, fail on any difference"
    )
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit code."""
    options = parser().parse_args(arguments)
    if (options.check or options.changelog or options.release) and options.spec is None:
        parser().error("--check, --changelog and --release need --spec")
    if options.source is None and options.spec is None:
        parser().error("name the SOURCE")
    if options.spec is not None and (options.source is None) != (options.release is None):
        parser().error("with --spec, a SOURCE needs its --release, and --release its SOURCE")
    try:
        return _package(options) if options.spec is None else _installed(options, options.spec)
    except GeneratorError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _package(options: argparse.Namespace) -> int:
    folder, name = pipeline.package_folder(options.out, options.package)
    pipeline.check_folder(folder)
    facts = overlay.merged(options.overlay)
    run = pipeline.read(options.source, facts=facts, descriptions=options.descriptions, strict=options.strict)
    if options.report is not None:
        _write_report(options.report, run)  # before the package: a run that fails leaves the old one
    pipeline.write_package(run, folder, name)
    _print_report(run)
    return 0


def _installed(options: argparse.Namespace, spec: Path) -> int:
    overlay_file = options.overlay or spec / "overlay.toml"
    repairs: CanonicalReport | None = None
    if options.source is None:
        found = spec_folder.read(spec)
    else:
        found, repairs = spec_folder.take_in(options.source, options.release, spec)
    run = spec_folder.generated(found, overlay_file, strict=options.strict)
    if options.report is not None:
        _write_report(options.report, run)
    if options.check:
        odd = spec_folder.differences(run, found, options.out, spec, overlay_file)
    else:
        odd = []
        _log_changes(options.changelog, run, spec / pipeline.DOCUMENT_NAME, overlay_file)
        mended = None if repairs is None else spec_folder.repairs_of(repairs)
        spec_folder.write(run, found, options.out, spec, overlay_file, mended)
    _print_report(run)
    for path in odd:
        print(f"differs: {path}", file=sys.stderr)
    return 1 if odd else 0


def _log_changes(changelog: Path | None, run: pipeline.Run, form: Path, overlay_file: Path) -> None:
    if changelog is None or not form.is_file():
        return
    changes = diff.compare(pipeline.read(str(form), facts=overlay.read(overlay_file)), run)
    if changes:
        changelog.write_text(diff_text.into_changelog(changelog.read_text("utf-8"), changes), "utf-8")
    print(f"against {form}: {diff_text.summary(changes)}")


def _print_report(run: pipeline.Run) -> None:
    print("\n".join(run.report.lines()))


def _write_report(path: Path, run: pipeline.Run) -> None:
    try:
        path.write_text(json.dumps(run.report.as_json(), indent=2) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from error


if __name__ == "__main__":
    sys.exit(main())
