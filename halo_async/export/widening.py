"""A table that is there already and rows that came since: the columns that hold both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from attrs import evolve, frozen

from halo_async.export.columns import Column, Columns, Kind, joined


@frozen
class Widened:
    """The columns of a table after a merge: those that it had, in their order, then new ones."""

    labels: tuple[str, ...]
    """What they are called in the table: `Columns.names` are what they are called in JSON."""
    columns: Columns
    before: Mapping[str, Kind]
    """Those that the table had, by label."""

    @property
    def changed(self) -> bool:
        """Whether the table itself has to change before the rows go in."""
        return {label: column.kind for label, column in self} != dict(self.before)

    def __iter__(self):  # type: ignore[no-untyped-def]
        """Each label with its column."""
        return iter(zip(self.labels, self.columns.columns, strict=True))


def widened(
    before: Mapping[str, Kind], new: Columns, is_large: Callable[[str], bool], *, folded: bool = False
) -> Widened:
    """Join the columns of a table and those that new rows need.

    :param is_large: whether a column of the table has integers that floating point numbers would round.
    :param folded: names that differ only in case are one for this table.
    """
    labels = folded_labels(list(before), new.names) if folded else list(new.names)
    by_label = dict(zip(labels, new.columns, strict=True))
    columns = [_joined(label, kind, by_label.get(label), is_large) for label, kind in before.items()]
    columns += [column for label, column in by_label.items() if label not in before]
    all_labels = (*before, *(label for label in by_label if label not in before))
    changes = [
        f"{label}: {before[label]} -> {column.kind}"
        for label, column in zip(all_labels, columns, strict=True)
        if before.get(label, Kind.NONE) not in (Kind.NONE, column.kind)
    ]
    added = tuple(name for name in new.added if name not in before)
    return Widened(all_labels, Columns(tuple(columns), added, (*new.widened, *changes)), before)


def folded_labels(before: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names that new columns have, or get, in a table: those that differ only in case get a number."""
    taken, labels = {name.lower() for name in before}, []
    for name in names:
        label = _label(name, before, taken)
        taken.add(label.lower())
        labels.append(label)
    return labels


def _label(name: str, before: Sequence[str], taken: Collection[str]) -> str:
    """A name of its own; one that got a number in an earlier run has the same again."""
    made, number = name, 2
    while made not in before and made.lower() in taken:
        made, number = f"{name}_{number}", number + 1
    return made


def _joined(label: str, kind: Kind, new: Column | None, is_large: Callable[[str], bool]) -> Column:
    if new is None:
        return Column(label, kind, seen=False)
    both = _both(label, kind, new, is_large)
    return evolve(new, kind=both, plain=new.plain and both is new.kind)


def _both(label: str, kind: Kind, new: Column, is_large: Callable[[str], bool]) -> Kind:
    if not new.seen:
        return kind
    both = joined(kind, new.kind)
    rounded = (kind is Kind.INT and is_large(label)) or (new.kind is Kind.INT and new.large)
    return Kind.TEXT if both is Kind.FLOAT and rounded else both
