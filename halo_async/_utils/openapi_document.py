"""Find and load the normal form of the API document that this release was generated from.

An installed package carries it as ``halo_async/spec/halo.openapi.json``; in a checkout it lies in ``spec/``.
It is about 2 MB of JSON and is read only when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

NAME = "halo.openapi.json"
_PACKAGE = Path(__file__).resolve().parent.parent

Document = Mapping[str, Any]


def find_document() -> Path:
    """The path of the normal form.

    :raises FileNotFoundError: if this installation carries none.
    """
    for folder in (_PACKAGE / "spec", _PACKAGE.parent / "spec"):
        if (folder / NAME).is_file():
            return folder / NAME
    raise FileNotFoundError(f"{NAME} is neither in {_PACKAGE / 'spec'} nor in {_PACKAGE.parent / 'spec'}")


def read_document(path: Path) -> Document:
    """Parse one document in the normal form; a byte order mark is tolerated."""
    import msgspec

    text = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    return cast(Document, msgspec.json.decode(text))


@cache
def load_document() -> Document:
    """The normal form, parsed once in a process. Treat it as read-only: everybody shares it."""
    return read_document(find_document())
