"""Error of a resource as one sentence for its report."""

from __future__ import annotations

from pathlib import Path

from halo_async.errors import HaloError

_LONGEST = 300
"""Maximum characters of an error's own text: a library may quote a whole row."""


def is_fault(error_type: str | None) -> bool:
    """Return whether an error of this name is a bug in this package, not of instance or disk."""
    import builtins

    from halo_async import errors

    if error_type is None or hasattr(errors, error_type):
        return False
    kind = getattr(builtins, error_type, None)
    return not (isinstance(kind, type) and issubclass(kind, OSError))


def sentence(error: Exception) -> str:
    """Return a sentence that describes the error."""
    if isinstance(error, OSError):
        said = " ".join((error.strerror or str(error)).split())
        return f"The file cannot be written: {said[:1].lower()}{said[1:]}."
    said = " ".join(str(error).split())
    if isinstance(error, HaloError):
        return said
    said = said.encode(errors="backslashreplace").decode()[:_LONGEST]
    name = type(error).__name__
    return f"This is a bug in halo-async. Please report it: {name}{said and ': '}{said}{_find_place(error)}"


def _find_place(error: Exception) -> str:
    """Return the innermost line of this package in the traceback."""
    found, trace = "", error.__traceback__
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if "halo_async" in path.parts:
            found = f" ({path.name}:{trace.tb_lineno})"
        trace = trace.tb_next
    return found
