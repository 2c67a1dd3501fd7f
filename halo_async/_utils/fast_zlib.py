"""zlib-ng where it is installed, else the standard library's zlib: the same results at several times the speed.

isal is as fast, but accepts gzip headers with flags that are not defined, which zlib and RFC 1952 refuse.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any


@cache
def fast_zlib() -> Any:
    """Return the module, chosen once."""
    try:
        return import_module("zlib_ng.zlib_ng")
    except ImportError:
        return import_module("zlib")


def zlib_name() -> str:
    """Return the name of the package that was chosen."""
    return "zlib" if fast_zlib().__name__ == "zlib" else "zlib-ng"
