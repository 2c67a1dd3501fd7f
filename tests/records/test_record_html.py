"""Tables of records and pages in notebooks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async import Halo, Page, models
from halo_async.emulator import Emulator
from halo_async.export import NotebookProgress, Progress
from halo_async.export.progress import State


@given(st.text(), st.text())
def test_every_text_is_escaped(name: str, value: str) -> None:
    row = models.Ticket(summary=value)
    row[f"x{name}"] = f"<script>{value}</script>"
    for html in (
        row._repr_html_(),
        Page([row], 1, {})._repr_html_(),
        Page([{f"<b>{name}": "<i>"}], 1, {})._repr_html_(),
    ):
        assert not {"<script>", "<b>", "<i>"} & {html[i : i + n] for i in range(len(html)) for n in (3, 8)}


def test_secrets_are_stars() -> None:
    row = models.Ticket(summary="x")
    row["api_password"] = "canary"
    page = Page([row], 1, {})
    assert "canary" not in row._repr_html_() + page._repr_html_()
    assert "***" in page._repr_html_()


def test_a_table_is_bounded() -> None:
    rows: list[Any] = [{f"c{n}": "y" * 500 for n in range(300)} for _ in range(1000)]
    html = Page(rows, 5000, {})._repr_html_()
    assert "20 of 5,000 rows, 12 of 300 columns" in html
    assert len(html) < 50_000
    wide = models.Ticket()
    for n in range(300):
        wide[f"field{n}"] = n
    assert "240 more fields" in wide._repr_html_()


def test_rows_that_are_no_records_have_a_table_too() -> None:
    assert "1 of 1 rows" in Page([5], None, {})._repr_html_()
    assert "0 of 0 rows" in Page([], None, {})._repr_html_()


async def test_what_was_not_read_sends_nothing(halo: Halo, halo_emulator: Emulator) -> None:
    before = len(halo_emulator.requests)
    assert "Nothing has been requested" in halo.tickets.list()._repr_html_()
    assert "not been requested" in halo.report.sql("SELECT 1")._repr_html_()
    assert len(halo_emulator.requests) == before


def test_bars_are_drawn_in_one_place() -> None:
    pytest.importorskip("IPython", reason="IPython is not installed")
    bars = NotebookProgress()
    bars(Progress("tickets", State.RUNNING, 100, 300, 1, 5, 0.1, None))
    bars(Progress("<tickets>", State.DONE, 300, None, 3, 5, 0.1, None))
    assert 'value="100" max="300"' in bars._repr_html_()
    assert "&lt;tickets&gt;" in bars._repr_html_()
    assert "300 rows, done" in repr(bars)
