"""Seeded random numbers from only a seed, a name and an id, the same on every machine and in any order."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from zlib import crc32

_POWERS = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000)
_MASK = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN = 0x9E37_79B9_7F4A_7C15


def mix(number: int) -> int:
    """Return 64 well mixed bits of a number (the finaliser of splitmix64)."""
    number = (number ^ (number >> 30)) * 0xBF58_476D_1CE4_E5B9 & _MASK
    number = (number ^ (number >> 27)) * 0x94D0_49BB_1331_11EB & _MASK
    return number ^ (number >> 31)


class SeededRandom:
    """One stream of 64-bit numbers, indexed by id."""

    def __init__(self, seed: int, name: str) -> None:
        self._base = mix((seed * _GOLDEN + crc32(name.encode())) & _MASK)

    def __call__(self, index: int) -> int:
        """Return 64 bits for one id."""
        return mix((self._base + index * _GOLDEN) & _MASK)


_TWO = tuple(f"{number:02d}" for number in range(60))
_MINUTES = tuple(f"T{hour}:{minute}:" for hour in _TWO[:24] for minute in _TWO)


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return (date(1970, 1, 1) + timedelta(days)).isoformat()


def stamp(seconds: int, ticks: int = 0) -> str:
    """Format a date as Halo does: no time zone, and a fraction of 0 to 7 digits without trailing zeros.

    A page of tickets holds a thousand of them, so the parts are read from tables.

    :param ticks: tenths of a microsecond, 0 to 9,999,999.
    """
    days, rest = divmod(seconds, 86_400)
    whole = f"{_day(days)}{_MINUTES[rest // 60]}{_TWO[rest % 60]}"
    return f"{whole}.{ticks:07d}".rstrip("0") if ticks else whole


def fraction(bits: int) -> int:
    """Return ticks with a varying number of digits: none in an eighth of all dates, mostly 3 or 7."""
    digits = (0, 1, 2, 3, 3, 6, 7, 7)[bits & 7]
    shown, shift = _POWERS[digits], _POWERS[7 - digits]
    return (bits >> 3) % shown * shift


def guid(bits: int) -> str:
    """Return a string in the form of a UUID version 4 (the second half is derived from the first)."""
    text = f"{bits & _MASK:016x}{mix(bits & _MASK):016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"
