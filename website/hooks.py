"""Hooks of MkDocs: adds the pages that are made from the code, and says when a block's comment is not for readers."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from website.reference.pages import made_pages

_FOR_TESTS = re.compile(
    r"^[ \t]*<!-- (?:setup\n.*?^-->|fragment -->|output -->|run -->|needs: [^>]*-->|file: [^>]*-->)[ \t]*\n",
    re.MULTILINE | re.DOTALL,
)


def on_config(config: Any) -> Any:
    """Keep annotations such as `list` from becoming links to the headings of that name."""
    config.plugins["autorefs"].scan_toc = False
    return config


def on_files(files: Files, *, config: Any, **_: Any) -> Files:
    """Add the generated pages; none of them is stored in the repository."""
    for path, text in made_pages():
        files.append(File.generated(config, path, content=text))
    return files


_WEIGHTS = {
    "questions.md": 2.2,
    "client.md": 2,
    "writes.md": 2,
    "export.md": 2,
    "reference/api/": 1.0,
    "reference/records/": 0.5,
    "reference/python/": 0.5,
    "explanation/": 0.5,
    "how-to/": 0.7,
    "coming-from.md": 0.5,
    "contributing/": 0.2,
    "releases.md": 0.2,
    "repairs.md": 0.1,
}
"""Of hits in the search, where a word is on several pages."""


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Leave out the comments by which the tests know what to do with a block, and weigh the page for the search."""
    for start, weight in _WEIGHTS.items():
        if page.file.src_uri.startswith(start):
            page.meta.setdefault("search", {"boost": weight})
    return _FOR_TESTS.sub("", markdown)
