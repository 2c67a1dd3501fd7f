"""Batches of an earlier schema with the columns of a later one, which is wider."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec

from halo_async.tables.arrow_types import pa
from halo_async.tables.dates import date_text

_encode = msgspec.json.Encoder().encode


def cast(batch: Any, wanted: Any) -> Any:
    """Return a batch or table with the columns of a wider schema; None if a text would not be as it came."""
    return _cast(batch, wanted, _as_it_came)


def cast_anyway(batch: Any, wanted: Any) -> Any:
    """Return a batch or table with the columns of a wider schema; where its rows are gone, texts are made anew."""
    return _cast(batch, wanted, _anyway)


def _cast(batch: Any, wanted: Any, convert: Callable[[Any, Any], Any]) -> Any:
    if batch.schema.equals(wanted, check_metadata=False):
        return type(batch).from_arrays(batch.columns, schema=wanted)
    names = set(batch.schema.names)
    arrays = []
    for field in wanted:
        if field.name in names:
            made = convert(batch.column(field.name), field.type)
            if made is None:
                return None
        else:
            made = pa.nulls(batch.num_rows, field.type)
        arrays.append(made)
    return type(batch).from_arrays(arrays, schema=wanted)


def _as_it_came(values: Any, wanted: Any) -> Any:
    if values.type == wanted:
        return values
    if values.null_count == len(values):
        return pa.nulls(len(values), wanted)
    if pa.types.is_nested(values.type) and not pa.types.is_nested(wanted):
        return None
    if pa.types.is_nested(values.type):
        return _nested(values, wanted)
    if pa.types.is_nested(wanted) or pa.types.is_timestamp(values.type):
        return None
    if pa.types.is_floating(values.type):
        return None
    if pa.types.is_string(values.type):
        return None  # in columns that were hollow
    return values.cast(wanted)


def _nested(values: Any, wanted: Any) -> Any:
    values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_struct(values.type) and pa.types.is_struct(wanted):
        own = {values.type.field(at).name: at for at in range(values.type.num_fields)}
        fields = [
            _as_it_came(values.field(own[field.name]), field.type)
            if field.name in own
            else pa.nulls(len(values), field.type)
            for field in wanted
        ]
        if any(field is None for field in fields):
            return None
        return pa.StructArray.from_arrays(fields, fields=list(wanted), mask=values.is_null())
    if pa.types.is_list(values.type) and pa.types.is_list(wanted):
        if values.offset:
            values = pa.concat_arrays([values])
        items = _as_it_came(values.values, wanted.value_type)
        if items is None:
            return None
        return pa.ListArray.from_arrays(values.offsets, items, mask=values.is_null()).cast(wanted)
    return None


def _anyway(values: Any, wanted: Any) -> Any:
    made = _as_it_came(values, wanted)
    if made is not None:
        return made
    if pa.types.is_string(wanted):
        return pa.array(map(_encode_text, values.to_pylist()), wanted)
    return pa.array(values.to_pylist(), wanted)


def _encode_text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return date_text(value.isoformat())
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_encode_text)
    return _encode(value).decode()
