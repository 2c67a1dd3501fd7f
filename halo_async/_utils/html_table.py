"""Tables for notebooks: escaped HTML, bounded in rows and columns, without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from halo_async._utils.secret import is_secret

MAX_ROWS = 20
MAX_COLUMNS = 12
MAX_TEXT = 80


def html_table(columns: Sequence[str], rows: Iterable[Sequence[object]], note: str = "") -> str:
    """Return a table; of columns that are named like a secret there are only stars.

    :param note: a line below the table.
    """
    hidden = [is_secret(column) for column in columns]
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(f"<tr>{''.join(map(_format_cell, _masked(row, hidden)))}</tr>" for row in rows)
    below = f"<div>{escape(note)}</div>" if note else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}"


def html_of_mappings(shown: Sequence[Mapping[str, Any]], count: int) -> str:
    """Return a table of the first rows, with the columns in which they have plain values.

    :param shown: these rows, at most `MAX_ROWS`.
    :param count: rows that there are.
    """
    names = list(dict.fromkeys(name for row in shown for name, value in row.items() if _is_plain(value)))
    columns = names[:MAX_COLUMNS]
    all_names = {name for row in shown for name in row}
    note = f"{len(shown):,} of {count:,} rows, {len(columns)} of {len(all_names)} columns"
    return html_table(columns, [[row.get(name) for name in columns] for row in shown], note)


def html_note(text: str) -> str:
    """Return one line."""
    return f"<div>{escape(text)}</div>"


def _is_plain(value: object) -> bool:
    return value is not None and not isinstance(value, list | tuple | dict)


def _masked(row: Sequence[object], hidden: Sequence[bool]) -> list[object]:
    return [
        "***" if secret and value is not None else value for value, secret in zip(row, hidden, strict=True)
    ]


def _format_cell(value: object) -> str:
    if value is None:
        return "<td></td>"
    text = str(value[: MAX_TEXT + 1] if isinstance(value, str | bytes) else value)
    return f"<td>{escape(text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + '…')}</td>"
