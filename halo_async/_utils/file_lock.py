"""One process per file: a lock that is released with the process, however that ends."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import msvcrt
    import os

    FAR = 1 << 40
    """A locked byte cannot be read by anyone: this one is never written."""

    def lock(fd: int) -> bool:
        """Acquire the lock on an open file; False if another process holds it."""
        os.lseek(fd, FAR, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def lock(fd: int) -> bool:
        """Acquire the lock on an open file; False if another process holds it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


# One export per folder.
