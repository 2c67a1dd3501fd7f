"""Bar charts as SVG, each on a card of its own, so that they look the same on light and on dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

import attrs

WIDTH, LEFT, BAR, GAP, TOP = 760, 232, 22, 10, 66
RIGHT = 150
"""Room for the text beside the longest bar."""
OWN, OTHER, LIMIT = "#0b6bcb", "#9aa7b4", "#4f5b66"
INK, PALE, CARD, EDGE = "#1c2733", "#566370", "#ffffff", "#d5dbe1"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


@attrs.frozen
class Bar:
    """One case."""

    name: str
    value: float | None
    """None: not measured; `text` contains the reason."""
    text: str
    colour: str = OTHER
    within: tuple[float, float] | None = None
    """The quartiles if there is no number, drawn as a bar that fades out."""


def bars(title: str, subtitle: str, rows: Sequence[Bar]) -> str:
    """Return a chart of horizontal bars that start at 0."""
    height = TOP + len(rows) * (BAR + GAP) + 14
    most = max((_end(row) for row in rows), default=0) or 1
    drawn = [_bar(row, TOP + number * (BAR + GAP), most) for number, row in enumerate(rows)]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" aria-label="{escape(title, {chr(34): "&quot;"})}" font-family="{FONT}">',
        f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8" fill="{CARD}" stroke="{EDGE}"/>',
        f'<text x="20" y="30" font-size="17" font-weight="600" fill="{INK}">{escape(title)}</text>',
        f'<text x="20" y="50" font-size="13" fill="{PALE}">{escape(subtitle)}</text>',
        *drawn,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def bars_as_text(title: str, subtitle: str, rows: Sequence[Bar]) -> str:
    """Return the same chart as lines of text, for where no picture is shown."""
    most = max((_end(row) for row in rows), default=0) or 1
    name = max((len(row.name) for row in rows), default=0)
    lines = [f"{row.name:{name}}  {_blocks(row, most)}{row.text}" for row in rows]
    return "\n".join([title, subtitle, "", *lines]) + "\n"


def _blocks(row: Bar, most: float) -> str:
    if row.value is None and row.within is None:
        return ""
    return "█" * max(1, round(30 * _end(row) / most)) + " "


def _end(row: Bar) -> float:
    return row.value or (row.within[1] if row.within else 0.0)


def _bar(row: Bar, y: int, most: float) -> str:
    middle = y + BAR / 2 + 4.5
    weight = ' font-weight="600"' if row.colour == OWN else ""
    name = f'<text x="{LEFT - 12}" y="{middle}" font-size="13" text-anchor="end" fill="{INK}"{weight}>'
    label = f"{name}{escape(row.name)}</text>"
    if row.value is None and row.within is None:
        return (
            f'{label}\n<text x="{LEFT}" y="{middle}" font-size="12" fill="{PALE}">{escape(row.text)}</text>'
        )
    room = WIDTH - LEFT - RIGHT
    width = max(2.0, room * _end(row) / most)
    sure = width if row.within is None else max(2.0, room * row.within[0] / most)
    bar = f'<rect x="{LEFT}" y="{y}" width="{sure:.1f}" height="{BAR}" rx="3" fill="{row.colour}"/>'
    if sure < width:
        rest = f'x="{LEFT + sure:.1f}" y="{y}" width="{width - sure:.1f}" height="{BAR}"'
        bar += f'\n<rect {rest} rx="3" fill="{row.colour}" opacity="0.35"/>'
    text = f'<text x="{LEFT + width + 8:.1f}" y="{middle}" font-size="13" fill="{INK}"{weight}>'
    return f"{label}\n{bar}\n{text}{escape(row.text)}</text>"
