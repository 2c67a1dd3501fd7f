"""The size of results in tokens."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

_BYTES_PER_TOKEN = 3
"""Tokenizers take 3 to 4 bytes of JSON per token; the lower end keeps a result within its budget."""
ENVELOPE = 250
"""Tokens kept free for what stands around the data."""


def to_json(value: Any) -> str:
    """Return a value as compact JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def tokens_of(value: Any) -> int:
    """Return an upper estimate of a value's size as JSON, in tokens."""
    return -(-len(to_json(value).encode("utf-8", "replace")) // _BYTES_PER_TOKEN) + 1


def fitting(values: Sequence[Any], budget: int) -> int:
    """Return how many values from the first one on fit together."""
    for index, value in enumerate(values):
        budget -= tokens_of(value)
        if budget < 0:
            return index
    return len(values)


def fitting_text(text: str, budget: int) -> str:
    """Return the beginning of a text that fits."""
    low, high = 0, min(len(text), budget * _BYTES_PER_TOKEN)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens_of(text[:middle]) <= budget else (low, middle - 1)
    return text[:low]
