"""Keeping the pages of freed answers, so that the next answer need not fault them in again.

glibc gives the top of its heap back to the system as soon as 512 KB of it are free, which one page of rows and its
body exceed: each page was then given back and faulted in again, 70 page faults and a tenth of a page walk's CPU time
(measured). glibc raises that threshold by itself, to twice the largest block that was mapped and freed, so one such
block that is never written to (it costs no memory) is all that is needed. Elsewhere this does nothing.
"""

from __future__ import annotations

from functools import cache

LARGEST = 4 * 1024 * 1024
"""Bytes of the block: up to twice as many may stay with the process while they are free."""


@cache
def keep_freed_memory() -> None:
    """Raise the threshold, once a process."""
    bytes(LARGEST)  # mapped as zeros, and freed at once
