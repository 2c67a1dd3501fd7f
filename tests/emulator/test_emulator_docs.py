"""What the documentation shows works as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import attrs
import pytest

from halo_async._utils.openapi_document import load_document
from halo_async.emulator import Behaviour, Behind, Churn, Emulator, Fault
from halo_async.emulator.config import EmulatorConfig, LimitConfig
from halo_async.emulator.config_fields import read_object

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "emulator.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)


def test_the_test_in_ten_lines_passes_in_a_project_of_its_own(tmp_path):
    (tmp_path / "test_mine.py").write_text(blocks("python")[0])
    # Without an installed package there is no entry point: name the plugin. Where there is one, this changes nothing.
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "halo_async.emulator.pytest_plugin",
        "-p",
        "no:randomly",
        str(tmp_path),
    ]
    root = Path(__file__).resolve().parents[2]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "1 passed" in done.stdout, done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_alone_logs_in_lists_and_creates(halo_emulator):
    shell = ["sh", "-euc", blocks("sh")[0]]
    known = {"URL": halo_emulator.url, "ID": halo_emulator.client_id, "SECRET": halo_emulator.client_secret}
    done = subprocess.run(shell, env=os.environ | known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert '"record_count":1000' in done.stdout
    assert halo_emulator.requests("tickets.upsert")[0].json() == [{"summary": "From the shell"}]


def test_the_file_of_the_docs_is_a_whole_configuration() -> None:
    (text,) = blocks("toml")
    values = tomllib.loads(text)
    config = read_object(EmulatorConfig, values).checked(load_document())
    assert len(config.faults) == 2
    Emulator(**{**attrs.asdict(config, recurse=False), "document": None})
    table = DOCS.partition("| Table | Keys |")[2].partition("\n\n")[0]
    tables = (
        ("faults", Fault),
        ("churn", Churn),
        ("rate-limit", LimitConfig),
        ("proxies", Behind),
        ("behaviour", Behaviour),
    )
    for name, cls in tables:
        (row,) = [line for line in table.splitlines() if line.startswith(("| `[" + name, "| `[[" + name))]
        assert {f"`{field}`" for field in attrs.fields_dict(cls)} - {"`options`"} <= set(
            re.findall(r"`\w+`", row)
        )
