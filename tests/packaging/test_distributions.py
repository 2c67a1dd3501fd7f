"""The distributions that `nox -s build` made: what they hold, what they need, and that they work by themselves."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

DIST = os.environ.get("HALO_DISTRIBUTIONS")
pytestmark = pytest.mark.skipif(DIST is None, reason="distributions are built and checked by `nox -s build`")
MOST_BYTES = 12_000_000
ROOT = Path(__file__).resolve().parents[2]
NAMES = ("halo_async", "halo_async_generator")


def one(pattern: str) -> Path:
    (found,) = Path(str(DIST)).resolve().glob(pattern)
    return found


def wheel(name: str) -> Path:
    return one(f"{name}-[0-9]*.whl")


def contents(path: Path) -> dict[str, str]:
    """The digest of each file of a wheel but the list of them."""
    with zipfile.ZipFile(path) as archive:
        return {
            name: hashlib.sha256(archive.read(name)).hexdigest()
            for name in archive.namelist()
            if not name.endswith("RECORD")
        }


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "HALO_"))}
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=clean | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """A Python with the wheel and what it requires, and nothing else."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    found = folder / "venv" / "bin" / "python"
    run(found, "-m", "pip", "install", "--quiet", wheel("halo_async"), cwd=folder)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_sdist_builds_the_same_wheel(name: str, python: Path, tmp_path: Path) -> None:
    with tarfile.open(one(f"{name}-[0-9]*.tar.gz")) as archive:
        archive.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    build = [python, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "again"]
    run(*build, source, cwd=tmp_path)
    (again,) = (tmp_path / "again").glob("*.whl")
    assert contents(again) == contents(wheel(name))


def test_the_wheel_is_small_and_holds_no_tests() -> None:
    with zipfile.ZipFile(wheel("halo_async")) as archive:
        assert sum(file.file_size for file in archive.infolist()) < MOST_BYTES
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in tops if not name.endswith(".dist-info")} == {"halo_async"}


def test_the_readme_of_the_wheel_has_no_dead_links_or_pictures() -> None:
    with zipfile.ZipFile(wheel("halo_async")) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    text = metadata.get_payload()
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "pip install" in text
    assert re.findall(r"\]\((?!https?:|#)[^)]*\)", text) == []
    assert "$ halo-async export tickets" in text, "the picture of the export, as text"
    assert "raw aiohttp + orjson" in text, "the chart, as text"


def test_what_the_wheel_requires_is_enough_and_nothing_else_is_loaded(python: Path, tmp_path: Path) -> None:
    program = (
        "import asyncio, halo_async\n"
        "from halo_async import ClientCredentials, Halo\n"
        "from halo_async.emulator import Emulator\n"
        "async def main():\n"
        "    async with Emulator(tickets=3, rate_limit=None) as emulator:\n"
        "        login = ClientCredentials(emulator.client_id, emulator.client_secret)\n"
        "        async with Halo(emulator.url, login) as halo:\n"
        "            report = await halo.export('tickets', 'out')\n"
        "            print(len(await halo.tickets.list().all()), report.complete)\n"
        "asyncio.run(main())\n"
    )
    assert run(python, "-W", "error", "-c", program, cwd=tmp_path) == "3 True\n"
    assert len(list(halo_async_operations(python, tmp_path))) == 1558


def halo_async_operations(python: Path, cwd: Path) -> list[str]:
    return run(
        python, "-c", "import halo_async\nfor each in halo_async.operations(): print(each)", cwd=cwd
    ).splitlines()


def test_the_types_of_the_wheel_are_used_by_a_type_checker(python: Path, tmp_path: Path) -> None:
    run(python, "-m", "pip", "install", "--quiet", "mypy", cwd=tmp_path)
    (tmp_path / "typed.py").write_text(
        "from halo_async import Halo, models\n\n\n"
        "async def first(halo: Halo) -> models.Ticket:\n    return await halo.tickets.get(1)\n\n\n"
        "async def wrong(halo: Halo) -> models.Client:\n    return await halo.tickets.get(1)\n",
        "utf-8",
    )
    command = [str(python), "-m", "mypy", "--strict", "typed.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert re.findall(r"typed.py:(\d+): error", done.stdout) == ["9"], done.stdout + done.stderr


def test_the_generator_works_from_its_wheel(python: Path, tmp_path: Path) -> None:
    run(python, "-m", "pip", "install", "--quiet", wheel("halo_async_generator"), cwd=tmp_path)
    document = ROOT / "spec" / "halo.openapi.json"
    run(python.with_name("halo-async-generator"), document, "--out", "acme_halo", cwd=tmp_path)
    program = "import acme_halo; print(acme_halo.Halo.__name__)"
    assert run(python, "-c", program, cwd=tmp_path, PYTHONPATH=str(tmp_path)) == "Halo\n"
