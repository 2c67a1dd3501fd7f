"""Files of lines as Arrow, with the columns of their schema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.names import did_you_mean
from halo_async.errors import DecodeError
from halo_async.tables.arrow_reader import BlockReader
from halo_async.tables.arrow_types import arrow_schema, arrow_type, pa
from halo_async.tables.column_types import MIXED, TEXT, ColumnType
from halo_async.tables.line_files import check_lines, line_blocks
from halo_async.tables.rows import count_lines
from halo_async.tables.schema import TableSchema
from halo_async.tables.schema_files import schema_of_file
from halo_async.tables.values import MisfitError, Values, column_of, raw_rows


class FileReader:
    """Reader of one file of lines."""

    def __init__(self, path: str | Path, columns: Sequence[str] | None, *, never_as_null: bool) -> None:
        self._path = path
        found = schema_of_file(path)
        self._fields = {column.original for column in found.columns}
        self._schema = found if columns is None else _only(found, columns, path)
        self._never_as_null = never_as_null
        self._is_part = columns is not None
        self.arrow_schema = arrow_schema(self._schema)
        self._readers = [self._reader(self._schema), self._reader(_all_mixed(self._schema))]

    def _reader(self, schema: TableSchema) -> BlockReader:
        return BlockReader(schema, never_as_null=self._never_as_null, only=self._is_part)

    def batches(self) -> Iterator[Any]:
        """Yield the rows.

        :raises DecodeError: a line is not JSON, or does not fit the schema.
        :raises OSError: the file cannot be read.
        """
        for block, number in line_blocks(self._path):
            yield self._build_batch(block, number)

    def _build_batch(self, block: bytes, number: int) -> Any:
        counted = count_lines(block)
        arrays = next(
            (made for reader in self._readers if (made := reader.of(block, counted)) is not None), None
        )
        if arrays is None:
            arrays = self._carefully(block, number)
        columns = [
            arrays[column.original] if column.seen else pa.nulls(counted.lines, field.type)
            for column, field in zip(self._schema.columns, self.arrow_schema, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.arrow_schema)

    def _carefully(self, block: bytes, number: int) -> dict[str, Any]:
        check_lines(self._path, block, number)
        rows = raw_rows(block.removesuffix(b"\n").split(b"\n"))
        values = Values(strict=False, never_as_null=self._never_as_null)
        for at, row in enumerate(rows, number):
            new = next((name for name in row if name not in self._fields), None)
            if new is not None:
                raise self._misfit(at, new)
        made = {}
        for column in self._schema.columns:
            convert = values.convert(column.type)
            try:
                found = column_of(column.original, rows, convert)
                made[column.original] = pa.array(found, arrow_type(column.type))
            except (MisfitError, pa.ArrowInvalid):
                raise self._misfit(number, column.original) from None
        return made

    def _misfit(self, number: int, field: str) -> DecodeError:
        return DecodeError(
            f"{self._path} has another {field!r} from line {number} on than its schema file says. "
            "Delete the schema file, and the types are taken from the rows."
        )


def _only(schema: TableSchema, columns: Sequence[str], path: str | Path) -> TableSchema:
    known = {column.original: column for column in schema.columns}
    for name in columns:
        if name not in known:
            raise ValueError(f"{path} has no field {name!r}{did_you_mean(name, known) or '.'}")
    return attrs.evolve(schema, columns=tuple(known[name] for name in columns))


def _all_mixed(schema: TableSchema) -> TableSchema:
    """Return a schema whose texts may be any value: a file does not say which columns have several types."""
    columns = [attrs.evolve(column, type=_mixed(column.type)) for column in schema.columns]
    return attrs.evolve(schema, columns=tuple(columns))


def _mixed(type: ColumnType) -> ColumnType:
    if type == TEXT:
        return MIXED
    if type.item is not None:
        return attrs.evolve(type, item=_mixed(type.item))
    return attrs.evolve(type, fields=tuple((name, _mixed(item)) for name, item in type.fields))


def read(path: str | Path, *, columns: Iterable[str] | None = None, never_as_null: bool = False) -> Any:
    """See `halo_async.tables.read`."""
    reader = FileReader(path, _check_names(columns), never_as_null=never_as_null)
    return pa.Table.from_batches(list(reader.batches()), schema=reader.arrow_schema)


def scan(path: str | Path, *, columns: Iterable[str] | None = None, never_as_null: bool = False) -> Any:
    """See `halo_async.tables.scan`."""
    reader = FileReader(path, _check_names(columns), never_as_null=never_as_null)
    return pa.RecordBatchReader.from_batches(reader.arrow_schema, reader.batches())


def _check_names(columns: Iterable[str] | None) -> Sequence[str] | None:
    from halo_async.tables.tabular import names_of

    return names_of(columns)
