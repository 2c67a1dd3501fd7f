"""Make the picture of the README: a running export as the terminal shows it. `python -m website.still`.

Beside the picture stands its text, for indexes of packages, which show no picture of the repository.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from halo_async import ClientCredentials, Halo
from halo_async.cli.progress import Picture, ProgressBars
from halo_async.emulator import Emulator
from halo_async.export import Progress

TARGET = Path(__file__).resolve().parents[1] / "docs" / "assets" / "export.svg"
COMMAND = "$ halo-async export tickets actions users client --out backup"
WIDTH = 84
SHOWN_AT = 0.6
"""Part of the tickets that have been exported when the picture is taken."""
_FOREIGN = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


async def still() -> tuple[str, str]:
    """Return the picture of an export of an emulated instance, and its text."""
    screen = Console(file=io.StringIO(), force_terminal=True, width=WIDTH, height=20, record=True)
    with tempfile.TemporaryDirectory() as folder, Picture(console=screen, auto_refresh=False) as bars:
        draw = ProgressBars(bars)
        taken: list[tuple[str, str]] = []

        def watch(step: Progress) -> None:
            draw(step)
            far = step.resource == "tickets" and step.total and step.rows >= SHOWN_AT * step.total
            if far and not taken:
                taken.append(_picture(bars))

        async with Emulator(tickets=20_000, rate_limit=None) as emulator:
            login = ClientCredentials(emulator.client_id, emulator.client_secret)
            async with Halo(emulator.url, login, rate_limit=None) as halo:
                names = ["tickets", "actions", "users", "client"]
                await halo.export(names, Path(folder) / "backup", on_progress=watch)
    return taken[0]


def _picture(bars: Picture) -> tuple[str, str]:
    paper = Console(file=io.StringIO(), force_terminal=True, width=WIDTH, record=True)
    paper.print(COMMAND)
    paper.print(bars.get_renderable())
    picture = paper.export_svg(
        title="halo-async", code_format=_FOREIGN.sub("", CONSOLE_SVG_FORMAT), clear=False
    )
    lines = [line.rstrip() for line in paper.export_text().splitlines()]
    return picture, "\n".join(lines) + "\n"


if __name__ == "__main__":
    picture, text = asyncio.run(still())
    TARGET.write_text(picture, "utf-8")
    TARGET.with_suffix(".txt").write_text(text, "utf-8")
    print(TARGET, file=sys.stderr)
