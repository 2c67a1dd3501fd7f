"""Types that are made at run time, for decoders."""

from __future__ import annotations

from types import GenericAlias
from typing import Any


def list_of(element: type) -> Any:
    """Return ``list[element]``, which pyright refuses for a variable since msgspec 0.23 (see ``findings/``)."""
    return GenericAlias(list, (element,))
