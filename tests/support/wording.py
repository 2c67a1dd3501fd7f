"""Finds forms that the house's wording rules ban, in Python files and in pages of Markdown.

Messages, help, docstrings and comments count alike. Code in backticks and blocks of code do not.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeGuard

UNITS = (
    "batch|call|case|cell|client|column|command|connection|day|export|field|file|folder|group|hour|"
    "lane|level|line|list|machine|member|minute|module|month|node|operation|page|parent|part|path|process|program|"
    "property|query|record|request|resource|response|row|rule|run|schema|second|session|subject|table|task|"
    "tenant|test|ticket|turn|type|worker"
)
AMOUNTS = r"\b(?:rows|calls|requests|times|once|bytes|pages|files|MB|kB|steps?)"
SMALL_WORDS = "that|of|in|to|if|by|as|with|without|or|and|is|for|where|when"
FORMS = {
    "answer for response": re.compile(r"\banswer(?:s|ed|ing)?\b", re.IGNORECASE),
    "is no X": re.compile(
        r"(?<!\bthere )(?<!\bThere )\b(?:is|are|was|were|be) no (?!longer\b|more\b|less\b|later\b|matter\b)\w"
    ),
    "a X a Y for per": re.compile(
        rf"(?:\b(?:a|an|one|two) (?!(?:{SMALL_WORDS})\b)[\w-]+|{AMOUNTS}) an? (?:{UNITS})\b",
        re.IGNORECASE,
    ),
    "go on with": re.compile(r"\b(?:go|goes|going|went|gone) on with\b|\bgone on\b", re.IGNORECASE),
}
OPENING = re.compile(r"\s*(?:What|Whether|Where|How|When|Who|Why|Which)\b")
_ERROR = re.compile(r"(?<!OrderLost)(?:Error|Warning|Unavailable|warn)$")
"""The calls that make an error; a lost order is named by the condition that does not hold."""
_BEGINNING = re.compile(r"[^a-z]|[a-z][\w.]*(?:[_=(]|\.\w|://)|[a-z]+ (?:must|takes|is not) |takes ")
"""A capital, a value, something in quotes, or the name of an option or a function."""
_PYTHONS_OWN = re.compile(r"(?:module|type object) .* has no attribute|'.*' object has no")
_COLON = re.compile(r": (?!…)")
_MENDS = (
    "add|ask|attach|await|begin|call|check|choose|close|create|delete|do|free|get|give|install|keep|leave|let|list|look|"
    "make|move|name|open|pass|put|raise|read|remove|repeat|rename|resume|run|send|set|take|test|try|unlock|use|wait|"
    "write"
)
_VALUES = re.compile(r"\{.*\}|\[.*?\]|\".*?\"|\(.*?\)|'.*?'")
_COLON_AND_MEND = re.compile(rf": (?:{_MENDS}) ")
_CODE = re.compile(r"``.*?``|`[^`]*`", re.DOTALL)


class Slip(NamedTuple):
    """One banned form."""

    line: int
    form: str
    text: str


def slips_of_python(path: Path) -> list[Slip]:
    """Banned forms in the docstrings, messages and comments of a module, by line."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    found = [
        Slip(node.lineno, "docstring opens with a question word", _shortened(node.value))
        for node in _bare_strings(tree)
        if OPENING.match(node.value)
    ]
    for line, text in (*_strings(tree), *_comments(source)):
        found += _slips(line, text)
    return sorted(set(found))


def slips_of_messages(path: Path) -> list[Slip]:
    """Messages of errors and warnings in a module that are not sentences: what is wrong, then what to do."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and _ERROR.search(_called(node)):
            text = _text_of(node.args[0])
            found += [Slip(node.lineno, form, text) for form in _slips_of_message(text)]
    return sorted(set(found))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text_of(node: ast.expr) -> str:
    """The text of a string or f-string, with ``…`` for its values; empty for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _slips_of_message(text: str) -> Iterator[str]:
    if " " not in text or _PYTHONS_OWN.match(text):
        return
    prose = _VALUES.sub("x", _CODE.sub("x", text))
    if not _BEGINNING.match(text):
        yield "message begins in lower case"
    if not prose.endswith((".", "?", "…")):
        yield "message ends without a full stop"
    if "; " in prose or len(_COLON.findall(prose)) > 1 or _COLON_AND_MEND.search(prose):
        yield "message is a chain of clauses"


def slips_of_page(path: Path) -> list[Slip]:
    """Banned forms in the headings and the prose of a page, by line."""
    text = path.read_text("utf-8")
    text = re.sub(r"^( *)(```|<!-- setup).*?^ *(```|-->)", _blank, text, flags=re.MULTILINE | re.DOTALL)
    found = []
    for number, paragraph in _paragraphs(text):
        heading = re.match(r"#+ (.*)", paragraph)
        if heading and OPENING.match(heading[1]):
            found.append(Slip(number, "heading opens with a question word", heading[1]))
        found += _slips(number, paragraph)
    return sorted(set(found))


def _slips(line: int, text: str) -> Iterator[Slip]:
    prose = " ".join(_CODE.sub(lambda match: "x" * len(match[0]), text).split())
    for form, pattern in FORMS.items():
        for match in pattern.finditer(prose):
            yield Slip(line, form, prose[max(0, match.start() - 30) : match.end() + 30])


def _bare_strings(tree: ast.Module) -> Iterator[ast.Constant]:
    """Docstrings of modules, classes, functions and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from [node.value] * isinstance(node.value.value, str)


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Strings with a blank in them; one f-string counts as one string, with ``…`` for its values."""
    inside = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield (
                node.lineno,
                "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values),
            )
        elif _is_text(node) and id(node) not in inside:
            yield node.lineno, node.value


def _is_text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Comments; lines of comment after another count as one."""
    last, first, lines = -1, 0, []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if token.start[0] != last + 1 and lines:
            yield first, " ".join(lines)
            lines = []
        first = first if lines else token.start[0]
        lines.append(token.string.lstrip("#: "))
        last = token.start[0]
    if lines:
        yield first, " ".join(lines)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    number = 1
    for block in re.split(r"(\n\s*\n|\n(?=[#|]|\s*- ))", text):
        if block.strip():
            yield number + len(block) - len(block.lstrip("\n")), block.strip()
        number += block.count("\n")


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _shortened(text: str) -> str:
    return " ".join(text.split())[:60]
