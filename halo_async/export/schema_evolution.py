"""Columns of a table that has room for some of them only."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import attrs

from halo_async.tables.column_types import TEXT, ColumnType
from halo_async.tables.naming import REST
from halo_async.tables.schema import TableColumn, TableSchema


@attrs.frozen
class WidenedColumn:
    """Columns of a table after new rows: the existing ones in their order, then new ones."""

    columns: TableSchema
    before: dict[str, ColumnType] = attrs.field(factory=dict)
    """Columns that the table had, by name."""
    rest: tuple[str, ...] = ()
    """Fields, by their names in JSON, that share the column `REST`."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names in the table."""
        return self.columns.names

    def only(self, labels: Collection[str]) -> WidenedColumn:
        """With some of the columns."""
        return attrs.evolve(self, columns=self.columns.only(labels))

    def at_most(self, count: int) -> WidenedColumn:
        """With as many columns, the last of which is `REST` for the fields of all others."""
        kept = [label for label in self.labels if label in self.before or label == "id"]
        kept += [label for label in self.labels if label not in self.before and label not in ("id", REST)]
        kept = [label for label in kept if label != REST][: count - 1]
        rest = tuple(column.original for column in self if column.name not in {*kept, REST})
        shared = TableColumn(REST, REST, TEXT, declared=False, seen=False)
        if REST in self.before:  # it stays where it is
            columns = [shared if item.name == REST else item for item in self if item.name in {*kept, REST}]
        else:
            columns = [*(item for item in self if item.name in kept), shared]
        return attrs.evolve(self, columns=attrs.evolve(self.columns, columns=tuple(columns)), rest=rest)

    def __iter__(self) -> Iterator[TableColumn]:
        """Yield each column."""
        return iter(self.columns.columns)
