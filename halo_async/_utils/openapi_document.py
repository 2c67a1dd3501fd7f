"""Find and load the canonical API document that this release was generated from.

An installed package contains it as ``halo_async/spec/halo.openapi.json``; in a checkout it is in ``spec/``.
It is about 4 MB of JSON and is read only on demand. It describes every operation and field of several releases of Halo;
`openapi_releases` gives that of one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from halo_async._utils.byte_order_mark import strip_bom

NAME = "halo.openapi.json"
_PACKAGE = Path(__file__).resolve().parent.parent

Document = Mapping[str, Any]


def find_document() -> Path:
    """Return the path of the canonical document.

    :raises FileNotFoundError: this installation does not contain it.
    """
    for folder in (_PACKAGE / "spec", _PACKAGE.parent / "spec"):
        if (folder / NAME).is_file():
            return folder / NAME
    raise FileNotFoundError(f"{NAME} is neither in {_PACKAGE / 'spec'} nor in {_PACKAGE.parent / 'spec'}.")


def read_document(path: Path) -> Document:
    """Parse one canonical document; a byte order mark is tolerated."""
    import msgspec

    return cast(Document, msgspec.json.decode(strip_bom(path.read_bytes())))


@cache
def load_document() -> Document:
    """Return the canonical document, parsed once per process. Treat it as read-only: it is shared."""
    return read_document(find_document())


def is_canonical(found: Any) -> bool:
    """Return whether each operation has `x-halo`, as in canonical form; a vendor's document has none."""
    try:
        items = [item for path in found["paths"].values() for item in path.values()]
        marked = [item for item in items if isinstance(item, dict) and "responses" in item]
        return bool(marked) and all("kind" in item["x-halo"] for item in marked) and "components" in found
    except (KeyError, TypeError, AttributeError):
        return False
