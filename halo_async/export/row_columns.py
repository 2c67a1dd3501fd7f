"""Chosen columns: rows cut to some of their fields, whose values stay as they came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from msgspec.structs import astuple

from halo_async._utils.json_depth import array_of
from halo_async._utils.lenient import members

_ABSENT = msgspec.Raw(b"")
Columns = Mapping[str, tuple[str, ...]]
"""Names of fields by resource; a resource without any has them all."""


def needed_by(columns: Sequence[str], key: str | None) -> tuple[str, ...]:
    """Return chosen fields, and behind them those that an export cannot do without: ids, and the ids of parents."""
    own = ("id",) if key is None else ("id", key)
    return tuple(dict.fromkeys([*columns, *own])) if columns else ()


@cache
def cutter(names: tuple[str, ...]) -> Callable[[Sequence[bytes]], list[bytes]]:
    """Return a function that cuts rows to these fields, in this order. What is not an object stays as it is."""
    heads = [msgspec.json.encode(name) + b":" for name in names]
    decode = _decoder(names)

    def made(values: Sequence[Any]) -> bytes:
        parts = [head + value for head, value in zip(heads, map(bytes, values), strict=True) if value]
        return b"{" + b",".join(parts) + b"}"

    def one(row: bytes) -> bytes:
        if row[:1] != b"{":
            return row
        found = {_decode_name(key): value for key, value in members(row)}
        return made([found.get(name, b"") for name in names])

    def cut(rows: Sequence[bytes]) -> list[bytes]:
        try:
            return [made(astuple(row)) for row in decode(b"[" + b",".join(rows) + b"]")]
        except (ValueError, RecursionError):  # one of them is not an object, or has odd values
            return list(map(one, rows))

    return cut


def _decoder(names: Sequence[str]) -> Callable[[bytes], list[Any]]:
    fields = [(f"f{at}", msgspec.Raw, _ABSENT) for at in range(len(names))]
    spelt = {f"f{at}": name for at, name in enumerate(names)}
    try:
        row: Any = msgspec.defstruct("_Cut", fields, rename=spelt, gc=False)
    except ValueError:  # a name with a quote, a backslash, or a control character
        return _refuse
    return msgspec.json.Decoder(array_of(row)).decode


def _refuse(rows: bytes) -> list[Any]:
    raise ValueError("Fields with such names must be looked up.")


def _decode_name(key: bytes) -> str:
    try:
        return str(msgspec.json.decode(key))
    except ValueError:  # it has a lone surrogate, and none that was chosen has
        return ""
