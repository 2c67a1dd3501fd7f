"""Table and file of `halo-async doctor --probe`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from halo_async.cli.errors import UsageError

if TYPE_CHECKING:
    from halo_async.client import Halo
    from halo_async.probing.question import Finding
    from halo_async.probing.runner import ProbeReport

BEFORE = 3
"""Requests of a diagnosis and its login that the client does not count: two discoveries, one token."""
LEAST = 10
"""Minimum of `--requests`: the diagnosis itself takes six."""


def check_options(requests: int, out: Path | None) -> None:
    """Refuse options before anything is sent.

    :raises UsageError: too few requests, or the file exists.
    """
    if requests < LEAST:
        raise UsageError(f"--requests must be a number from {LEAST} up.")
    if out is not None and out.exists():
        raise UsageError(f"--out {out} exists already. Name a new file, or delete it.")


async def run_probe(halo: Halo, requests: int, *, quiet: bool) -> ProbeReport:
    """Measure, and print each line of the table as soon as it is known.

    :param requests: all that the command may send, its diagnosis included.
    :raises AuthenticationError: the login has expired.
    """
    from halo_async.probing import probe

    if not quiet:
        print(f"\n{'question':<19} {'of':<35} {'assumed':<13} {'measured':<13} differs", flush=True)
    budget = requests - halo.statistics().requests - BEFORE
    return await probe(halo, requests=budget, on_finding=None if quiet else _print_finding)


def _print_finding(finding: Finding) -> None:
    measured = _format_value(finding.measured) if finding.measured is not None else f"- ({finding.reason})"
    differs = "" if finding.measured is None else "yes" if finding.differs else "no"
    assumed = _format_value(finding.assumed)
    line = f"{finding.question:<19} {finding.subject or '-':<35} {assumed:<13} {measured:<13} {differs}"
    print(line.rstrip(), flush=True)


def _format_value(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or "none"
    return str(value)


def show_report(report: ProbeReport, out: Path | None) -> None:
    """Print the measurements, then write it.

    :raises UsageError: the file cannot be written.
    """
    different = sorted(report.differences)
    print(f"\n{report.requests} requests; differs: {', '.join(different) or 'nothing'}\n")
    print(_encoded(report), end="", flush=True)
    if out is not None:
        write_report(report, out)


def write_report(report: ProbeReport, out: Path) -> None:
    """Write the measurements to a new file that only its owner can read.

    :raises UsageError: the file exists, or cannot be written.
    """
    from halo_async._utils.own_file import open_own_file

    try:
        with os.fdopen(open_own_file(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(_encoded(report).encode())
    except FileExistsError:
        raise UsageError(f"--out {out} exists already. Name a new file, or delete it.") from None
    except OSError as error:
        raise UsageError(f"--out {out}: {(error.strerror or 'it cannot be written').lower()}") from error


def _encoded(report: ProbeReport) -> str:
    return json.dumps(report.measurements.as_json(), indent=1) + "\n"


def as_facts(report: ProbeReport) -> Mapping[str, Any]:
    """Return the report for `--json`."""
    findings: Sequence[Mapping[str, Any]] = [
        {
            "question": finding.question,
            "of": finding.subject or None,
            "assumed": finding.assumed,
            "measured": finding.measured,
            "differs": finding.differs,
            "reason": finding.reason or None,
        }
        for finding in report.findings
    ]
    return {"requests": report.requests, "findings": findings, "measurements": report.measurements.as_json()}
