"""Processes whose files may have so many bytes only, as on a full disk."""

from __future__ import annotations


def limiting(size: int) -> str:
    """Code that limits the files of the process that runs it.

    It compiles no module afterwards: importlib (seen up to Python 3.13.0) keeps a file of bytecode that was cut off,
    and each later import of that module fails, in other processes too.
    """
    return (
        "import resource, sys\n"
        "sys.dont_write_bytecode = True\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))\n"
    )
