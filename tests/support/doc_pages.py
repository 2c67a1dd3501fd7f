"""Pages of the documentation, and their blocks as programs; the rules are in test_doc_examples.py."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import attrs

_FENCE = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_SETUP = re.compile(r"^<!-- setup\n(.*?)^-->", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"<!-- (fragment|output|run|file: (?P<name>[\w./-]+)) -->\s*\Z")
_HOST = re.compile(r"(?:https://)?[a-z0-9-]+\.halo(?:psa|itsm|servicedesk)\.com")


@attrs.frozen
class Block:
    """One block of a page."""

    page: str
    line: int
    """Of its first line of code, from 1."""
    language: str
    text: str
    rule: str = ""
    """What the comment before it says: `fragment`, `output`, `run`, `file`, or nothing."""
    name: str = ""
    """Of the file that it is."""

    @property
    def place(self) -> str:
        """Page and line."""
        return f"{self.page}:{self.line}"

    def code(self, url: str) -> CodeType:
        """The block as a program whose lines are numbered as the page's."""
        text = "\n" * (self.line - 1) + addressed(self.text, url)
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        return compile(text, self.page, "exec", flags=flags, dont_inherit=True)


def blocks(page: Path, text: str | None = None) -> list[Block]:
    """The blocks of a page and its hidden setups, in order."""
    text = page.read_text("utf-8") if text is None else text
    return sorted(_found(str(page), text), key=lambda block: block.line)


def addressed(text: str, url: str) -> str:
    """The text with hosts of Halo's replaced by another address."""
    return _HOST.sub(url, text)


def _found(page: str, text: str) -> Iterator[Block]:
    for match in _SETUP.finditer(text):
        yield Block(page, _line(text, match.start(1)), "python", match[1], "setup")
    for match in _FENCE.finditer(text):
        rule = _RULE.search(text, 0, match.start())
        kind, name = (rule[1].partition(":")[0], rule["name"] or "") if rule else ("", "")
        yield Block(page, _line(text, match.start(3)), match[2], textwrap.dedent(match[3]), kind, name)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
