"""A package is written whole or not at all, and the old one stays whole until then, whatever happens to the run."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from halo_generator import emit, output, pipeline
from halo_generator.__main__ import main
from halo_generator.errors import OutputError
from tests.support.documents import TEXT, service_desk


@pytest.fixture
def document(tmp_path) -> Path:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(service_desk()), "utf-8")
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def older(out: Path) -> dict[str, bytes]:
    """A package of another document, written to ``out``: its files."""
    found = service_desk()
    found["components"]["schemas"]["Older"] = {"type": "object", "properties": {"a": TEXT}}
    pipeline.write_package(pipeline.made_of(found), out, "acme")
    return files(out)


def test_a_new_package_takes_the_old_ones_place_with_nothing_left_of_it_or_beside_it(document, tmp_path):
    before = older(tmp_path / "acme")
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 0
    assert "models/older.py" in before
    assert "models/older.py" not in files(tmp_path / "acme")
    assert {path.name for path in tmp_path.iterdir()} == {"acme", "document.json"}


@pytest.mark.parametrize("present", [True, False])
def test_a_full_disk_leaves_what_stood_there(document, tmp_path, monkeypatch, present, capsys):
    out = tmp_path / "acme"
    before = older(out) if present else None
    written = []

    def full(path: Path, *given, **named):
        written.append(path)
        if len(written) > 5:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, *given, **named)

    real = Path.write_text
    monkeypatch.setattr(Path, "write_text", full)
    assert main([str(document), "--out", str(out)]) == 2
    assert "No space left" in capsys.readouterr().err
    assert (files(out) if out.exists() else None) == before
    assert {path.name for path in tmp_path.iterdir()} <= {"acme", "document.json"}


def test_what_cannot_be_formatted_leaves_what_stood_there(document, tmp_path, monkeypatch, capsys):
    before = older(tmp_path / "acme")
    monkeypatch.setattr(emit, "HEADER", "\n(")
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be formatted by ruff" in line
    assert files(tmp_path / "acme") == before


KILLED = """
import os, signal, sys
from halo_generator import emit, output
from halo_generator.__main__ import main
def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
module, name = sys.argv[1].split(".")
after = sys.argv[2] == "after"
real = getattr({"emit": emit, "output": output}[module], name)
def run(*given, **named):
    done = real(*given, **named) if after else None
    killed()
setattr({"emit": emit, "output": output}[module], name, run)
main(sys.argv[3:])
"""


@pytest.mark.parametrize(
    ("where", "when", "is_new"),
    [
        ("emit._format", "before", False),
        ("output._take_place", "before", False),
        ("output._exchange", "before", False),
        ("output._exchange", "after", True),
    ],
)
def test_a_killed_run_leaves_the_old_package_or_the_new_one(document, tmp_path, where, when, is_new):
    if where == "output._exchange" and output._renaming() is None:
        pytest.skip("this system cannot exchange two folders in one step")
    out = tmp_path / "acme"
    before = older(out)
    command = [sys.executable, "-c", KILLED, where, when, str(document), "--out", str(out)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == -9
    assert ("models/older.py" not in files(out)) is is_new
    assert is_new or files(out) == before
    assert len(list(tmp_path.glob(".acme.new-*"))) == 1
    assert main([str(document), "--out", str(out)]) == 0  # what the killed run left is in nobody's way
    assert "models/older.py" not in files(out)
    assert {path.name for path in tmp_path.iterdir()} == {"acme", "document.json"}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")
def test_what_is_not_left_of_a_killed_run_is_left_alone(document, tmp_path):
    mark = output._MARK
    theirs, moved, empty = (tmp_path / f".acme.new-{name}" for name in ("theirs", "moved", "empty"))
    link, alive = tmp_path / ".acme.new-link", tmp_path / ".acme.new-alive"
    for folder in (theirs, moved, empty, alive):
        (folder / "acme").mkdir(parents=True)
        (folder / mark).write_text("" if folder == empty else "x")
    (theirs / "notes.txt").write_text("mine")
    (moved / "acme" / "api.old").mkdir()
    link.symlink_to(alive)
    (tmp_path / ".acme.new-file").write_text("mine")
    before = {path.name for path in tmp_path.iterdir()}
    with (alive / mark).open("r+") as held:
        assert output._lock(held, wait=True)
        assert main([str(document), "--out", str(tmp_path / "acme")]) == 0
        assert {path.name for path in tmp_path.iterdir()} == before | {"acme"}
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == (before | {"acme"}) - {alive.name}


def test_a_system_that_cannot_exchange_folders_renames_twice(document, tmp_path, monkeypatch):
    older(tmp_path / "acme")
    monkeypatch.setattr(output, "_renaming", lambda: None)
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 0
    assert "models/older.py" not in files(tmp_path / "acme")
    assert {path.name for path in tmp_path.iterdir()} == {"acme", "document.json"}


def test_the_old_package_comes_back_where_the_second_renaming_fails(document, tmp_path, monkeypatch):
    before = older(tmp_path / "acme")
    monkeypatch.setattr(output, "_renaming", lambda: None)
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if path.name == "acme" and target == tmp_path / "acme":
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 2
    assert files(tmp_path / "acme") == before


def test_a_report_that_cannot_be_written_leaves_the_old_package(document, tmp_path):
    before = older(tmp_path / "acme")
    options = ["--out", str(tmp_path / "acme"), "--report", str(tmp_path / "missing" / "report.json")]
    assert main([str(document), *options]) == 2
    assert files(tmp_path / "acme") == before


def test_a_link_to_a_folder_stays_a_link(document, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "acme").symlink_to(tmp_path / "real")
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 0
    assert (tmp_path / "acme").is_symlink()
    assert (tmp_path / "real" / "api" / "tickets.py").is_file()


def test_a_mount_point_is_refused_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "acme").mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda path: path.name == "acme")
    with pytest.raises(OutputError, match="Name a folder in it"):
        pipeline.write_package(pipeline.made_of(service_desk()), tmp_path / "acme", "acme")
    assert os.listdir(tmp_path / "acme") == []


def test_a_new_package_has_the_mode_of_the_old_one(document, tmp_path):
    older(tmp_path / "acme")
    (tmp_path / "acme").chmod(0o750)
    assert main([str(document), "--out", str(tmp_path / "acme")]) == 0
    assert (tmp_path / "acme").stat().st_mode & 0o777 == 0o750
