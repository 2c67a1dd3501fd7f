"""A disk that is full, in every format, while rows are gathered and while the file is made (F54).

A limit on the size of files stands in for it: the kernel refuses the write that would pass it.
"""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from halo_async.emulator import Emulator
from halo_async.export.report import Report
from tests.support.cli_kit import environment, login, start, stopped
from tests.support.export_kit import needs
from tests.support.file_limit import limiting

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits"),
    pytest.mark.halo(tickets=300),
]
SLOWLY = """
import time
from halo_async.export.sinks import SinkInput
go_on = SinkInput.go_on
def slowly(*given):
    time.sleep(0.002)
    return go_on(*given)
SinkInput.go_on = slowly
"""
"""Between any two rows of the file that is made."""
RUN = """
import sys
from halo_async.cli import main
sys.exit(main())
"""
FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "duckdb", "sqlite"]
LIMIT = limiting(20_000)
FULL = {
    "gathering": LIMIT,
    "beginning": limiting(9_000),
    "making": f"""
from halo_async.export.ledger import ExportLedger
fetched = ExportLedger.fetched
def then_full(self):
    fetched(self)
    exec({LIMIT!r})
ExportLedger.fetched = then_full
""",
}
"""Files may have 20,000 bytes, less than the gathered rows and the file of any format: from the beginning, or after all
rows are there. A database of DuckDB has 12,288 when it is begun."""


def exported(emulator: Emulator, folder: Path, full: str | None, *arguments: str) -> tuple[int, str]:
    before = "" if full is None else FULL[full]
    done = subprocess.run(
        [sys.executable, "-c", f"{before}{RUN}", "export", *arguments],
        env=environment(**login(emulator)),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("format", "full"),
    [(format, "gathering") for format in FORMATS]
    + [(format, "making") for format in FORMATS if format in ("csv", "parquet", "duckdb", "sqlite")],
)
def test_f54_a_full_disk_is_one_sentence_and_the_export_is_resumed(
    halo_emulator: Emulator, tmp_path: Path, format: str, full: str
) -> None:
    needs(format)
    code, err = exported(halo_emulator, tmp_path, full, "tickets", "--out", "a b", "--format", format)
    errors = [line for line in err.splitlines() if line.startswith("error: ")]
    assert code == 5, err
    assert len(errors) == 1, err
    assert "cannot be written" in errors[0]
    assert "Traceback" not in err
    report = Report.read(tmp_path / "a b")
    assert report is not None
    assert (report.resources[0].rows == 300) is (full == "making")
    code, err = exported(halo_emulator, tmp_path, None, "--resume", "--out", "a b")
    assert code == 0, err
    report = Report.read(tmp_path / "a b")
    assert report is not None
    assert report.resources[0].rows == 300
    assert not [
        path.name for path in (tmp_path / "a b").iterdir() if ".part" in path.name or path.name[0] == "."
    ]


def test_f54_a_database_that_could_not_be_begun_is_no_file(halo_emulator: Emulator, tmp_path: Path) -> None:
    needs("duckdb")
    code, err = exported(
        *(halo_emulator, tmp_path, "beginning", "release_type", "--out", "out", "--format", "duckdb")
    )
    assert code == 5, err
    assert "cannot be written" in err
    assert not list((tmp_path / "out").glob("halo.duckdb*"))
    code, err = exported(halo_emulator, tmp_path, None, "--resume", "--out", "out")
    assert code == 0, err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["halo.duckdb", "report.json"]


@pytest.mark.halo(tickets=4000)
def test_f54_ctrl_c_while_the_file_is_made_leaves_what_can_be_resumed(
    halo_emulator: Emulator, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = start(
        *("export", "tickets", "--out", "out", "--format", "sqlite"),
        env=login(halo_emulator),
        cwd=tmp_path,
        before=SLOWLY,
    )
    shown = stopped(process, signal.SIGINT, (out / "halo.sqlite").exists)
    assert shown.code == 130, shown
    assert "The export in out is unfinished. Run the same command with --resume." in shown.err
    assert "Traceback" not in shown.err
    code, err = exported(halo_emulator, tmp_path, None, "--resume", "--out", "out")
    assert code == 0, err
    assert len(halo_emulator.requests("GET /Tickets")) <= 43
    with closing(sqlite3.connect(out / "halo.sqlite")) as database:
        assert database.execute("SELECT count(*), count(DISTINCT id) FROM tickets").fetchall() == [
            (4000, 4000)
        ]
    assert sorted(path.name for path in out.iterdir()) == ["halo.sqlite", "report.json"]
