"""`halo-async diff` and `halo-async drift`: differences between two API documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from halo_async.cli.errors import Exit, UsageError
from halo_async.cli.generate import generator

INSTALLED = "installed"
CHANGED = 1
"""Exit code if there are changes."""
DOCUMENT = "/swagger/v2/swagger.json"
_METHODS = ("get", "post", "put", "patch", "delete")
_SHOWN = 10

Surface = Mapping[tuple[str, str], frozenset[str]]
"""The parameters of each (method, path), such as `query agent_id`."""


class Format(StrEnum):
    """Output formats of changes."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class FailOn(StrEnum):
    """Changes that make the command fail."""

    NEVER = "never"
    BREAKING = "breaking"
    ANY = "any"


FormatOption = Annotated[Format, typer.Option("--format", help="Output format.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Same as --format json.")]
AllOption = Annotated[bool, typer.Option("--all", help="List every change on a line of its own.")]
OverlayOption = Annotated[
    Path | None,
    typer.Option("--overlay", metavar="FILE", help="Overlay with your own facts, as for generate."),
]
UsedByOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--used-by", metavar="DIR", help="Your code: name the lines that use what changed. Repeatable."
    ),
]
ExitCodeOption = Annotated[
    bool,
    typer.Option("--exit-code", help="Exit with 6 if there are changes and none breaks, with 7 if one does."),
]


def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="File, instance, package folder, or the word installed.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="As OLD.")],
    form: FormatOption = Format.TEXT,
    as_json: JsonOption = False,
    everything: AllOption = False,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Exit with 1 on such changes.")] = FailOn.NEVER,
    exit_code: ExitCodeOption = False,
    used_by: UsedByOption = None,
    overlay: OverlayOption = None,
) -> int:
    """Show what changed between two API documents, by what it means for code.

    Compares what can be sent and received, not how the documents spell it. OLD and NEW are documents,
    instances, folders of generated packages, or the word installed for what is built in.

    --used-by reads Python files (parsed, never run), shell scripts and workflow files. It follows
    annotations, assignments and loops, and cannot follow getattr, **options and names in variables; where
    only the name of a field matches, it says "may be used". With it, a change breaks if it breaks something
    that is used.

    Example:
      halo-async diff src/acme_halo acme.halopsa.com --used-by src --exit-code
    """
    report = report_of(old, new, overlay, used_by)
    _print(report, Format.JSON if as_json else form, everything)
    if exit_code:
        return code_of(report)
    failed = bool(report.changes) if fail_on is FailOn.ANY else report.breaking and fail_on is FailOn.BREAKING
    return CHANGED if failed else Exit.DONE


def drift(
    instance: Annotated[
        str, typer.Argument(metavar="INSTANCE", help="Host name or URL, such as acme.halopsa.com.")
    ],
    package: Annotated[
        str,
        typer.Option("--package", metavar="DIR", help="Generated package to compare with."),
    ] = INSTALLED,
    form: FormatOption = Format.TEXT,
    as_json: JsonOption = False,
    everything: AllOption = False,
    exit_code: ExitCodeOption = False,
    used_by: UsedByOption = None,
    overlay: OverlayOption = None,
) -> int:
    """Exit with 1 if an instance's API differs from the one in use, and show how, as diff does.

    Compares the instance's document with the built-in operations and records, or with those of a generated
    package. It needs no login, and is meant for a nightly job. `halo-async diff --help` says what --used-by
    can follow.

    Example:
      halo-async drift https://acme.halopsa.com --package src/acme_halo --used-by src
    """
    report = report_of(package, instance, overlay, used_by)
    _print(report, Format.JSON if as_json else form, everything)
    if exit_code:
        return code_of(report)
    return CHANGED if report.changes else Exit.DONE


def code_of(report: Any) -> int:
    """Return the exit code of `--exit-code`."""
    if report.breaking:
        return Exit.BREAKING
    return Exit.COMPATIBLE if report.changes else Exit.DONE


def report_of(old: str, new: str, overlay: Path | None, used_by: Sequence[Path] | None) -> Any:
    """Return the report of the generator on two documents.

    :raises UsageError: one of them cannot be used.
    """
    comparison = generator("compare")
    try:
        return comparison.report(
            _source(old), _source(new), overlay, known=_source(INSTALLED), used_by=used_by or ()
        )
    except comparison.GeneratorError as error:
        raise UsageError(str(error)) from error


def _print(report: Any, form: Format, everything: bool) -> None:
    from halo_async.cli.output import output

    width = 10**6 if everything else output().width  # whole lines are for grep
    print(generator("compare").render(report, form.value, everything=everything, width=width), end="")


def _source(name: str) -> str:
    if name != INSTALLED:
        return name
    from halo_async._utils.openapi_document import find_document

    return str(find_document())


def compare(instance: str) -> list[str]:
    """Fetch an instance's document over HTTP and return one line per difference."""
    from urllib.request import ProxyHandler, build_opener

    import msgspec

    from halo_async.settings import Instance

    opener = build_opener(ProxyHandler({}))  # the demo's instance is on this machine
    with opener.open(Instance.parse(instance).api_url + DOCUMENT, timeout=30) as response:
        document = msgspec.json.decode(response.read())
    return differences(declared(document), built_in())


def declared(document: Mapping[str, Any]) -> Surface:
    """Return the declarations of a document in any dialect."""
    found = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                found[method.upper(), path] = _list_parameters(document, item[method].get("parameters", ()))
    return found


def _list_parameters(document: Mapping[str, Any], declared: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    names = []
    for parameter in declared:
        if "$ref" in parameter:
            parameter = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter["in"] in ("path", "query"):
            names.append(f"{parameter['in']} {parameter['name']}")
    return frozenset(names)


def built_in() -> Surface:
    """Return the built-in declarations of the newest release."""
    from halo_async._utils.openapi_document import load_document
    from halo_async._utils.openapi_releases import document_of_release, releases

    document = load_document()
    return declared(document_of_release(document, releases(document)[-1]))


def differences(theirs: Surface, ours: Surface) -> list[str]:
    """Return the lines that list what only one of the two has."""
    lines = [f"only there: {method} {path}" for method, path in sorted(theirs.keys() - ours.keys())]
    lines += [f"only built in: {method} {path}" for method, path in sorted(ours.keys() - theirs.keys())]
    for key in sorted(theirs.keys() & ours.keys()):
        for name in sorted(theirs[key] ^ ours[key]):
            where = "only there" if name in theirs[key] else "only built in"
            lines.append(f"{where}: {' '.join(key)}, {name}")
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"and {more} more"] if more > 1 else lines
