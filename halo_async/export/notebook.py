"""Progress of an export in a notebook: one bar per resource, drawn anew in the same place."""

from __future__ import annotations

from html import escape
from importlib import import_module
from typing import Any

from halo_async._utils.notebook import in_kernel
from halo_async.errors import SettingsError
from halo_async.export.progress import OnProgress, Progress


class NotebookProgress:
    """Bars in Jupyter, which `halo.export` shows there by itself; elsewhere `on_progress=NotebookProgress()`.

    :raises SettingsError: this is not a notebook, since IPython is missing.
    """

    def __init__(self) -> None:
        try:
            self._display: Any = import_module("IPython.display").display
        except ModuleNotFoundError:
            raise SettingsError(
                "NotebookProgress needs a notebook. Leave out on_progress, or pass a function of your own."
            ) from None
        self._steps: dict[str, Progress] = {}
        self._handle: Any = None

    def __call__(self, step: Progress) -> None:
        """Draw a step."""
        self._steps[step.resource] = step
        if self._handle is None:
            self._handle = self._display(self, display_id=True)
        else:
            self._handle.update(self)

    def _repr_html_(self) -> str:
        rows = "".join(map(_format_row, self._steps.values()))
        return f"<table><tbody>{rows}</tbody></table>"

    def __repr__(self) -> str:
        return "\n".join(
            f"{step.resource}: {step.rows:,} rows, {step.state}" for step in self._steps.values()
        )


def own_progress() -> OnProgress | None:
    """Return bars where cells can show them; None elsewhere, where a program shows its progress as it wants."""
    return NotebookProgress() if in_kernel() else None


def _format_row(step: Progress) -> str:
    share = f' value="{step.rows}" max="{max(step.total, step.rows, 1)}"' if step.total is not None else ""
    whole = ' value="1" max="1"' if step.state.over else share
    total = f" of {step.total:,}" if step.total is not None else ""
    cells = (f"<progress{whole}></progress>", f"{step.rows:,}{total} rows", step.state)
    return f"<tr><th>{escape(step.resource)}</th>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
