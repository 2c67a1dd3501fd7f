"""Notebooks: where a cell may wait, since the loop of the kernel waits for the cell anyway."""

from __future__ import annotations

import sys


def in_notebook() -> bool:
    """Return whether this process is a kernel of Jupyter, a shell of IPython, or a notebook of marimo."""
    ipython = sys.modules.get("IPython")
    shell = getattr(ipython, "get_ipython", lambda: None)()
    marimo = sys.modules.get("marimo")
    return shell is not None or bool(getattr(marimo, "running_in_notebook", lambda: False)())


def in_kernel() -> bool:
    """Return whether this is a kernel of Jupyter, whose cells show HTML; a shell in a terminal shows text only."""
    ipython = sys.modules.get("IPython")
    return hasattr(getattr(ipython, "get_ipython", lambda: None)(), "kernel")
