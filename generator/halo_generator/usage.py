"""Search of a user's code for what it uses of a generated package. The code is parsed, and never run."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import attrs

from halo_generator import usage_python, usage_shell
from halo_generator.diff_change import Change, Comparison, Use
from halo_generator.diff_groups import Usage
from halo_generator.diff_meaning import Meaning
from halo_generator.errors import SourceError
from halo_generator.pipeline import DOCUMENT_NAME
from halo_generator.usage_names import Found, Known

_PYTHON = (".py", ".pyi")
_SHELL = (".sh", ".bash", ".zsh", ".yml", ".yaml")
_LARGEST = 5_000_000
_SKIPPED = {"node_modules", "site-packages", "venv", "__pycache__"}


def uses_in(folders: Sequence[Path], known: Known) -> tuple[Found, Usage]:
    """Return what the code in some folders or files uses.

    A file that cannot be parsed is named in the result, and the rest goes on.

    :raises SourceError: one of the folders does not exist, or there is no code in it.
    """
    found = Found()
    unread: list[str] = []
    files = 0
    for folder in folders:
        paths = list(_code(folder))
        if not paths:
            raise SourceError(f"{folder} has no Python file and no script. Give the folder of your code.")
        files += len(paths)
        for path in paths:
            problem = _read_file(path, known, found)
            unread += [f"{path.as_posix()}: {problem}"] if problem else []
    resources = {name.rpartition(".")[0] for name in found.calls}
    records = {*found.classes, *(name for name, _ in found.fields)}
    return found, Usage(files, frozenset(resources | records), unread)


def _code(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    if not folder.is_dir():
        raise SourceError(f"{folder} does not exist. Give the folder of your code.")
    for root, folders, names in os.walk(folder):
        here = Path(root)
        folders[:] = sorted(
            name
            for name in folders
            if name not in _SKIPPED
            and not (name.startswith(".") and name != ".github")
            and not (here / name / "spec" / DOCUMENT_NAME).is_file()  # the generated package
        )
        yield from (here / name for name in sorted(names) if name.endswith((*_PYTHON, *_SHELL)))


def _read_file(path: Path, known: Known, found: Found) -> str:
    """Read one file; return why it cannot be read, or an empty string."""
    try:
        if path.stat().st_size > _LARGEST:
            return "too large"
        content = path.read_bytes()
        if path.suffix in _SHELL:
            usage_shell.read(path.as_posix(), content.decode("utf-8", "replace"), known, found)
        else:
            usage_python.read(path.as_posix(), content, known, found)
    except SyntaxError as error:
        return f"line {error.lineno}: not valid Python ({error.msg})"
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    except (RecursionError, MemoryError):
        return "nested too deeply"
    return ""


def renamed_and_used(comparison: Comparison, found: Found) -> list[Change]:
    """Return a change for each record with another name that code names."""
    return [
        Change(was, "record renamed", "", was, now, breaking=True, python=was)
        for was, now in comparison.renamed.items()
        if found.classes.get(was)
    ]


def placed(changes: Sequence[Change], old: Meaning, found: Found) -> list[Change]:
    """Return the changes with the places that use what changed."""
    senders = defaultdict(list)
    for call in old.calls.values():
        for record in call.body.records() if call.body else ():
            senders[record].append(call.python)
    return [
        attrs.evolve(change, uses=tuple(sorted(set(_uses(change, found, senders))))) for change in changes
    ]


def _uses(change: Change, found: Found, senders: dict[str, list[str]]) -> Iterator[Use]:
    part, _, what = change.kind.partition(" ")
    if what == "added" and not change.breaking:
        return
    if part == "field":
        yield from _field_uses(change, found, senders)
    elif part == "record":
        yield from found.classes.get(change.python, ())
    elif part == "parameter" and what in ("added", "required"):
        given = set(found.given.get((change.python, change.also), ()))
        yield from (use for use in found.calls.get(change.python, ()) if use not in given)
    elif part == "parameter":
        yield from found.arguments.get((change.python, change.also), ())
    elif change.lost:
        yield from _lost_uses(change, found)
    else:
        yield from found.calls.get(change.python, ())


def _field_uses(change: Change, found: Found, senders: dict[str, list[str]]) -> Iterator[Use]:
    what = change.kind.partition(" ")[2]
    if what in ("added", "required"):
        given = set(found.written.get((change.python, change.also), ()))
        sent = [use for name in senders.get(change.python, ()) for use in found.calls.get(name, ())]
        yield from (use for use in [*sent, *found.classes.get(change.python, ())] if use not in given)
        return
    key = (change.python, change.also)
    sure = [*found.fields.get(key, ()), *found.written.get(key, ())]
    known = {(use.file, use.line) for use in sure}
    yield from sure
    yield from (use for use in found.names.get(change.also, ()) if (use.file, use.line) not in known)


def _lost_uses(change: Change, found: Found) -> Iterator[Use]:
    """Yield where code reads a field that rows no longer have; else where it may, the calls themselves."""
    read = [use for name in change.lost for use in found.rows.get((change.python, name), ())]
    if read:
        yield from read
    else:
        yield from (attrs.evolve(use, sure=False) for use in found.calls.get(change.python, ()))
