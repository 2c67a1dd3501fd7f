"""Types that are made at run time, for decoders."""

from __future__ import annotations

from types import GenericAlias
from typing import Any


def list_of(element: type) -> Any:
    """Return ``list[element]``; a type checker refuses to read a variable as a type."""
    return GenericAlias(list, (element,))
