"""Rows to Arrow record batches, with columns that widen as rows need it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from halo_async.tables.arrow_casts import cast
from halo_async.tables.arrow_reader import BlockReader
from halo_async.tables.arrow_types import arrow_schema, arrow_type, pa
from halo_async.tables.declared import DeclaredColumns
from halo_async.tables.rows import LineCount, RowNotes, count_lines
from halo_async.tables.schema import TableColumn, TableSchema, Widening
from halo_async.tables.seen import SeenColumns
from halo_async.tables.values import Values, column_of, raw_rows

SAMPLE = 100
"""Rows that the first columns are taken from."""
_NULLS = 4000


class ArrowBuilder:
    """Makes record batches of rows, each with the columns that are known by then.

    `add` returns a batch of the schema as it is then. Where later rows widen it, `fits` casts earlier batches, and
    says which ones have to be built again from their rows, since the cast would lose what the text of a value was.
    """

    def __init__(
        self,
        declared: DeclaredColumns,
        *,
        record: str | None = None,
        columns: Iterable[str] | None = None,
        flatten: Sequence[str] = (),
        nested: bool = True,
        never_as_null: bool = False,
        notes: RowNotes | None = None,
        known: Sequence[TableColumn] = (),
    ) -> None:
        """`declared`: see `declared_columns`.

        :param record: Halo's name of the record.
        :param columns: the fields to read, by their names in JSON; None for all.
        :param flatten: fields whose lists of `{name, value}` become columns.
        :param nested: objects and lists are `struct` and `list`, else JSON text.
        :param never_as_null: dates that mean "never" are null.
        :param notes: is told what is not in the table as it came.
        :param known: columns that the table has already; they come first, and none of them gets narrower.
        """
        self._only = None if columns is None else list(dict.fromkeys(columns))
        if self._only is not None:
            declared = {name: declared[name] for name in self._only if name in declared}
        self._seen = SeenColumns(
            declared,
            record=record,
            flatten=flatten,
            nested=nested,
            notes=notes,
            only=self._only,
            known=known,
        )
        self._flatten = flatten
        self._never_as_null = never_as_null
        self._sampled = False
        self._nulls: dict[Any, Any] = {}
        self._made: TableSchema | None = None
        self._refresh()

    @property
    def schema(self) -> TableSchema:
        """The columns so far."""
        return self._schema

    @property
    def arrow_schema(self) -> Any:
        """The Arrow schema so far."""
        return self._arrow

    @property
    def widenings(self) -> tuple[Widening, ...]:
        """Columns that are wider than declared, or than the rows before needed."""
        return self._schema.widenings

    def add(self, rows: bytes | Sequence[bytes]) -> Any:
        """Return rows as one record batch of `arrow_schema`, which may be wider afterwards.

        :param rows: JSON without line feeds between its tokens: lines that end in a line feed, or a list of rows.
        """
        block = rows if isinstance(rows, bytes) else b"".join(row + b"\n" for row in rows)
        if not block:
            return pa.RecordBatch.from_pylist([], self._arrow)
        counted = count_lines(block)
        arrays = self._quickly(block, counted)
        if arrays is None:
            lines = block.removesuffix(b"\n").split(b"\n")
            self._seen.add(lines)
            self._refresh()
            arrays = self._quickly(block, counted) or self._carefully(lines)
        return self._build_batch(arrays, counted.lines)

    def _quickly(self, block: bytes, counted: LineCount) -> dict[str, Any] | None:
        if self._flatten:
            return None  # named values have to be searched in every row
        if not self._sampled:
            self._sampled = True
            self._seen.sample(block.removesuffix(b"\n").split(b"\n", SAMPLE)[:SAMPLE])
            self._refresh()
        return self._reader.of(block, counted)

    def _carefully(self, lines: Sequence[bytes]) -> dict[str, Any]:
        rows = raw_rows(lines, self._flatten)
        values = Values(strict=False, never_as_null=self._never_as_null)
        return {
            column.original: pa.array(
                column_of(column.original, rows, values.convert(column.type)), arrow_type(column.type)
            )
            for column in self._schema.columns
            if column.seen
        }

    def _build_batch(self, arrays: dict[str, Any], count: int) -> Any:
        nothing = [self._build_nulls(count, type) for type in self._unseen]
        columns = [arrays[source] if isinstance(source, str) else nothing[source] for source in self._sources]
        return pa.RecordBatch.from_arrays(columns, schema=self._arrow)

    def _build_nulls(self, count: int, type: Any) -> Any:
        """Return nulls; batches share them, since most columns that are declared are never seen."""
        made = self._nulls.get(type)
        if made is None or len(made) < count:
            made = self._nulls[type] = pa.nulls(max(count, _NULLS), type)
        return made.slice(0, count)

    def _refresh(self) -> None:
        self._schema = self._seen.schema()
        if self._schema is not self._made:
            self._made = self._schema
            self._arrow = arrow_schema(self._schema)
            unseen: dict[Any, int] = {}
            self._sources = [
                column.original if column.seen else unseen.setdefault(field.type, len(unseen))
                for column, field in zip(self._schema.columns, self._arrow, strict=True)
            ]
            """For each column its field in JSON, or the place of its type in `_unseen` if no row has it."""
            self._unseen = list(unseen)
            self._reader = BlockReader(
                self._schema,
                never_as_null=self._never_as_null,
                only=self._only is not None,
                order=self._seen.fields,
            )

    def fits(self, batch: Any) -> Any:
        """Return an earlier batch with the columns of now; None if it has to be built again from its rows."""
        return cast(batch, self._arrow)
