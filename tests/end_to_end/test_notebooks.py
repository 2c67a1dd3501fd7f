"""A notebook that runs in a kernel, against an instance over a real socket."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator.thread import in_thread

nbclient: Any = pytest.importorskip("nbclient", reason="nbclient is not installed")
nbformat: Any = pytest.importorskip("nbformat", reason="nbformat is not installed")
pytest.importorskip("ipykernel", reason="ipykernel is not installed")

ROOT = Path(__file__).resolve().parents[2]
CELLS = {
    "import": "from halo_async import Halo, blocking\nfrom halo_async.export import NotebookProgress",
    "await": "halo = Halo.from_env()\nticket = await halo.tickets.get(1)\nticket",
    "unread": "halo.tickets.list()",
    "page": "await halo.tickets.list()",
    "report": "await halo.report.sql('SELECT TOP 5 faultid FROM faults')",
    "export": "await halo.export(['client'], 'out', on_progress=NotebookProgress())",
    "own bars": "await halo.export(['client', 'site'], 'own')",
    "no bars": "await halo.export(['client'], 'none', on_progress=lambda step: None)",
    "close": "await halo.aclose()",
    "blocking": "with blocking.Halo.from_env() as halo:\n    last = halo.tickets.get(2)\nlast",
    "blocking bars": "with blocking.Halo.from_env() as halo:\n    _ = halo.export(['client'], 'blocking')",
    "blocking unread": "blocking.Halo.from_env().tickets.list()",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each cell shows: the data of its last output."""
    folder = tmp_path_factory.mktemp("notebook")
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS.values()]
    kernel = {"name": "python3", "display_name": "Python", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    with in_thread(tickets=300, rate_limit=None) as emulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALO_INSTANCE", emulator.url)
        patch.setenv("HALO_CLIENT_ID", emulator.client_id)
        patch.setenv("HALO_CLIENT_SECRET", emulator.client_secret)
        patch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        patch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        _run(notebook, folder)
        requests = len(emulator.requests("GET /Tickets"))
    shown = {name: cell.outputs for name, cell in zip(CELLS, cells, strict=True)}
    return {
        **{name: each[-1].get("data", {}) if each else {} for name, each in shown.items()},
        "first": {name: each[0].get("data", {}) if each else {} for name, each in shown.items()},
        "count": {name: len(each) for name, each in shown.items()},
        "requests": requests,
    }


def _run(notebook: Any, folder: Path) -> None:
    import warnings

    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class Manager(AsyncKernelManager):  # type: ignore[misc]
        """The kernel of this Python, wherever kernels are installed."""

        @property
        def kernel_spec(self) -> Any:
            argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=argv, display_name="Python", language="python")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the notebook's own packages
        client = nbclient.NotebookClient(
            notebook, timeout=60, kernel_manager_class=Manager, resources={"metadata": {"path": str(folder)}}
        )
        client.execute()


def test_await_at_the_top_works_and_a_record_is_a_table(outputs: dict[str, Any]) -> None:
    shown = outputs["await"]["text/html"]
    assert "<th>Ticket</th>" in shown
    assert "<td>summary</td>" in shown


def test_a_list_that_was_not_read_says_so_and_sends_nothing(outputs: dict[str, Any]) -> None:
    assert "Nothing has been requested yet" in outputs["unread"]["text/html"]
    assert "await" in outputs["unread"]["text/html"]
    assert "await" not in outputs["blocking unread"]["text/html"]
    assert outputs["requests"] == 1  # of the page


def test_a_page_and_a_report_are_tables(outputs: dict[str, Any]) -> None:
    assert "20 of 300 rows" in outputs["page"]["text/html"]
    assert "<th>summary</th>" in outputs["page"]["text/html"]
    assert "5 of 5 rows" in outputs["report"]["text/html"]


def test_an_export_has_bars_and_its_report_is_a_table(outputs: dict[str, Any]) -> None:
    assert "<td>client</td>" in outputs["export"]["text/html"]
    assert "<td>done</td>" in outputs["export"]["text/html"]


def test_an_export_shows_its_bars_by_itself_and_a_function_of_ones_own_replaces_them(
    outputs: dict[str, Any],
) -> None:
    first = {name: outputs["first"][name]["text/html"] for name in ("own bars", "no bars", "blocking bars")}
    assert first["own bars"].count('<progress value="1" max="1">') == 2
    assert "<th>site</th>" in first["own bars"]
    assert "<progress" in first["blocking bars"]
    assert "<progress" not in first["no bars"]
    assert (outputs["count"]["own bars"], outputs["count"]["no bars"]) == (2, 1)  # the second is the report


def test_a_cell_may_wait_for_the_blocking_client(outputs: dict[str, Any]) -> None:
    assert "<th>Ticket</th>" in outputs["blocking"]["text/html"]
