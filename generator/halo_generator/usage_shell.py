"""Uses in scripts and workflow files: simple command lines of `halo-async call` and `halo-async export`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from halo_generator.diff_change import Use
from halo_generator.usage_names import Found, Known

_COMMAND = re.compile(r"(?:\bhalo-async|\bpython3?\s+-m\s+halo_async(?:\.cli)?)\s+(call|export)\s+(.*)")
_END = re.compile(r"[|;<>)`]|&&")


def read(file: str, text: str, known: Known, found: Found) -> None:
    """Add the uses in a script. A line that continues on the next one counts as its first."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        first, line = at, lines[at]
        while line.endswith("\\") and at + 1 < len(lines):
            at += 1
            line = f"{line[:-1]} {lines[at].strip()}"
        at += 1
        if not line.lstrip().startswith("#"):
            _read_line(Use(file, first + 1), line, known, found)


def _read_line(use: Use, line: str, known: Known, found: Found) -> None:
    for verb, rest in _COMMAND.findall(line):
        words = _split_words(rest)
        if verb == "call":
            _read_call(use, words, known, found)
        else:
            for word in words:
                listed = known.list_of(word)
                if listed is not None:
                    found.calls[listed.python].append(use)


def _split_words(rest: str) -> list[str]:
    try:
        lexer = shlex.shlex(rest, posix=True, punctuation_chars="|;<>()&")
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:  # a quote that ends on another line
        words = _END.split(rest)[0].split()
    end = next((at for at, word in enumerate(words) if word and set(word) <= set("|;<>()&")), len(words))
    return words[:end]


def _read_call(use: Use, words: Sequence[str], known: Known, found: Found) -> None:
    name = next((word for word in words if not word.startswith("-")), "")
    resource, _, method = name.rpartition(".")
    owner = known.resource(resource) or (resource if resource in known.resources else None)
    call = known.method(owner, method) if owner else None
    if call is None:
        return
    found.calls[call.python].append(use)
    for word in words:
        argument, equals, _ = word.partition("=")
        if equals and not argument.startswith("-"):
            found.arguments[call.python, argument].append(use)
            found.given[call.python, argument].append(use)
    for option, value in zip(words, [*words[1:], ""], strict=True):
        if option == "--fields" and call.result.records():
            for field in value.split(","):
                found.fields[min(call.result.records()), field.strip()].append(use)
                found.rows[call.python, field.strip()].append(use)
