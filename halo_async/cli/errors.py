"""Mapping of errors to an exit code and one sentence. Nothing here shows a traceback."""

from __future__ import annotations

import sys
from enum import IntEnum
from errno import EDQUOT, ENOSPC

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


DISK_FULL = frozenset({ENOSPC, EDQUOT})


class Exit(IntEnum):
    """Exit codes of the command."""

    DONE = 0
    INTERNAL = 1
    """A bug in the command itself."""
    USAGE = 2
    LOGIN = 3
    """The login was refused, or there is not a Halo instance at that address."""
    REFUSED = 4
    """The API returned an error or an unusable response."""
    INCOMPLETE = 5
    COMPATIBLE = 6
    """`diff` and `drift` with `--exit-code`: there are changes, and none breaks code."""
    BREAKING = 7
    """The same: a change breaks code."""
    INTERRUPTED = 130
    """Interrupted by Ctrl-C."""
    TERMINATED = 143
    """Terminated by SIGTERM."""


class UsageError(Exception):
    """Invalid use of the command; the message names the fix."""


def option_names(option: str, texts: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of an option that takes several, with commas between them.

    :raises UsageError: it is given without a name, as from a variable of a script that is not set; that must not mean
        all.
    """
    names = tuple(name.strip() for text in texts or () for name in text.split(",") if name.strip())
    if texts and not names:
        raise UsageError(f"{option} is empty. Give a name, or leave it out for all.")
    return names


def explain(error: Exception) -> tuple[Exit, str]:
    """Return the exit code for an error, and the sentence that says what to do about it."""
    code, sentence = _explain(error)
    for note in getattr(error, "__notes__", ()):
        sentence = f"{as_sentence(sentence)} {note}" if note[:1].isupper() else f"{sentence}; {note}"
    return code, sentence


def as_sentence(text: object) -> str:
    """Return a text with a full stop at its end, so that another sentence can follow."""
    said = str(text)
    return said if said.endswith((".", "?", "!")) else f"{said}."


def _explain(error: Exception) -> tuple[Exit, str]:
    from halo_async import errors
    from halo_async.records.mismatch import WrongValueError

    if isinstance(error, ExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, UsageError | errors.SettingsError | errors.InvalidRequestError | WrongValueError):
        return Exit.USAGE, str(error)
    if isinstance(error, errors.AuthenticationError):
        return Exit.LOGIN, str(error)
    if isinstance(error, errors.PaginationError):
        return Exit.INCOMPLETE, str(error)
    if isinstance(error, errors.HaloError):
        return Exit.REFUSED, str(error)
    if isinstance(error, OSError):
        reason = (error.strerror or str(error)).lower()
        if error.filename:
            full = error.errno in DISK_FULL
            mend = "Make room on the disk." if full else "Check the path and its permissions."
            return Exit.USAGE, f"{error.filename}: {reason}. {mend}"
        return Exit.USAGE, f"The output cannot be written ({reason}). Free some space, or send it elsewhere."
    return Exit.INTERNAL, f"this is a fault of halo-async, please report it: {type(error).__name__}: {error}"


def say(message: str) -> None:
    """Print an error on stderr, on one line."""
    _say("error", " ".join(message.split()), "error: ")


def remark(message: str) -> None:
    """Print a message that is neither an error nor a result on stderr, on one line."""
    _say("info", " ".join(message.split()))


def _say(level: str, line: str, mark: str = "") -> None:
    log = sys.modules.get("halo_async.cli.log_output")
    if log is not None and log.is_json():
        log.write(level, line)
    else:
        print(f"{mark}{line}", file=sys.stderr, flush=True)
