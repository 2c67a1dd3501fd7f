"""Small parts of the generated pages, safe as HTML and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from halo_async.models import RECORDS

PARAM = re.compile(r"^:param (\w+): (.*(?:\n(?!:|\n).*)*)", re.MULTILINE)
"""A parameter of a docstring, with its explanation."""
_WORD = re.compile(r"(?:models\.)?\b([A-Z]\w*)\b")


def front_matter(title: str, description: str, *, plain: bool = False) -> str:
    """Return the beginning of a page.

    :param plain: use the small template, without the tree of all pages.
    """
    lines = [f"title: {title!r}", f"description: {description!r}"]
    if plain:
        lines.append("template: reference.html")
    return "\n".join(["---", *lines, "---", ""])


def code(text: str) -> str:
    """Return a text as code in HTML."""
    return f"<code>{escape(text, quote=False)}</code>"


def marked(text: str) -> str:
    """Return a text of a docstring as HTML, with its code marked."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def link(text: str, target: str) -> str:
    """Return a link in HTML around safe HTML."""
    return f'<a href="{target}">{text}</a>'


def type_text(annotation: str, *, up: str) -> str:
    """Return an annotation as code whose records are links.

    :param up: the way from the page to the folder of the records' pages.
    """
    parts, end = [], 0
    for match in _WORD.finditer(annotation):
        if match[1] in RECORDS:
            parts += [escape(annotation[end : match.start()]), link(match[1], f"{up}{match[1]}.html")]
            end = match.end()
    parts.append(escape(annotation[end:]))
    return f"<code>{''.join(parts)}</code>"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, indexed: bool = True) -> str:
    """Return a table of HTML; cells are HTML.

    :param indexed: False keeps its words out of the search.
    """
    attributes = "" if indexed else " data-search-exclude"
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="wide"{attributes}><table>\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>\n"
    )
