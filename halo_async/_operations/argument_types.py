"""Argument types in the signatures of operations, for values that a filter takes in several forms."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import TypeAlias, TypeVar

T = TypeVar("T")

Many: TypeAlias = str | T | Sequence[str | T] | AbstractSet[str | T]
"""Several values in one filter: `Many[int]` is `[1, 2]`, `{1, 2}`, `1` or the text `"1,2"` that is sent."""
Moment: TypeAlias = date | str
"""A `date`, a `datetime` (naive: UTC) or a text in ISO 8601."""
RangeStart: TypeAlias = date | str
"""A `Moment` that a range begins with: a `date` is its first moment."""
RangeEnd: TypeAlias = date | str
"""A `Moment` that a range ends with: a `date` is the whole of that day."""
