"""Every page that is made from the code."""

from __future__ import annotations

from collections.abc import Iterator

from website.reference import command_line, errors, operations, python, records, settings


def made_pages() -> Iterator[tuple[str, str]]:
    """Yield the path, below `docs/`, and the text of every page."""
    for part in (operations, records, python, errors, settings, command_line):
        yield from part.pages()
