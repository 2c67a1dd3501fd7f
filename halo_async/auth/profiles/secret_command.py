"""A secret that a program prints, such as the command of a password manager."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import IO

from halo_async._utils.secret import Secret
from halo_async._utils.secret_file import is_one_word
from halo_async.errors import SettingsError

TIMEOUT = 60.0
"""Seconds that a command has; a password manager may have to be unlocked by a person."""
_LARGEST = 4096
_GRACE = 5.0
"""Seconds that a program has to end after it has closed its output."""


def run_secret_command(command: Sequence[str], folder: Path, timeout: float = TIMEOUT) -> Secret:
    """Run a program without a shell, and return what it prints, stripped.

    Its error output is discarded: it may quote the secret. Programs that ask a person use the terminal itself.

    :param command: the program and its arguments.
    :param folder: the folder to run it in, to which a relative path of the program refers.
    :param timeout: in seconds; then the program is killed.
    :raises SettingsError: it cannot be run, failed, took too long, or did not print the secret alone.
    """
    program = command[0]
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            list(command),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or type(error).__name__).lower()
        raise SettingsError(
            f"The command {program!r} for the client secret cannot be run ({reason}). Check client_secret_command."
        ) from None
    printed = _Output(process.stdout)
    try:
        code = _ended(process, printed, timeout)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    _check_output(program, code, printed, timeout)
    return printed.secret


class _Output:
    """The start of what a program prints, read by a thread: a pipe that stays open must not hold up the timeout."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        assert pipe is not None
        self._pipe = pipe
        self._data = b""
        self._thread = Thread(target=self._read_pipe, name="halo_async secret", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Return whether all of it, or more than there should be, was read in this time."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def too_long(self) -> bool:
        """True if it is longer than a secret."""
        return len(self._data) > _LARGEST

    @property
    def secret(self) -> Secret:
        """The output, stripped; empty if it is not text."""
        try:
            return Secret(self._data.decode().strip())
        except UnicodeDecodeError:
            return Secret("")

    def _read_pipe(self) -> None:
        with self._pipe as pipe:
            self._data = pipe.read(_LARGEST + 1)


def _ended(process: subprocess.Popen[bytes], printed: _Output, timeout: float) -> int | None:
    """Return the exit code; None if the program was still running when its time was over."""
    ends = time.monotonic() + timeout
    if not printed.wait(timeout):
        return None
    try:
        return process.wait(0 if printed.too_long else max(_GRACE, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        return 0 if printed.too_long else None


def _check_output(program: str, code: int | None, printed: _Output, timeout: float) -> None:
    if code is None:
        raise SettingsError(
            f"The command {program!r} did not print the client secret within {timeout:g} s. Run it yourself to see why."
        )
    if not printed.too_long and code != 0:
        raise SettingsError(
            f"The command {program!r} for the client secret ended with code {code}. Run it yourself to see why."
        )
    if printed.too_long or not is_one_word(printed.secret):
        raise SettingsError(
            f"The command {program!r} must print the client secret alone, on one line. Run it yourself to see."
        )
