"""The page of errors: each class with its cause and its cure."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path

from halo_async import errors
from website.reference.text import front_matter

CURES = tomllib.loads(Path(__file__).with_name("cures.toml").read_text("utf-8"))

NO_CURE = "Follow the message."


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of the page."""
    parts = [
        front_matter("Errors", "Every exception of halo-async with its cause and its cure"),
        "# Errors\n",
        "Every error of this package is a `HaloError`. `error.history` lists the attempts of a call that was "
        "retried. No message contains a secret, a query string or a header.\n",
        "```\n" + _tree() + "\n```\n",
    ]
    for cls in _classes():
        bases = ", ".join(f"`{base.__name__}`" for base in cls.__bases__ if base is not Exception)
        cause = " ".join(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].split())
        parts.append(f"## {cls.__name__}\n")
        if bases:
            parts.append(f"A {bases}.\n")
        parts += [f"**Cause.** {cause}\n", f"**Cure.** {CURES.get(cls.__name__, NO_CURE)}\n"]
    yield "reference/errors.md", "\n".join(parts)


def _classes() -> Iterator[type[errors.HaloError]]:
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, errors.HaloError):
            yield value


def _tree() -> str:
    doc = inspect.cleandoc(errors.__doc__ or "")
    lines = doc.split("\n")
    return "\n".join(line[4:] for line in lines if line.startswith("    "))
