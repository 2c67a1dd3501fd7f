"""Names of columns: one rule for all formats.

A field's own name is the column's, unless a reader or a format cannot hold it: if it is empty, has a quote, a
backslash or a control character, or differs from one before only in case. Then the column is called as the field,
with `_` for each such character, and a suffix that follows from the field's name: the same in every run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from halo_async._utils.lenient import is_made_up, made_up

REST = "other_fields"
"""The column for fields that a table has no room for."""
_RESERVED = {"id", REST}
_ODD = re.compile(r"""[\x00-\x1f\x7f-\x9f"'`\\]""")


def folded_labels(before: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the names of new columns, beside those that a table has.

    No field's own name is another's label: a name that looks like one gets a suffix, too.
    """
    known = set(before)
    taken = {name.lower() for name in known} | _RESERVED
    labels: list[str] = []
    for name in names:
        label = _label(name, known, taken)
        taken.add(label.lower())
        labels.append(label)
    return labels


def _label(name: str, known: Collection[str], taken: Collection[str]) -> str:
    if name == "id":
        return name
    if name and name != REST and not is_made_up(name):
        if name in known:  # also of an earlier release, which had other rules
            return name
        if name.lower() not in taken and not _ODD.search(name):
            return name
    made, number = suffixed(name), 0
    while made not in known and made.lower() in taken:  # the same checksum: as good as never
        made, number = f"{suffixed(name)}_{number}", number + 1
    return made


def suffixed(name: str) -> str:
    """Return the label of a field whose name no column can have."""
    return _ODD.sub("_", name) + made_up(name)[-9:]
