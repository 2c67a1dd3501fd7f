"""Tables and batches of rows as they are received: Arrow's work is done in a thread, beside the requests."""

from __future__ import annotations

import asyncio
import json
import sys
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from functools import cached_property
from typing import Any, TypeVar

import attrs

from halo_async._utils.background import start, stop
from halo_async._utils.names import closest_names
from halo_async._utils.threads import run_in_thread
from halo_async.tables.arrow_builder import ArrowBuilder
from halo_async.tables.arrow_types import pa
from halo_async.tables.declared import DeclaredColumns, declared_columns
from halo_async.tables.row_notes import NotedRows
from halo_async.tables.tabular import RowSource, TableWarning

T = TypeVar("T")
NOTES = b"halo.notes"
"""Metadata of a table: what is not as declared or asked for, one sentence each, as a JSON list."""
_BLOCK = 4 * 2**20
"""Bytes of rows that a table is made of at a time."""
_PLAIN = 256 * 2**20
"""Bytes of rows that are held as they are; further ones are compressed, which takes a fifth as long as reading them."""
_FEW = 5
"""Sentences that a warning repeats."""


@attrs.frozen
class TableOptions:
    """Parameters of `Tabular.to_arrow`."""

    columns: tuple[str, ...] | None = None
    nested: bool = True
    never_as_null: bool = False


class _Tables:
    """Maker of the batches of one source."""

    def __init__(self, source: RowSource, options: TableOptions) -> None:
        self._source = source
        self._options = options
        self._notes = NotedRows()
        self._told: set[str] = set()
        self._held = 0

    @cached_property
    def _declare_columns(self) -> DeclaredColumns:
        return (
            declared_columns(self._find_record) if self._source.declared is None else self._source.declared()
        )

    @cached_property
    def _find_record(self) -> type | None:
        return self._source.record()

    @cached_property
    def _builder(self) -> ArrowBuilder:
        """Made when rows were received: those of a report say what its columns are."""
        return ArrowBuilder(
            self._declare_columns,
            record=None if self._find_record is None else self._find_record.__name__,
            columns=self._options.columns,
            nested=self._options.nested,
            never_as_null=self._options.never_as_null,
            notes=self._notes,
        )

    def batch(self, lines: Sequence[bytes]) -> Any:
        """Return a batch of rows."""
        return self._chosen(self._builder.add(lines))

    def packed(self, lines: Sequence[bytes]) -> _Packed:
        """Return a batch of rows, and these: it may have to be built again."""
        block = b"".join([b"\n".join(lines), b"\n"])
        batch, self._held = self._builder.add(block), self._held + len(block)
        return _Packed(batch, block, compress=self._held > _PLAIN)

    def table(self, packed: Sequence[_Packed]) -> Any:
        """Return all batches as one table, whose schema fits all of them."""
        schema = None
        while schema is None or not schema.equals(self._builder.arrow_schema):
            schema = self._builder.arrow_schema
            for one in packed:
                fitted = self._builder.fits(one.batch)
                one.batch = self._builder.add(one.rows()) if fitted is None else fitted
        return self._chosen(pa.Table.from_batches([one.batch for one in packed], schema=schema))

    def _chosen(self, made: Any) -> Any:
        """Return a table or batch with the columns in the order in which they were asked for."""
        wanted = self._options.columns
        if wanted is None:
            return made
        labels = {column.original: column.name for column in self._builder.schema.columns}
        for name in wanted:
            if name not in labels:
                made = made.append_column(pa.field(name, pa.string()), pa.nulls(made.num_rows, pa.string()))
        return made.select([labels.get(name, name) for name in wanted])

    def tell(self, *, end: bool) -> list[str]:
        """Warn of what was not said before, and return all there is to say."""
        said = [*map(str, self._builder.widenings), *self._notes.sentences()]
        if end:
            known = {column.original for column in self._builder.schema.columns}
            said += [self._lacking(name) for name in self._options.columns or () if name not in known]
        new = [text for text in said if text not in self._told]
        if new:
            self._told.update(new)
            more = f"; and {len(new) - _FEW} more" if len(new) > _FEW else ""
            text = f"{self._source.name}: {'; '.join(new[:_FEW])}{more}."
            warnings.warn(text, TableWarning, stacklevel=_level_of_caller())
        return said

    def _lacking(self, name: str) -> str:
        near = closest_names(name, self._declare_columns, 1)
        return f"no row has the field {name!r}" + (f" (did you mean {near[0]!r}?)" if near else "")


class _Packed:
    """A batch, and its rows."""

    def __init__(self, batch: Any, block: bytes, *, compress: bool) -> None:
        self.batch = batch
        self._size = len(block) if compress else 0
        self._data = pa.compress(block, codec="lz4") if compress else block

    def rows(self) -> bytes:
        """Return the rows as lines."""
        if not self._size:
            return self._data
        rows: bytes = pa.decompress(self._data, self._size, codec="lz4", asbytes=True)
        return rows


def _level_of_caller() -> int:
    """Return the stack level of the code that uses this package, for a warning."""
    level, frame = 1, sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("halo_async."):
        level, frame = level + 1, frame.f_back
    return level + 1


async def to_arrow(source: RowSource, options: TableOptions) -> Any:
    """Return all rows as one table."""
    tables = _Tables(source, options)
    async with (
        aclosing(source.lines()) as pages,
        aclosing(_blocks(pages)) as blocks,
        aclosing(_in_thread(tables.packed, blocks)) as made,
    ):
        packed = [one async for one in made]
    table = await run_in_thread(tables.table, packed)
    said = tables.tell(end=True)
    if said:
        metadata = {**(table.schema.metadata or {}), NOTES: json.dumps(said, ensure_ascii=False).encode()}
        table = table.replace_schema_metadata(metadata)
    return table


async def arrow_batches(source: RowSource, rows: int, options: TableOptions) -> AsyncGenerator[Any, None]:
    """Yield batches of so many rows."""
    tables, count = _Tables(source, options), 0
    async with (
        aclosing(source.lines()) as pages,
        aclosing(_of_length(pages, rows)) as parts,
        aclosing(_in_thread(tables.batch, parts)) as made,
    ):
        async for batch in made:
            count += 1
            tables.tell(end=False)
            yield batch
    if not count:
        yield tables.batch([])
    tables.tell(end=True)


async def _blocks(pages: AsyncIterator[Sequence[bytes]]) -> AsyncGenerator[list[bytes], None]:
    """Yield the rows of some pages together: Arrow takes about as long for a few rows as for a thousand."""
    held: list[bytes] = []
    size = 0
    async for page in pages:
        held += page
        size += sum(map(len, page))
        if size >= _BLOCK:
            yield held
            held, size = [], 0
    if held:
        yield held


async def _of_length(pages: AsyncIterator[Sequence[bytes]], rows: int) -> AsyncGenerator[list[bytes], None]:
    """Yield so many rows at a time; before an error also those that were received until then."""
    held: list[bytes] = []
    failed: Exception | None = None
    try:
        async for page in pages:
            held += page
            while len(held) >= rows:
                yield held[:rows]
                held = held[rows:]
    except Exception as error:
        failed = error
    if held:
        yield held
    if failed is not None:
        raise failed


async def _in_thread(
    work: Callable[[list[bytes]], T], parts: AsyncIterator[list[bytes]]
) -> AsyncGenerator[T, None]:
    """Yield what `work` makes of each part, in a thread while the next part is awaited."""
    task: asyncio.Task[T] | None = None
    failed: Exception | None = None
    part: list[bytes] | None = []
    try:
        while part is not None:
            try:
                part = await anext(parts, None)
            except Exception as error:
                part, failed = None, error
            made = None if task is None else (await task,)
            task = None if part is None else start(run_in_thread(work, part))
            if made is not None:
                yield made[0]
    finally:
        if task is not None:
            await stop(task)
    if failed is not None:
        raise failed
