"""The other grammatical number of resource names: `client` is also `clients`, and `tickets` also `ticket`.

The rule looks at the last word only. It returns nothing where English is not regular and the table has no entry,
so that an alias is a word that people write, or absent.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable

from halo_generator.names import CLIENT_WORDS

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_WORD = re.compile(r"[a-z]{2,}")
_HISSING = ("s", "x", "z", "ch", "sh")
"""Endings of words whose plural has `es`."""
_SINGULAR_IN_S = ("ss", "us", "is")
"""Endings of words that end with `s` and are not plurals."""
_ONLY_ONE = {
    "data", "equipment", "feedback", "forecasting", "hardware", "health", "incoming", "info", "information", "media",
    "news", "notify", "outgoing", "processing", "resolve", "safe", "series", "software", "species", "staff", "tenable",
    "validate", "aws", "devops", "dns", "gps", "ios", "kandji", "mfa", "nhs", "sms", "sso", "tls",
}  # fmt: skip
"""Words without another number: what is not counted, verbs, adjectives and the names of products."""
_IRREGULAR = {
    "alias": "aliases",
    "analysis": "analyses",
    "api": "apis",
    "axis": "axes",
    "bias": "biases",
    "bonus": "bonuses",
    "bus": "buses",
    "cache": "caches",
    "campus": "campuses",
    "canvas": "canvases",
    "child": "children",
    "cookie": "cookies",
    "crisis": "crises",
    "criterion": "criteria",
    "diagnosis": "diagnoses",
    "gas": "gases",
    "kpi": "kpis",
    "lens": "lenses",
    "man": "men",
    "matrix": "matrices",
    "menu": "menus",
    "movie": "movies",
    "person": "people",
    "quiz": "quizzes",
    "shelf": "shelves",
    "status": "statuses",
    "tie": "ties",
    "virus": "viruses",
    "woman": "women",
}
_FORMS = _IRREGULAR | {plural: singular for singular, plural in _IRREGULAR.items()}


def other_number(name: str) -> str | None:
    """Return `clients` for `client`, `ticket` for `tickets`, `kb_articles` for `kb_article`, else None.

    The result has `name` as its own other number.
    """
    if not _NAME.fullmatch(name):
        return None
    head, _, word = name.rpartition("_")
    other = _other(word)
    if other is None or _other(other) != word:
        return None
    return f"{head}_{other}" if head else other


def aliases(names: Iterable[str]) -> dict[str, str]:
    """Return the other number of each of these names that has one of its own, with the name that it stands for.

    It is absent where it could mean something else: another of the names, also if spelt without underscores, another
    name's alias, an attribute of the client, or a word of Python.
    """
    names = sorted(set(names))
    wanted = [(other, name) for name in names if (other := other_number(name)) is not None]
    taken = {_squeeze_name(name) for name in names}
    meanings = Counter(_squeeze_name(other) for other, _ in wanted)
    return {
        other: name
        for other, name in wanted
        if _squeeze_name(other) not in taken and meanings[_squeeze_name(other)] == 1 and _is_free(other)
    }


def _is_free(name: str) -> bool:
    return not keyword.iskeyword(name) and name not in CLIENT_WORDS


def _squeeze_name(name: str) -> str:
    return name.replace("_", "")


def _other(word: str) -> str | None:
    if not _WORD.fullmatch(word) or word in _ONLY_ONE:
        return None
    if word in _FORMS:
        return _FORMS[word]
    return _singular(word) if _is_plural(word) else _plural(word)


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith(_SINGULAR_IN_S)


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(_HISSING) else f"{word}s"


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    stem = word.removesuffix("es")
    return stem if stem != word and stem.endswith(("ss", "x", "zz", "ch", "sh")) else word[:-1]
