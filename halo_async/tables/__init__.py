"""Rows of Halo as typed columns.

`column_types` are the types, `declared` what record classes say of them, `seen` what rows need, `schema` the columns of
a table. `arrow_builder.ArrowBuilder` makes Arrow record batches of rows; it needs pyarrow and is imported when it is
used.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.tables.column_types import ColumnType as ColumnType
    from halo_async.tables.files import read as read
    from halo_async.tables.files import scan as scan
    from halo_async.tables.schema import TableColumn as TableColumn
    from halo_async.tables.schema import TableSchema as TableSchema
    from halo_async.tables.schema import Widening as Widening
    from halo_async.tables.tabular import TableWarning as TableWarning

_TABLE = {
    "ColumnType": "column_types",
    "TableColumn": "schema",
    "TableSchema": "schema",
    "TableWarning": "tabular",
    "read": "files",
    "scan": "files",
    "Widening": "schema",
}

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    __getattr__, __dir__ = attach(__name__, _TABLE)
