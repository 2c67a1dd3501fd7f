"""`--log json`: what is logged and said on standard error, as a JSON object per line."""

from __future__ import annotations

import io
import sys
from typing import Annotated, Any

import typer

FORMS = ("json",)
_ON: list[Any] = []
"""The handler, while the lines of this process are JSON."""
_FACTS = ("seconds", "reason", "attempt")
"""Attributes that our records have beside their message."""


def is_json() -> bool:
    """Return whether standard error has JSON lines alone."""
    return bool(_ON)


def write(level: str, message: str, logger: str = "halo_async.cli", **facts: Any) -> None:
    """Write one line."""
    import json
    from datetime import UTC, datetime

    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = {"time": moment, "level": level, "logger": logger, "message": message, **facts}
    print(json.dumps(line, ensure_ascii=False, default=str), file=sys.stderr, flush=True)


def _start_log(form: str | None) -> str | None:
    """Log from here on; called as soon as the option is read, so that errors of other options are JSON, too."""
    if form is None:
        return None
    if form.strip().lower() not in FORMS:
        raise typer.BadParameter(f"{form!r} is not supported. Use json.")
    if not _ON:
        import logging

        class Handler(logging.Handler):
            """Writes each record of the package."""

            def emit(self, record: logging.LogRecord) -> None:
                facts = {name: vars(record)[name] for name in _FACTS if vars(record).get(name) is not None}
                write(record.levelname.lower(), record.getMessage(), record.name, **facts)

        _ON.append(Handler())
        logger = logging.getLogger("halo_async")
        logger.setLevel(logging.DEBUG)
        logger.addHandler(_ON[0])
    return form


def stop() -> None:
    """End it: another command in this process begins without."""
    if _ON:
        import logging

        logger = logging.getLogger("halo_async")
        logger.removeHandler(_ON.pop())
        logger.setLevel(logging.NOTSET)


class MessageLines(io.StringIO):
    """A file in place of standard error, whose lines are remarks."""

    def write(self, text: str) -> int:
        """Write each line that is not blank."""
        for line in text.splitlines():
            if line.strip():
                write("info", line.strip())
        return len(text)


LogOption = Annotated[
    str | None,
    typer.Option(
        "--log",
        metavar="FORM",
        callback=_start_log,
        is_eager=True,
        help="json: log each request, retry and wait to stderr, a JSON object per line.",
    ),
]
