"""Check that a string is one SELECT of SQL Server's, and nothing else.

T-SQL needs no semicolon between statements, so words decide: outside of strings, comments and quoted names
no word is allowed that begins or is part of anything but a query. If a string can be read in two ways (a
look-alike of a quotation mark, a line end that is not universally recognised) it is refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from halo_async._utils.validation import article, has_lone_surrogate
from halo_async.errors import InvalidRequestError

_WORDS = (
    "add alter authorization backup begin break bulk checkpoint close commit continue conversation "
    "create cursor database dbcc deallocate declare delete deny disk drop dump exec execute exit file "
    "goto grant identity_insert if insert into kill lineno load merge open opendatasource openquery "
    "openrowset print proc procedure raiserror readtext receive reconfigure replication restore "
    "return revert revoke rollback rule save schema set setuser shutdown statistics trigger truncate "
    "update updatetext use waitfor while writetext"
)
"""T-SQL's reserved words (and a few that are not) that are never needed in a query outside of brackets."""
_FORBIDDEN = frozenset(_WORDS.split())
_SETS = frozenset({"union", "except", "intersect"})
_LOOKALIKES = frozenset("\u02b9\u02bb\u02bc\u02bd\u02c8\u2032\uff07")
"""Characters that an older code page may convert to an apostrophe, which would end a string."""
_LINE_ENDS = frozenset("\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
_TOKEN = re.compile(
    r"""
    (?P<line>--[^\n]*)
  | (?P<block>/\*)
  | (?P<string>'(?:[^']|'')*(?:'|\Z))
  | (?P<quoted>"(?:[^"]|"")*(?:"|\Z))
  | (?P<bracket>\[(?:[^\]]|\]\])*(?:\]|\Z))
  | (?P<word>[\w@#$]+)
  | (?P<space>\s+)
  | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK = re.compile(r"/\*|\*/")


def check_select(query: str) -> None:
    """Refuse everything but one SELECT, or WITH … SELECT.

    :raises InvalidRequestError: naming what was found; the string itself is not repeated.
    :raises TypeError: it is not a string.
    """
    if not isinstance(query, str):
        raise TypeError(f"A query must be a string, not {article(query)}.")
    why = objection(query)
    if why:
        raise InvalidRequestError(
            f"A query must be a single SELECT, and {why}. To send the query anyway, pass allow_writes=True."
        )


def objection(query: str) -> str | None:
    """Return why a string is not one SELECT, as the end of a sentence; None if it is one."""
    if "\0" in query or has_lone_surrogate(query):
        return "it contains a NUL or a lone surrogate"
    try:
        tokens = list(_tokens(query))
    except _Unclear as unclear:
        return str(unclear)
    while tokens and tokens[-1] == ";":
        tokens.pop()
    while tokens and tokens[0] == ";":
        del tokens[0]  # `;WITH` is common
    return _of_tokens(tokens)


def _of_tokens(tokens: list[str]) -> str | None:
    if not tokens or tokens[0] not in ("select", "with"):
        return "it starts differently"
    if ";" in tokens:
        return "something follows a semicolon"
    found = next((token for token in tokens if token in _FORBIDDEN), None)
    if found:
        return f"it contains the word {found.upper()} (which would be a name in [brackets])"
    if any(tokens[index : index + 3] == ["next", "value", "for"] for index in range(len(tokens))):
        return "NEXT VALUE FOR advances a sequence"
    return _of_selects(tokens)


def _of_selects(tokens: list[str]) -> str | None:
    """Return an objection unless there is one SELECT outside parentheses (more only after UNION etc.)."""
    depth, selects = 0, 0
    for index, word in enumerate(tokens):
        depth += (word == "(") - (word == ")")
        if depth < 0:
            return "its parentheses do not match"
        if word == "select" and not depth and not _joins_query(tokens, index):
            selects += 1
    if depth:
        return "its parentheses do not match"
    return None if selects == 1 else "it contains several" if selects else "it contains none"


def _joins_query(tokens: list[str], index: int) -> bool:
    before = tokens[:index][-2:]
    return bool(before) and (before[-1] in _SETS or (before[-1] == "all" and before[0] == "union"))


class _Unclear(Exception):
    """The string can be read in more than one way."""


def _tokens(query: str) -> Iterator[str]:
    """Yield words, folded, and marks; strings and quoted names as one mark each, comments as nothing."""
    position = 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        assert match is not None
        kind, text = str(match.lastgroup), match[0]
        if kind == "block":
            position = _end_of_block(query, position)
            continue
        position = match.end()
        _check_word(kind, text)
        if kind == "word":
            yield from _split_words(text)
        elif kind == "mark":
            yield text
        elif kind in ("string", "quoted", "bracket"):
            yield f"<{kind}>"


def _end_of_block(query: str, start: int) -> int:
    """Return the end of a block comment; they nest in T-SQL."""
    depth, position = 0, start
    while match := _BLOCK.search(query, position):
        depth += 1 if match[0] == "/*" else -1
        position = match.end()
        if not depth:
            return position
    raise _Unclear("a comment in it is not closed")


def _check_word(kind: str, text: str) -> None:
    """:raises _Unclear: a server may read it differently."""
    if kind == "string" and (len(text) < 2 or not _closed(text, "'")):
        raise _Unclear("a string in it is not closed")
    if kind == "quoted" and (len(text) < 2 or not _closed(text, '"')):
        raise _Unclear("a quoted name in it is not closed")
    if kind == "bracket" and not _closed(text[1:], "]"):
        raise _Unclear("a name in brackets is not closed")
    if any(character in _LOOKALIKES for character in text):
        raise _Unclear("it contains a look-alike of a quotation mark")
    if kind == "line" and ("\r" in text.removesuffix("\r") or not _LINE_ENDS.isdisjoint(text)):
        raise _Unclear("a comment in it contains a character that may end its line")
    if kind in ("mark", "space", "word") and any(_odd(character) for character in text):
        raise _Unclear("it contains an invisible character")


def _closed(text: str, mark: str) -> bool:
    """Return whether a token has its closing mark; doubled ones are part of the string."""
    body = text[1:] if text[:1] == mark else text
    tail = len(body) - len(body.rstrip(mark))
    return tail % 2 == 1


def _odd(character: str) -> bool:
    category = unicodedata.category(character)
    return category in ("Cf", "Co", "Cn", "Cs") or (category == "Cc" and character not in "\t\n\r")


def _split_words(text: str) -> Iterator[str]:
    """Yield the words of a run of word characters; a number and an adjacent word are two (`1DELETE`)."""
    folded = _fold_letters(text)
    if text[0].isdigit() or text[0] == "$":
        tails = [folded[index:] for index in range(1, len(folded))]
        yield "0"
        yield from (tail for tail in tails if tail in _FORBIDDEN or tail in ("select", "with"))
        return
    yield folded


def _fold_letters(text: str) -> str:
    """Replace letters that any collation may treat as an ASCII one by that one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.replace("\u0131", "i").casefold()
