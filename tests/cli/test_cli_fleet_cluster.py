"""`halo-async fleet export --scheduler`: workers of a Dask cluster export the instances, each as a task."""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import environment

pytest.importorskip("distributed", reason="Dask is not installed")
SECRET = "canary-secret"
PATIENCE = 120


async def test_workers_export_the_instances_and_one_that_fails_is_reported(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        found: dict[str, Emulator] = {}
        lines = ['[defaults]\nrate_limit = "none"\nclient_secret_env = "RIGHT"\n']
        for number in range(6):
            options: dict[str, Any] = {"tickets": 10 + number, "rate_limit": None, "client_secret": SECRET}
            emulator = await stack.enter_async_context(Emulator(seed=number, **options))
            found[f"i{number}"] = emulator
            wrong = 'client_secret_env = "WRONG"\n' if number == 2 else ""
            known = f'instance = "{emulator.url}"\nclient_id = "{emulator.client_id}"\n'
            lines.append(f"[instances.i{number}]\n{known}{wrong}")
        found["i4"].faults.add([Fault("F18", "GET /Tickets", "forbidden")])
        (tmp_path / "fleet.toml").write_text("\n".join(lines))

        async def exported(*options: str) -> tuple[int | None, str, str]:
            process = await asyncio.create_subprocess_exec(
                *(
                    sys.executable,
                    "-m",
                    "halo_async.cli",
                    "fleet",
                    "export",
                    "tickets",
                    "--json",
                    "--out",
                    "out",
                ),
                *("--format", "parquet", "--file", "fleet.toml", "--scheduler", "local:2", *options),
                env=environment(RIGHT=SECRET, WRONG="canary-wrong"),
                cwd=tmp_path,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(PATIENCE):
                    out, err = await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            assert "canary" not in out.decode() + err.decode()
            return process.returncode, out.decode(), err.decode()

        code, out, err = await exported()
        assert (code, err) == (5, "")
        results = {one["instance"]: one for one in json.loads(out)}
        assert [name for name, one in results.items() if not one["ok"]] == ["i2", "i4"]
        assert results["i2"]["exit_code"] == 3
        assert "Rows are missing (tickets: " in results["i4"]["error"]
    duckdb = pytest.importorskip("duckdb")
    files = str(tmp_path / "out" / "*" / "tickets.parquet")
    rows = duckdb.sql(
        f"SELECT instance, count(*) FROM read_parquet('{files}', union_by_name = true) GROUP BY ALL"
    )
    assert dict(rows.fetchall()) == {f"i{number}": 10 + number for number in (0, 1, 3, 5)}
