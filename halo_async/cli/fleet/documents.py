"""`halo-async fleet diff` and `drift`: the API documents of all instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halo_async.cli.diff import (
    CHANGED,
    INSTALLED,
    ExitCodeOption,
    OverlayOption,
    UsedByOption,
    code_of,
    report_of,
)
from halo_async.cli.errors import Exit, UsageError
from halo_async.cli.fleet.options import over_fleet
from halo_async.cli.generate import generator

if TYPE_CHECKING:
    from halo_async.cli.fleet.running import FleetRun, InstanceResult

COLUMNS = ("breaking", "other", "differs in")
SHOWN = 3
"""Changes that a table names; `--json` has all."""


@over_fleet
def diff(
    fleet: FleetRun,
    old: Annotated[
        str,
        typer.Argument(
            metavar="[OLD]",
            help="Name of an instance of the fleet, a file, an instance, a package folder, or the word installed. "
            "Default: the first instance.",
        ),
    ] = "",
    used_by: UsedByOption = None,
    overlay: OverlayOption = None,
) -> int:
    """Show how the API of each instance differs from one of them, or from another document.

    It needs no login. `halo-async diff OLD INSTANCE` shows the changes of one instance in full.

    Example:
      halo-async fleet diff
      halo-async fleet diff installed --group production
    """
    results = _compare_documents(fleet, old, overlay, used_by)
    return _show_reports(fleet, results, lambda reports: Exit.DONE)


@over_fleet
def drift(
    fleet: FleetRun,
    package: Annotated[
        str, typer.Option("--package", metavar="DIR", help="Generated package to compare with.")
    ] = INSTALLED,
    exit_code: ExitCodeOption = False,
    used_by: UsedByOption = None,
    overlay: OverlayOption = None,
) -> int:
    """Exit with 1 if the API of an instance differs from the one in use, and show which.

    Compares the document of each instance with the built-in operations, or with those of a generated
    package. It needs no login. An instance that cannot be compared makes it exit with 5.

    Example:
      halo-async fleet drift --package src/acme_halo --used-by src
    """

    def code(reports: Sequence[Any]) -> int:
        if exit_code:
            return max(map(code_of, reports), default=Exit.DONE)
        return CHANGED if any(report.changes for report in reports) else Exit.DONE

    return _show_reports(fleet, _compare_documents(fleet, package, overlay, used_by), code)


def _compare_documents(
    fleet: FleetRun, old: str, overlay: Path | None, used_by: Sequence[Path] | None
) -> list[InstanceResult]:
    from tempfile import TemporaryDirectory

    from halo_async._utils.threads import run_in_thread
    from halo_async.auth.profiles.profile import Profile
    from halo_async.cli.signals import run_awake

    generator("compare")  # missing, it is to be missed once
    instances, names = fleet.instances()
    place = _baseline(old or names[0], instances.profiles)
    with TemporaryDirectory() as folder:
        reports = _Reports(lambda new: report_of(place, new, overlay, used_by), Path(folder))

        async def compare(name: str, profile: Profile) -> Any:
            return await run_in_thread(reports.of, profile.instance.short)

        return run_awake(fleet.run_without_login(compare))


class _Reports:
    """Comparisons of instances: one for all that serve the same document, since it takes seconds."""

    def __init__(self, compare: Callable[[str], Any], folder: Path) -> None:
        """:param compare: with the document of this file.
        :param folder: a folder for documents.
        """
        self._compare = compare
        self._folder = folder
        self._lock = Lock()
        self._known: dict[str, Any] = {}

    def of(self, instance: str) -> Any:
        """Return the report on an instance's document.

        :raises UsageError: it cannot be fetched, or is not one.
        """
        source = generator("source")
        try:
            body = source.fetch(source.document_url(instance))
        except source.SourceError as error:
            raise UsageError(str(error)) from None
        digest = sha256(body).hexdigest()
        path = self._folder / f"{digest}.json"
        with self._lock:
            if digest not in self._known:
                path.write_bytes(body)
                try:
                    self._known[digest] = self._compare(str(path))
                except UsageError as error:
                    raise UsageError(str(error).replace(str(path), instance)) from None
            return self._known[digest]


def _baseline(old: str, profiles: Mapping[str, Any]) -> str:
    from halo_async.auth.profiles.profile import Profile

    if old not in profiles:
        return old
    found = profiles[old]
    if not isinstance(found, Profile):
        raise UsageError(f"{old} cannot be compared with. {found}")
    return found.instance.short


def _show_reports(
    fleet: FleetRun, results: Sequence[InstanceResult], code: Callable[[Sequence[Any]], int]
) -> int:
    from halo_async.cli.fleet.output import print_json, show

    if fleet.as_json:
        failed = print_json(results, _report_as_json)
    else:
        failed = show(
            results, COLUMNS, lambda report: [_cells(report)], numbers=COLUMNS[:2], prose=COLUMNS[2:]
        )
    return failed or code([result.value for result in results if result.value is not None])


def _report_as_json(report: Any) -> Any:
    import json

    return json.loads(generator("compare").render(report, "json", everything=True, width=10**6))


def _cells(report: Any) -> dict[str, Any]:
    breaking = len(report.breaking)
    places = list(dict.fromkeys(change.where for change in report.changes))
    more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
    return {
        "breaking": f"{breaking:,}",
        "other": f"{len(report.changes) - breaking:,}",
        "differs in": ", ".join(map(str, places[:SHOWN])) + more,
    }
