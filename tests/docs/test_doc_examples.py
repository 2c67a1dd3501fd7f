"""Every ```python block of docs/ and README.md runs here against an emulator, over real sockets.

The rules, for who writes a page:

- The blocks of a page run in their order and share their names. `await`, `async with` and `async for` stand at the
  top level as they like; a block that calls `asyncio.run` does so outside any event loop.
- These names are there: `client_id`, `client_secret`, `emulator` (an instance of 1000 tickets, no limit), `tmp_path`
  (also the current folder, empty at first), and in each block `halo`, a client of its own, logged in. The variables
  of `Halo.from_env()` are set. The application's id is `client-id`, its secret `client-secret`. What a page does
  to `os.environ` ends with it.
- A host of Halo's (`acme.halopsa.com`, `https://acme.halopsa.com`) stands for the emulator's address.
- Functions called `test_…` are called too, with the names above and `halo_emulator` as arguments.
- `redis://redis.example:6379/0` stands for a redis-server that is started for the page; without one it is skipped.
- A block that raises, warns, or leaves a task, a socket or a file open fails, by page and line.

Comments that no reader sees say otherwise. They stand on the line before a block:

    <!-- fragment -->            only compiled: for what no emulator can run, and nothing else
    <!-- file: fleet.toml -->    a block of any language, written to the current folder; hosts are replaced
    <!-- run -->                 lines of a shell, run by bash in the current folder
    <!-- output -->              what the block before printed, to the letter

Of a page as a whole:

    <!-- needs: fastapi, httpx -->    skipped without these modules, which not every Python has

and a setup runs where it stands, for names that a page uses and need not explain:

    <!-- setup
    last_run = datetime(2024, 1, 1)
    -->
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread
from tests.support.doc_pages import blocks
from tests.support.doc_run import Run
from tests.support.redis_server import running

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PAGES = [
    page for page in TEXTS if re.search(r"```python|^<!-- run -->", page.read_text("utf-8"), re.MULTILINE)
]
REDIS = "redis://redis.example:6379/0"
NEEDS = re.compile(r"^<!-- needs: (.+) -->$", re.MULTILINE)
# Python is called python, so that none of it goes by another name.
LANGUAGES = {"", "python", "sh", "toml", "yaml", "json", "sql"}


@pytest.fixture(scope="module", autouse=True)
def polars_runtime() -> None:
    """Start what polars keeps open from its first query on."""
    with suppress(ModuleNotFoundError):
        polars: Any = import_module("polars")
        polars.LazyFrame({"a": [1]}).filter(polars.col("a") > 0).collect()


@pytest.fixture(scope="module", autouse=True)
def process_tracker() -> None:
    """Start what keeps a pipe open from the first process of `multiprocessing` on."""
    resource_tracker.ensure_running()


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    options = {"client_id": "client-id", "client_secret": "client-secret"}
    with in_thread(tickets=1000, rate_limit=None, **options) as emulator:
        yield emulator


@pytest.fixture
def run(server, tmp_path, monkeypatch) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALO_INSTANCE", server.url)
    monkeypatch.setenv("HALO_CLIENT_ID", server.client_id)
    monkeypatch.setenv("HALO_CLIENT_SECRET", server.client_secret)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    server.reset()
    with patch.dict(os.environ), asyncio.Runner() as runner:
        runner.get_loop()
        yield Run(server, tmp_path, runner)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_python_block_of_the_page_runs(page: Path, run: Run, tmp_path_factory) -> None:
    text = page.read_text("utf-8")
    for names in NEEDS.findall(text):
        for name in names.split(", "):
            pytest.importorskip(name, reason=f"needs {name}")
    if REDIS not in text:
        run.page(blocks(page))
        return
    with running(tmp_path_factory.mktemp("redis")) as redis:
        run.page(blocks(page, text.replace(REDIS, redis.url)))


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_block_of_the_page_is_overlooked(page: Path) -> None:
    fences = [
        line.strip() for line in page.read_text("utf-8").splitlines() if line.lstrip().startswith("```")
    ]
    found = [block for block in blocks(page) if block.rule != "setup"]
    assert len(fences) == 2 * len(found)
    assert {block.language for block in found} <= LANGUAGES


def page_of(text: str):
    return blocks(Path("docs/page.md"), text)


def python(code: str, before: str = "") -> str:
    return f"# Page\n\n{before}\n```python\n{code}\n```\n"


def test_a_block_that_raises_is_named_by_page_and_line(run: Run) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run.page(page_of(python("await halo.tickets.get(1)\n1 / 0")))
    assert caught.value.__notes__ == ["the block at docs/page.md:5"]
    assert (str(caught.traceback[-1].path), caught.traceback[-1].lineno + 1) == ("docs/page.md", 6)


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio\n\nawait asyncio.sleep(0)\ntask = asyncio.create_task(asyncio.Event().wait())",
        "import asyncio\nends = await asyncio.open_connection('127.0.0.1', int(emulator.url.rsplit(':')[-1]))",
        "kept = open('kept.txt', 'w')",
    ],
    ids=["task", "connection", "file"],
)
def test_a_block_that_leaves_something_behind_fails(code: str, run: Run, monkeypatch) -> None:
    monkeypatch.setattr("tests.support.doc_run.PATIENCE", 0.05)
    with pytest.raises(AssertionError, match=r"docs/page.md:5: left behind"):
        run.page(page_of(python(code)))
    run.runner.run(clean_up(run.names))


async def clean_up(names) -> None:
    if "task" in names:
        names["task"].cancel()
    if "kept" in names:
        names["kept"].close()
    if "ends" in names:
        names["ends"][1].close()
        await names["ends"][1].wait_closed()


def test_a_fragment_is_compiled_and_not_run(run: Run) -> None:
    run.page(page_of(python("await nothing_known", "<!-- fragment -->")))
    with pytest.raises(SyntaxError):
        run.page(page_of(python("await await", "<!-- fragment -->")))


def test_blocks_share_names_and_setups_files_and_output_take_part(run: Run) -> None:
    parts = [
        "<!-- setup\nnumber = 6\n-->\n",
        python("print(number, number + 1)"),
        "<!-- output -->\n```\n6 7\n```\n",
        "<!-- file: a/b.toml -->\n```toml\nhost = 'acme.halopsa.com'\n```\n",
        python("assert emulator.url in (tmp_path / 'a/b.toml').read_text()"),
        python("async def test_it(halo_emulator):\n    called.append(halo_emulator)\n\ncalled = []"),
        python("assert called == [emulator]"),
    ]
    run.page(page_of("".join(parts)))


def test_output_that_is_not_what_was_printed_fails(run: Run) -> None:
    with pytest.raises(AssertionError, match="the program prints"):
        run.page(page_of(python("print(1)") + "\n<!-- output -->\n```\n2\n```\n"))


def test_every_page_is_in_the_navigation_once() -> None:
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = re.findall(r"^ *- (?:.*: )?([\w/-]+\.md)$", text, re.MULTILINE)
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]
    assert {page: listed.count(page) for page in pages} == dict.fromkeys(pages, 1)


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_lines_of_a_shell_run_and_their_output_counts(run: Run) -> None:
    lines = (
        "<!-- run -->\n```sh\nprintf '%s\\n' one >> kept\ncat kept\n```\n\n<!-- output -->\n```\none\n```\n"
    )
    run.page(page_of(lines))
    with pytest.raises(AssertionError, match="nowhere"):
        run.page(page_of("<!-- run -->\n```sh\nls nowhere\n```\n"))
