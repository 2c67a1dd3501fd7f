"""Reuse of the pages of freed responses, so that the next response does not fault them in again.

glibc returns the top of its heap to the system as soon as 512 KB of it are free, which one page of rows and
its body exceed: each page was then returned and faulted in again, 70 page faults and a tenth of the CPU
time of paging (measured). glibc raises that threshold by itself, to twice the largest block that was mapped
and freed, so one such block that is never written to (it costs no memory) is all that is needed. On other
platforms this does nothing.
"""

from __future__ import annotations

from functools import cache

LARGEST = 4 * 1024 * 1024
"""Size of the block in bytes; up to twice as many free bytes may stay with the process."""


@cache
def keep_freed_memory() -> None:
    """Raise the threshold, once per process."""
    bytes(LARGEST)  # mapped as zeros and freed immediately
