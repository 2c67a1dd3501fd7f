"""The text of a web page, in one pass: a page made to be slow to read must not hold everybody else up."""

from __future__ import annotations

from collections.abc import Iterator

_HIDDEN = {"<!--": "-->", "<script": "</script", "<style": "</style", "<head": "</head"}
"""What nobody sees: how it begins and how it ends."""


def visible_text(page: str) -> str:
    """What is between the tags, without scripts, styles, comments and the head."""
    return " ".join(_texts(page))


def _texts(page: str) -> Iterator[str]:
    lowered = page.lower()
    if len(lowered) != len(page):  # some letters become two
        page = lowered
    unclosed: set[str] = set()
    at = 0
    while (tag := page.find("<", at)) >= 0:
        yield page[at:tag]
        at = _behind(lowered, tag, unclosed)
        if at == 0:  # no tag after all
            at = tag
            break
    yield page[at:]


def _behind(page: str, tag: int, unclosed: set[str]) -> int:
    """Where the page goes on; 0 where the tag has no end."""
    begins = next((begins for begins in _HIDDEN if _begins(page, tag, begins)), None)
    if begins is not None and begins not in unclosed:
        end = page.find(_HIDDEN[begins], tag + len(begins))
        if end >= 0:
            tag = end
        else:
            unclosed.add(begins)  # so that it is looked for once
    return page.find(">", tag) + 1


def _begins(page: str, at: int, with_: str) -> bool:
    if not page.startswith(with_, at):
        return False
    return (
        with_ == "<!--" or not page[at + len(with_) : at + len(with_) + 1].isalnum()
    )  # <header> is no <head>
