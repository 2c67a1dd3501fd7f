"""Lists and reports as Arrow, polars and pandas."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any

import msgspec

from halo_async._utils.validation import check_count

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.tables.declared import DeclaredColumns


class TableWarning(UserWarning):
    """Columns of a table are not as they were declared, or as they were asked for."""


class RowSource(msgspec.Struct, frozen=True, eq=False):
    """Rows to make tables of."""

    name: str
    """Their name in messages."""
    lines: Callable[[], AsyncGenerator[Sequence[bytes], None]]
    """Reads them, as lines of JSON, some at a time."""
    record: Callable[[], type | None]
    """Returns their record class; None without one. It is called after rows were received."""
    declared: Callable[[], DeclaredColumns] | None = None
    """Returns their columns, if no record class declares them."""


class Tabular:
    """Methods of lists and reports that return tables. They require pyarrow: `pip install "halo-async[arrow]"`."""

    __slots__ = ()

    def _rows_for_tables(self) -> RowSource:
        raise NotImplementedError

    async def to_arrow(
        self, *, columns: Iterable[str] | None = None, nested: bool = True, never_as_null: bool = False
    ) -> Any:
        """Return every row as a `pyarrow.Table`, which polars, DuckDB and pandas take without a copy.

        Its columns are the declared fields, and others that rows have. Dates are `timestamp[us, tz=UTC]`, objects and
        lists are `struct` and `list`. A value that does not fit makes its column wider, and a `TableWarning` says
        which: no value is rounded or lost. Halo has no parameter for columns, so the others are received as well, and
        are passed over.

        ```python
        table = await halo.tickets.list(open_only=True).to_arrow(columns=["id", "summary", "dateoccurred"])
        print(table.num_rows, table.schema.field("dateoccurred").type)
        ```

        :param columns: the fields to read, by their names in JSON, in this order; None for all.
        :param nested: False for JSON text in place of `struct` and `list`.
        :param never_as_null: True for null in place of the dates by which Halo says "never", as 1900-01-01.
        :raises IncompleteError: rows are missing; see the list.
        :raises SettingsError: pyarrow is not installed.
        :raises TypeError: `columns` are not strings.
        :raises ValueError: `columns` is empty.
        """
        from halo_async.tables.requirements import required

        required("pyarrow", "An Arrow table", "arrow")
        from halo_async.tables.table_building import TableOptions, to_arrow

        options = TableOptions(names_of(columns), nested=nested, never_as_null=never_as_null)
        return await to_arrow(self._rows_for_tables(), options)

    async def to_polars(
        self, *, columns: Iterable[str] | None = None, nested: bool = True, never_as_null: bool = False
    ) -> Any:
        """Return every row as a `polars.DataFrame`; columns and errors are those of `to_arrow`.

        ```python
        frame = await halo.tickets.list().to_polars(columns=["id", "dateoccurred"])
        print(frame.height)
        ```

        :param columns: the fields to read, by their names in JSON, in this order; None for all.
        :param nested: False for JSON text in place of `struct` and `list`.
        :param never_as_null: True for null in place of the dates by which Halo says "never", as 1900-01-01.
        :raises SettingsError: polars or pyarrow is not installed.
        """
        from halo_async.tables.requirements import required

        polars = required("polars", "A data frame of polars", "polars")
        required("pyarrow", "A data frame of polars", "polars")
        return polars.from_arrow(
            await self.to_arrow(columns=columns, nested=nested, never_as_null=never_as_null)
        )

    async def to_pandas(
        self, *, columns: Iterable[str] | None = None, nested: bool = True, never_as_null: bool = False
    ) -> Any:
        """Return every row as a `pandas.DataFrame`; columns and errors are those of `to_arrow`.

        Its types are pandas' own for Arrow (`int64[pyarrow]`), so that an id beside a missing one stays an integer.

        ```python
        frame = await halo.tickets.list().to_pandas(columns=["id", "dateoccurred"])
        print(frame.dtypes["id"])
        ```

        :param columns: the fields to read, by their names in JSON, in this order; None for all.
        :param nested: False for JSON text in place of `struct` and `list`.
        :param never_as_null: True for null in place of the dates by which Halo says "never", as 1900-01-01.
        :raises SettingsError: pandas or pyarrow is not installed.
        """
        from halo_async.tables.requirements import required

        pandas = required("pandas", "A data frame of pandas", "pandas")
        required("pyarrow", "A data frame of pandas", "pandas")
        table = await self.to_arrow(columns=columns, nested=nested, never_as_null=never_as_null)
        return table.to_pandas(types_mapper=pandas.ArrowDtype)

    def arrow_batches(
        self,
        rows: int = 10_000,
        /,
        *,
        columns: Iterable[str] | None = None,
        nested: bool = True,
        never_as_null: bool = False,
    ) -> AsyncGenerator[Any, None]:
        """Yield `pyarrow.RecordBatch`es of so many rows, the last one of fewer, in bounded memory.

        A list without rows gives one batch without rows, for its schema. Where later rows make a column wider, or have
        another, the batches from then on have the wider schema; `to_arrow` gives all rows the same.

        ```python
        async for batch in halo.tickets.list().arrow_batches(10_000, columns=["id", "summary"]):
            print(batch.num_rows)
        ```

        :param rows: the rows of a batch, 1 or more.
        :param columns: the fields to read, by their names in JSON, in this order; None for all.
        :param nested: False for JSON text in place of `struct` and `list`.
        :param never_as_null: True for null in place of the dates by which Halo says "never", as 1900-01-01.
        :raises TypeError: `rows` is not an integer.
        :raises ValueError: `rows` is less than 1; for `columns`, see `to_arrow`.
        """
        from halo_async.tables.requirements import required

        check_count("arrow_batches", "rows", rows)
        if not rows:
            raise ValueError("arrow_batches(0) has no rows. Pass 1 or more.")
        names = names_of(columns)
        required("pyarrow", "An Arrow batch", "arrow")
        from halo_async.tables.table_building import TableOptions, arrow_batches

        options = TableOptions(names, nested=nested, never_as_null=never_as_null)
        return arrow_batches(self._rows_for_tables(), rows, options)


def names_of(columns: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return the names of columns, each once; None for all.

    :raises TypeError: they are not strings.
    :raises ValueError: there are none.
    """
    if columns is None:
        return None
    if isinstance(columns, str):
        raise TypeError(f"`columns` is one string. Pass a list: columns=[{columns!r}].")
    names = tuple(dict.fromkeys(columns))
    wrong = next((name for name in names if not isinstance(name, str)), None)
    if wrong is not None:
        raise TypeError(f"`columns` has {wrong!r}, which is not the name of a field.")
    if not names:
        raise ValueError("`columns` is empty. Name a field, or leave it out for all.")
    return names
