"""CSV as every reader takes it: what `csv` does not quote on every Python, and reading what it did not quote.

Python's own writer leaves a carriage return unquoted up to 3.12, and readers take it for the end of a row.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

csv.field_size_limit(2**31 - 1)  # limit for reading back; the default is less than a long ticket
_BOM = "\ufeff"
_UNQUOTED = re.compile(r"[^,\n]*\r[^,\n]*")


class Writer:
    """Writes rows that end in a line feed; a cell with any line break is quoted."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        # With these at the end of a line, either of them is quoted in a cell.
        self.rows = csv.writer(self, lineterminator="\r\n").writerows
        """Write rows of cells."""

    def header(self, names: Sequence[str]) -> None:
        """Write the names of the columns."""
        # A reader would take this character for a byte order mark, were it the first of the file.
        if names[0].startswith(_BOM):
            csv.writer(self, lineterminator="\r\n", quoting=csv.QUOTE_ALL).writerow(names)
        else:
            self.rows([names])

    def write(self, line: str) -> None:
        """Take a finished line from `csv`."""
        self._file.write(f"{line[:-2]}\n")


def opened(path: Path) -> TextIO:
    """A file to be read by `rows_of`: only line feeds end its lines."""
    return path.open(encoding="utf-8", newline="\n")


def rows_of(file: TextIO) -> Iterator[list[str]]:
    """The rows of a file, the header first; also of one whose carriage returns are not quoted."""
    return csv.reader(_quoted(file))


def _quoted(lines: Iterable[str]) -> Iterator[str]:
    inside, crlf = False, None
    for line in lines:
        if crlf is None:
            crlf = line.endswith("\r\n")  # somebody has saved it so: they are the ends of its lines
        yield _with_quotes(line, inside, crlf) if "\r" in line else line
        inside ^= line.count('"') % 2 == 1


def _with_quotes(line: str, inside: bool, crlf: bool) -> str:
    """A line whose unquoted cells with carriage returns are quoted; every second part is between quotes."""
    end = "\r\n" if crlf and line.endswith("\r\n") else ""
    parts = line.removesuffix(end).split('"') if end else line.split('"')
    for place in range(1 if inside else 0, len(parts), 2):
        parts[place] = _UNQUOTED.sub(_in_quotes, parts[place])
    return '"'.join(parts) + end


def _in_quotes(cell: re.Match[str]) -> str:
    return f'"{cell[0]}"'


def cells(values: Sequence[Any]) -> Sequence[Any]:
    """The values of a column; booleans are `true` and `false`."""
    if any(type(value) is bool for value in values):
        return [("true" if value else "false") if type(value) is bool else value for value in values]
    return values
