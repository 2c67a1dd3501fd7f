"""`halo-async generate`: typed modules from an instance's own document; requires the generator."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from halo_async.cli.errors import UsageError

GENERATOR = "halo_generator"
"""Optional. It is loaded by name only: the client must not depend on it."""


def generate(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="API document: a file, or an instance such as acme.halopsa.com."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the package to write.")],
    package: Annotated[
        str | None,
        typer.Option(
            "--package",
            metavar="NAME",
            help="Import name; the package goes to DIR/NAME if DIR has another name.",
        ),
    ] = None,
    descriptions: Annotated[
        bool,
        typer.Option(
            "--descriptions/--no-descriptions", help="Use the document's descriptions as docstrings."
        ),
    ] = True,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE", help="Write the repairs and their places as JSON."),
    ] = None,
    overlay: Annotated[
        Path | None,
        typer.Option(
            "--overlay", metavar="FILE", help="Overlay with names, corrections and custom fields of your own."
        ),
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on anything that no repair rule covers.")
    ] = False,
) -> int:
    """Write a typed package for your own instance.

    Reads the instance's API document, which needs no login. The package has every operation and field of
    that instance, including newer ones.

    Example:
      halo-async generate acme.halopsa.com --out acme_halo
    """
    if overlay is not None:
        _refuse_measurements(overlay)
    arguments = ["--out", str(out)]
    arguments += ["--package", package] if package is not None else []
    arguments += ["--descriptions"] if descriptions else []
    arguments += ["--report", str(report)] if report is not None else []
    arguments += ["--overlay", str(overlay)] if overlay is not None else []
    arguments += ["--strict"] if strict else []
    arguments += ["--", source]
    code: int = generator("__main__").main(arguments)
    return code


def _refuse_measurements(overlay: Path) -> None:
    """Refuse what `doctor --probe` wrote: a client acts on it at run time, no code depends on it.

    :raises UsageError: it is a file of measurements.
    """
    from halo_async.errors import SettingsError
    from halo_async.measurements import Measurements

    try:
        Measurements.read(overlay)
    except SettingsError:
        return
    raise UsageError(
        f"--overlay {overlay} has measurements of an instance, which no code depends on. Set HALO_OVERLAY, or pass"
        " measurements= to the client of the generated package."
    )


def generator(module: str) -> Any:
    """Return one module of the generator.

    :raises UsageError: it is not installed; the message says how to install it.
    """
    if find_spec(GENERATOR) is None:
        raise UsageError(
            "The generator is not installed. Run pip install halo-async-generator"
            " (in a checkout pip install ./generator)."
        )
    return import_module(f"{GENERATOR}.{module}")
