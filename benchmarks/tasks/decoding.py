"""Decoding of rows into various kinds of values, and reading of attributes of every row."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from benchmarks.rows import encoded, kinds, ticket_rows
from benchmarks.tasks.reading import reader

Decode = Callable[[bytes], Any]
DICTS = ("orjson dicts", "msgspec dicts")


def ready(kind: str, rows: int, shuffled: bool, read: int) -> Callable[[], None]:
    """Decode the same bytes, then read so many of the 80 attributes of every row.

    The garbage collector is off meanwhile, as in timeit; the values are dropped within the measured time.
    """
    import gc

    body, decode, read_all = _body(rows, shuffled), _decoder(kind), reader(read, keys=kind in DICTS)
    gc.disable()

    def run() -> None:
        read_all(decode(body))

    return run


def memory(kind: str, rows: int) -> Callable[[], list[float]]:
    """Measure kilobytes per row: the peak while decoding, and the memory retained afterwards."""
    import gc
    import tracemalloc

    body, decode = _body(rows, False), _decoder(kind)
    decode(_body(2, False))

    def run() -> list[float]:
        gc.collect()
        tracemalloc.start()
        made = decode(body)
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return [peak / 1024 / len(made), kept / 1024 / len(made)]

    return run


@cache
def _body(rows: int, shuffled: bool) -> bytes:
    return encoded(ticket_rows(rows, shuffled=shuffled))


@cache
def _decoder(kind: str) -> Decode:
    return KINDS[kind]()


def _records() -> Decode:
    """Decode as every response of the client is decoded, then build records."""
    from halo_async.models import Ticket
    from halo_async.records.record import from_json_list
    from halo_async.transport.decode import decode_json
    from halo_async.transport.types import Response

    return lambda body: from_json_list(Ticket, decode_json(Response(200, {}, body, "application/json")))


def _orjson() -> Decode:
    from orjson import loads

    return loads


def _msgspec() -> Decode:
    import msgspec

    return msgspec.json.Decoder().decode


_TYPES: dict[str, type] = {"int": int, "float": float, "bool": bool, "str": str, "DateTime": str}


def _struct() -> Decode:
    """Decode all plain fields of a ticket, none required; dates as strings, since Halo's have no zone."""
    import msgspec

    fields: list[tuple[str, Any, Any]] = [(name, _TYPES[kind] | None, None) for name, kind in kinds().items()]
    ticket = msgspec.defstruct("Ticket", fields)
    decode: Decode = msgspec.json.Decoder(list[ticket]).decode  # type: ignore[valid-type]
    return decode


def _pydantic() -> Decode:
    """Decode the same fields."""
    import pydantic

    fields: dict[str, Any] = {name: (_TYPES[kind] | None, None) for name, kind in kinds().items()}
    ticket = pydantic.create_model("Ticket", **fields)
    decode: Decode = pydantic.TypeAdapter(list[ticket]).validate_json  # type: ignore[valid-type]
    return decode


def _stock() -> Decode:
    from orjson import loads

    make = importlib.import_module("stock.models.faults").Faults.from_dict
    return lambda body: [make(row) for row in loads(body)]


KINDS: dict[str, Callable[[], Decode]] = {
    "halo_async records": _records,
    "orjson dicts": _orjson,
    "msgspec dicts": _msgspec,
    "msgspec Struct": _struct,
    "pydantic": _pydantic,
    "stock generator's attrs": _stock,
}
