"""A fault in one resource's work ends that resource, and no other."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.cli.export_report import exit_code
from halo_async.export import export
from halo_async.export.fetch import PageFetcher
from halo_async.export.options import ExportOptions
from halo_async.export.progress import State
from halo_async.export.sinks import SinkInput, sink
from halo_async.export.stream import stream
from tests.support.export_kit import FORMATS, needs, only, rows_of

FAULTS = [
    ValueError("odd"),
    KeyError("x"),
    RecursionError(),
    MemoryError(),
    OverflowError("big"),
    TypeError(),
]


def broken(error: Exception) -> Callable[..., Any]:
    def finish(self: Any, material: SinkInput) -> Any:
        raise error

    return finish


@pytest.mark.parametrize("error", FAULTS, ids=repr)
async def test_a_fault_while_one_file_is_made_ends_no_other_and_is_resumed(
    halo: Halo, tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind: Any = type(sink("csv"))
    whole = kind.finish

    def finish(self: Any, material: SinkInput) -> Any:
        if material.name == "client":
            raise error
        return whole(self, material)

    monkeypatch.setattr(kind, "finish", finish)
    report = await export(halo, ["client", "tickets", "agent"], tmp_path, format="csv")
    states = {item.resource: item.state for item in report.resources}
    assert states == {"client": State.FAILED, "tickets": State.DONE, "agent": State.DONE}
    item = report.resources[0]
    assert item.error_type == type(error).__name__
    assert item.error is not None
    assert "bug in halo-async" in item.error
    assert type(error).__name__ in item.error
    assert exit_code(report) == 5
    monkeypatch.undo()
    again = await export(halo, [], tmp_path, resume=True)
    assert again.complete
    assert len(rows_of(tmp_path, "csv", "client")) == 25


@pytest.mark.parametrize("format", FORMATS)
async def test_a_fault_in_every_sink_is_contained(
    halo: Halo, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(format)
    monkeypatch.setattr(type(sink(format)), "finish", broken(ValueError("odd")))
    report = await export(halo, ["client", "agent"], tmp_path, format=format)
    assert {item.state for item in report.resources} == {State.FAILED}
    assert exit_code(report) == 5
    monkeypatch.undo()
    assert (await export(halo, [], tmp_path, resume=True)).complete


@pytest.mark.parametrize("format", FORMATS)
async def test_a_fault_while_a_file_is_brought_up_to_date_leaves_it_as_it_was(
    halo: Halo, tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs(format)
    await export(halo, ["client", "agent"], tmp_path, format=format)
    monkeypatch.setattr(type(sink(format)), "merge", broken(ValueError("odd")))
    report = await export(halo, [], tmp_path, since="last")
    assert not report.complete
    assert exit_code(report) == 5
    monkeypatch.undo()
    assert len(rows_of(tmp_path, format, "client")) == 25
    assert (await export(halo, [], tmp_path, since="last", resume=True)).complete


async def test_a_fault_while_rows_are_read_ends_no_other(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = PageFetcher.page

    async def odd(self: PageFetcher, *args: Any, **options: Any) -> Any:
        if self.operation.path == "/Tickets":
            raise ArithmeticError("odd")
        return await read(self, *args, **options)

    monkeypatch.setattr(PageFetcher, "page", odd)
    report = await export(halo, ["tickets", "actions", "client"], tmp_path)
    states = {item.resource: item.state for item in report.resources}
    assert states == {"tickets": State.FAILED, "actions": State.INCOMPLETE, "client": State.DONE}
    assert exit_code(report) == 5


async def test_a_fault_with_a_single_resource_is_no_refusal(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def odd(self: PageFetcher, *args: Any) -> Any:
        raise ArithmeticError("odd")

    monkeypatch.setattr(PageFetcher, "page", odd)
    report = await export(halo, ["client"], tmp_path)
    assert only(report).rows == 0
    assert exit_code(report) == 5


async def test_a_fault_while_rows_go_into_a_stream_is_in_its_report(
    halo: Halo, monkeypatch: pytest.MonkeyPatch
) -> None:
    from halo_async.export.names import resolve_names

    class Odd:
        def write(self, data: bytes) -> int:
            raise ArithmeticError("odd")

        def flush(self) -> None:
            return

    file: Any = Odd()
    report = await stream(halo, resolve_names(["client"])[0], ExportOptions("jsonl"), file)
    assert only(report).state is State.FAILED
    assert "bug in halo-async" in (only(report).error or "")


async def test_a_full_disk_is_no_fault_of_halo_async(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(type(sink("csv")), "finish", broken(full))
    item = only(await export(halo, ["client"], tmp_path, format="csv"))
    assert item.error == "The file cannot be written: no space left on device."
