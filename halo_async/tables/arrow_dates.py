"""Date texts to timestamps in C, as `dates` reads them one by one."""

from __future__ import annotations

from array import array
from typing import Any

from halo_async.tables.arrow_types import pa, pc
from halo_async.tables.values import MisfitError

_NAIVE, _UTC = pa.timestamp("us"), pa.timestamp("us", tz="UTC")
_TEN = b"0123456789"
# Not by `pa.array`, which imports pandas where it is installed (pyarrow 26.0.1): 0.15 s, and 30 MB.
_DIGITS = pa.Array.from_buffers(
    pa.string(), len(_TEN), [None, pa.py_buffer(array("i", range(len(_TEN) + 1))), pa.py_buffer(_TEN)]
)
_WITHOUT_FRACTION, _SIX_DIGITS = 19, 26
"""Characters of 2026-10-03T06:24:10, and with a fraction of six digits."""
_FIRST = -62_135_596_800_000_000
"""Microseconds of 0001-01-01: Arrow takes the year 0, too, which Python does not have."""
_DAYS = array("i", [-719_162, -25_569, -25_567, 2_932_896])
_NEVER = pa.Array.from_buffers(pa.date32(), len(_DAYS), [None, pa.py_buffer(_DAYS)])
"""0001-01-01, 1899-12-30, 1900-01-01 and 9999-12-31."""


def timestamps(texts: Any, *, never_as_null: bool = False) -> Any:
    """Return an array of texts as moments in UTC; an empty text is null. Digits beyond microseconds are cut.

    :raises MisfitError: one of them is not a date, or has a form that has to be read one by one.
    """
    try:
        found = texts.cast(_NAIVE)
    except pa.ArrowInvalid:
        found = _otherwise(texts)
    least = pc.min(found).cast(pa.int64()).as_py()
    if least is not None and least < _FIRST:
        raise MisfitError
    found = found.cast(_UTC)
    if never_as_null and len(found):
        found = pc.if_else(pc.is_in(found.cast(pa.date32()), value_set=_NEVER), None, found)
    return found


def _otherwise(texts: Any) -> Any:
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    zulu = pc.ends_with(texts, "Z")
    if pc.any(zulu).as_py():
        cut = pc.utf8_slice_codeunits(texts, 0, stop=-1)
        short = pc.min(pc.binary_length(cut.filter(zulu))).as_py() < _WITHOUT_FRACTION
        if short:
            raise MisfitError
        texts = pc.if_else(zulu, cut, texts)
    lengths = pc.binary_length(texts)
    longest = pc.max(lengths).as_py() or 0
    if longest > _SIX_DIGITS:
        last = pc.utf8_slice_codeunits(texts, _SIX_DIGITS, _SIX_DIGITS + 1)
        digits = pc.or_(pc.is_in(last, value_set=_DIGITS), pc.less_equal(lengths, _SIX_DIGITS))
        if longest > _SIX_DIGITS + 1 or pc.all(digits).as_py() not in (True, None):
            raise MisfitError
        texts = pc.utf8_slice_codeunits(texts, 0, _SIX_DIGITS)
    try:
        return texts.cast(_NAIVE)
    except pa.ArrowInvalid:
        raise MisfitError from None
