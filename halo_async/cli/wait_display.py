"""Display of the reason of a wait, while a command waits."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from halo_async.cli.errors import remark
from halo_async.cli.log_output import is_json
from halo_async.cli.output import clean

Show = Callable[[logging.LogRecord], None]


def as_line(record: logging.LogRecord) -> None:
    """For people: on stderr, above the bars where there are some."""
    remark(clean(record.getMessage()))


def as_json(record: logging.LogRecord) -> None:
    """For machines: an object on a line of its own, which no step of an export looks like."""
    said = {"waiting": getattr(record, "reason", record.getMessage()), "seconds": _rounded(record)}
    sys.stderr.write(json.dumps(said, separators=(",", ":")) + "\n")
    sys.stderr.flush()


def _rounded(record: logging.LogRecord) -> float | None:
    seconds: float | None = getattr(record, "seconds", None)
    return None if seconds is None else round(seconds, 3)


def _not_at_all(record: logging.LogRecord) -> None:
    """`--progress none` asks for silence."""


_WAYS: dict[str, Show] = {"json": as_json, "none": _not_at_all}


class _WaitHandler(logging.Handler):
    """The waits of this process, in whichever way is wanted just now."""

    show: Show = staticmethod(as_line)

    def emit(self, record: logging.LogRecord) -> None:
        self.show(record)


_handler = _WaitHandler()


def show_waits() -> None:
    """From here on waits are shown, unless all is logged. Calling it again changes nothing."""
    if is_json():
        return
    logger = logging.getLogger("halo_async.waits")
    logger.setLevel(logging.INFO)
    logger.addHandler(_handler)


@contextmanager
def shown(how: str) -> Iterator[None]:
    """While the block runs, as `--progress` has it: `auto`, `plain`, `json` or `none`."""
    before, _handler.show = _handler.show, _WAYS.get(how, as_line)
    try:
        yield
    finally:
        _handler.show = before
