"""Output of `halo-async export`: the closing table, and how to resume."""

from __future__ import annotations

from pathlib import Path

from halo_async.cli.errors import DISK_FULL, Exit, say
from halo_async.cli.export_request import STDOUT, ExportRequest
from halo_async.cli.output import OutputTable, clean, output, size
from halo_async.errors import AuthenticationError, HaloError, SettingsError
from halo_async.export import Report, ResourceReport
from halo_async.export.failure_reason import is_fault
from halo_async.export.journal import NAME
from halo_async.export.progress import State

_OURS = {"OSError", "PermissionError", "FileNotFoundError", "IsADirectoryError"}
"""True if the disk failed, not the instance."""
_RESUME = "run the same command with --resume"
_AGAIN = "An export to stdout cannot be resumed. Run the same command again, or export into a folder."
_ANEW = "Nothing was written. Run the same command again."


def show_report(report: Report, out: Path | str, how: str = "") -> None:
    """The closing table, and how to go on where that is needed."""
    table = OutputTable(
        ("resource", "rows", "requests", "received", "seconds", "consistency"),
        numbers=("rows", "requests", "received", "seconds"),
        ranking=("resource", "rows", "consistency", "requests", "seconds", "received"),
        elsewhere="report.json",
    )
    for item in report.resources:
        table.add(*cells_of(item), style="" if item.complete else "red")
    console = output()
    if console.is_terminal:
        console.print()  # bars end directly above
    table.print()
    console.print(f"in {out}, with report.json", soft_wrap=True)
    if how:
        console.print(clean(how), soft_wrap=True)
    if line := without_inactive(report):
        console.print(clean(line), style="dim")
    for item in report.resources:
        for line in _remarks(item):
            console.print(clean(f"{item.resource}: {line}"), soft_wrap=True, style="dim")


def without_inactive(report: Report) -> str:
    """Return which lists were exported without their inactive rows; empty if none was."""
    left = [item.resource for item in report.resources if item.inactive_left_out]
    return f"without inactive rows (--include-inactive): {', '.join(left)}" if left else ""


def _remarks(item: ResourceReport) -> list[str]:
    remarks = list(item.warnings)
    if item.columns_widened:
        remarks.append(f"wider columns than expected: {', '.join(item.columns_widened)}")
    if item.changed is not None:
        gone = "" if item.deleted is None else f", {item.deleted:,} deleted"
        remarks.append(f"{item.changed:,} rows changed since {item.since}{gone}")
    if item.parents_asked is not None and item.parents is not None:
        remarks.append(f"asked for the rows of {item.parents:,} parents ({item.parents_asked})")
    return remarks


def cells_of(item: ResourceReport) -> tuple[str, ...]:
    """Return a line of the closing table."""
    rows = f"{item.rows:,}"
    if not item.complete and item.record_count is not None:
        rows += f" of {item.record_count:,}"
    return (
        item.resource,
        rows,
        f"{item.requests:,}",
        size(item.bytes),
        f"{item.seconds:.1f}",
        item.consistency if item.complete else item.state.value,
    )


def exit_code(report: Report) -> int:
    """Return 0 if all is complete, 4 if the instance refused everything, else 5; print the reasons."""
    bad = [item for item in report.resources if not item.complete]
    for item in bad:
        say(f"{item.resource} is {_what(item)}: {item.error}")
    if not bad:
        return Exit.DONE
    refused = len(bad) == len(report.resources) and all(
        item.state is State.FAILED
        and item.rows == 0
        and item.error_type not in _OURS
        and not is_fault(item.error_type)
        for item in bad
    )
    return Exit.REFUSED if refused else Exit.INCOMPLETE


def _what(item: ResourceReport) -> str:
    if item.rows == 0:
        return "missing"
    return f"incomplete, the received rows are in {item.file or 'the output'}"


def after_report(report: Report, asked: ExportRequest) -> str:
    """After an export whose report is written and not complete."""
    if asked.out == STDOUT:
        return _AGAIN
    bad = [item for item in report.resources if not item.complete]
    first = ""
    if any("no space left" in (item.error or "") or "quota exceeded" in (item.error or "") for item in bad):
        first = "make room on the disk, then "
    elif bad and all(item.error_type == "PermissionDeniedError" for item in bad):
        first = "let the login see these lists (scope and role), then "
    return _unfinished(asked, first)


def interrupted(asked: ExportRequest) -> str:
    """After Ctrl-C."""
    if asked.out == STDOUT:
        return _AGAIN
    return _unfinished(asked) if _begun(asked.out) else _ANEW


def after_error(error: HaloError | OSError, asked: ExportRequest) -> str:
    """After an export that ended as a whole; empty where the error's own sentence says it."""
    if isinstance(error, BrokenPipeError | SettingsError):
        return ""
    if asked.out == STDOUT:
        return _AGAIN
    if not _begun(asked.out):
        return _ANEW
    if isinstance(error, AuthenticationError):
        first = "correct the login, then "
    elif isinstance(error, OSError):
        first = "" if error.errno in DISK_FULL else "correct that, then "  # its sentence says to make room
    else:
        first = ""
    return _unfinished(asked, first)


def _unfinished(asked: ExportRequest, first: str = "") -> str:
    """:param first: what has to be done before, with a comma and `then` at its end."""
    steps = f"{first}{_RESUME}"
    return f"The export in {asked.out} is unfinished. {steps[0].upper()}{steps[1:]}."


def _begun(out: str) -> bool:
    """Return whether there is something to resume; nobody can look into an address here."""
    return "://" in out or (Path(out) / NAME).exists()
