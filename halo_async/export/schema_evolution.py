"""Merge of an existing table and newer rows: the columns that hold both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import attrs

from halo_async._utils.lenient import is_made_up, made_up
from halo_async.export.columns import ColumnType, ExportColumn, ExportColumns, joined


@attrs.frozen
class WidenedColumn:
    """Columns of a table after a merge: the existing ones in their order, then new ones."""

    labels: tuple[str, ...]
    """Names in the table; `ExportColumns.names` are those in JSON."""
    columns: ExportColumns
    before: Mapping[str, ColumnType]
    """Columns that the table had, by label."""
    rest: tuple[str, ...] = ()
    """Fields, by their names in JSON, that share the column `REST`."""

    @property
    def changed(self) -> bool:
        """True if the table itself has to change before the rows are inserted."""
        return {label: column.kind for label, column in self} != dict(self.before)

    def only(self, labels: Collection[str]) -> WidenedColumn:
        """With some of the columns."""
        wanted = set(labels)
        pairs = [pair for pair in self if pair[0] in wanted]
        columns = attrs.evolve(self.columns, columns=tuple(column for _, column in pairs))
        return attrs.evolve(self, labels=tuple(label for label, _ in pairs), columns=columns)

    def at_most(self, count: int) -> WidenedColumn:
        """With as many columns, the last of which is `REST` for the fields of all others."""
        kept = [label for label in self.labels if label in self.before or label == "id"]
        kept += [label for label in self.labels if label not in self.before and label not in ("id", REST)]
        kept = [label for label in kept if label != REST][: count - 1]
        some = self.only(kept)
        rest = tuple(column.name for label, column in self if label not in {*kept, REST})
        shared = ExportColumn(REST, ColumnType.TEXT, expected=False, seen=False)
        if REST in self.before:  # it stays where it is
            labels = [label for label in self.labels if label == REST or label in kept]
            known = dict(some)
            columns = [shared if label == REST else known[label] for label in labels]
        else:
            labels, columns = [*some.labels, REST], [*some.columns.columns, shared]
        return attrs.evolve(
            self, labels=tuple(labels), columns=attrs.evolve(self.columns, columns=tuple(columns)), rest=rest
        )

    def __iter__(self):  # type: ignore[no-untyped-def]
        """Yield each label with its column."""
        return iter(zip(self.labels, self.columns.columns, strict=True))


def widen_columns(
    before: Mapping[str, ColumnType],
    new: ExportColumns,
    is_large: Callable[[str], bool],
    *,
    folded: bool = False,
) -> WidenedColumn:
    """Merge the columns of a table and those that new rows need.

    :param is_large: whether a column of the table has integers that floating point numbers would round.
    :param folded: names that differ only in case are the same for this table.
    """
    labels = folded_labels(list(before), new.names) if folded else list(new.names)
    by_label = dict(zip(labels, new.columns, strict=True))
    columns = [_joined(label, kind, by_label.get(label), is_large) for label, kind in before.items()]
    columns += [column for label, column in by_label.items() if label not in before]
    all_labels = (*before, *(label for label in by_label if label not in before))
    changes = [
        f"{label}: {before[label]} -> {column.kind}"
        for label, column in zip(all_labels, columns, strict=True)
        if before.get(label, ColumnType.NONE) not in (ColumnType.NONE, column.kind)
    ]
    added = tuple(name for name in new.added if name not in before)
    return WidenedColumn(all_labels, ExportColumns(tuple(columns), added, (*new.widened, *changes)), before)


REST = "other_fields"
"""The column for fields that a table has no room for."""
_RESERVED = {"id", REST}


def folded_labels(before: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names that new columns have, or get, in a database, which does not tell upper case from lower.

    A name that cannot be one, or is another's but for its case, gets a suffix that follows from it: it is the
    same in every run, and no field's own name, since one that looks like that gets a suffix, too.
    """
    known, taken = set(before), {name.lower() for name in before} | _RESERVED
    labels: list[str] = []
    for name in names:
        label = _label(name, known, taken)
        taken.add(label.lower())
        labels.append(label)
    return labels


def _label(name: str, known: Collection[str], taken: Collection[str]) -> str:
    if name == "id":
        return name
    possible = name and "\0" not in name and name != REST and not is_made_up(name)
    if possible and (name in known or name.lower() not in taken):
        return name
    made, number = made_up(name).replace("\0", "\N{SYMBOL FOR NULL}"), 0
    while made not in known and made.lower() in taken:  # the same checksum: as good as never
        made, number = f"{made_up(name)}_{number}".replace("\0", "\N{SYMBOL FOR NULL}"), number + 1
    return made


def _joined(
    label: str, kind: ColumnType, new: ExportColumn | None, is_large: Callable[[str], bool]
) -> ExportColumn:
    if new is None:
        return ExportColumn(label, kind, seen=False)
    both = _both(label, kind, new, is_large)
    return attrs.evolve(new, kind=both, plain=new.plain and both is new.kind)


def _both(label: str, kind: ColumnType, new: ExportColumn, is_large: Callable[[str], bool]) -> ColumnType:
    if not new.seen:
        return kind
    both = joined(kind, new.kind)
    rounded = (kind is ColumnType.INT and is_large(label)) or (new.kind is ColumnType.INT and new.large)
    return ColumnType.TEXT if both is ColumnType.FLOAT and rounded else both
