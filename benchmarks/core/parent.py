"""Shutdown of a server whose parent has exited, even if the parent was killed and could not stop it."""

from __future__ import annotations

import os
import stat
import sys
from threading import Thread


def end_with_parent() -> None:
    """Exit once the pipe that is this process's standard input closes; without a pipe, do nothing."""
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    sys.stdin.buffer.read()
    os._exit(0)
