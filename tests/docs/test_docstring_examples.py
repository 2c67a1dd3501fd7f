"""Examples in docstrings run as they stand, against an emulator."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from halo_async import Client, ClientCredentials, CustomFields, Fleet, Halo, RateLimit, webhooks
from halo_async.auth.profiles.editing import add_profile
from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread
from halo_async.pagination.pages import Pages
from halo_async.resources.attachments.resource import AttachmentFiles
from halo_async.resources.reports.queries import ReportQueries
from halo_async.writing.writable import Writable
from tests.support.doc_pages import addressed

_BLOCK = re.compile(r"^( *)```python\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
LONGEST = 8
ROOT = Path(__file__).resolve().parents[2] / "halo_async"

USED_MOST = {
    "Halo(": Halo,
    "Halo.from_env(": Client.from_env,
    ".list(": Halo,
    ".get(": Halo,
    ".delete(": Halo,
    ".create(": Writable.create,
    ".update(": Writable.update,
    ".save(": Writable.save,
    ".bulk_upsert(": Writable.bulk_upsert,
    "async for": Pages,
    ".all(": Pages.all,
    ".first(": Pages.first,
    ".by_page(": Pages.by_page,
    ".prefetch(": Pages.prefetch,
    ".export(": Client.export,
    ".request(": Client.request,
    ".resolve(": Client.resolve,
    ".custom_fields(": Client.custom_fields,
    ".custom[": CustomFields,
    ".upload(": AttachmentFiles.upload,
    ".download(": AttachmentFiles.download,
    ".report.run(": ReportQueries.run,
    "fleet.map(": Fleet.map,
    "RateLimit(": RateLimit,
    "webhooks.receive(": webhooks.receive,
    "webhooks.handler(": webhooks.handler,
    "Emulator(": Emulator,
}
"""By what an example must show: whose docstring has it."""


def examples() -> Iterator[tuple[str, str]]:
    """Each example of the package, with its place."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text("utf-8")
        for match in _BLOCK.finditer(text if "```python" in text else ""):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path.relative_to(ROOT.parent)}:{line}", textwrap.dedent(match[2])


EXAMPLES = list(examples())


def compiled(code: str, place: str) -> CodeType:
    return compile(code, place, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with in_thread(
        tickets=60, rate_limit=None, client_id="client-id", client_secret="client-secret"
    ) as emulator:
        yield emulator


@pytest.fixture
async def halo(server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALO_INSTANCE", server.url)
    monkeypatch.setenv("HALO_CLIENT_ID", server.client_id)
    monkeypatch.setenv("HALO_CLIENT_SECRET", server.client_secret)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HALO_ACME_CLIENT_SECRET", server.client_secret)
    settings = {"instance": server.url, "client_id": server.client_id, "rate_limit": "none"}
    add_profile(tmp_path / "halo-async" / "profiles.toml", "acme", settings)
    server.reset()
    login = ClientCredentials(server.client_id, server.client_secret)
    async with Halo(server.url, login, rate_limit=None) as client:
        yield client


@pytest.mark.parametrize(("place", "code"), EXAMPLES, ids=[place for place, _ in EXAMPLES])
async def test_an_example_of_a_docstring_runs(place: str, code: str, halo: Halo, server: Emulator) -> None:
    run: Callable[[], Awaitable[None] | None] = FunctionType(
        compiled(addressed(code, server.url), place), {"__name__": "example", "halo": halo}
    )
    found = run()
    if found is not None:
        await found


@pytest.mark.parametrize(("place", "code"), EXAMPLES, ids=[place for place, _ in EXAMPLES])
def test_an_example_of_a_docstring_is_short(place: str, code: str) -> None:
    assert len([line for line in code.splitlines() if line.strip()]) <= LONGEST, place


@pytest.mark.parametrize("shown", USED_MOST)
def test_what_is_used_most_has_an_example(shown: str) -> None:
    found = _BLOCK.findall(inspect.getdoc(USED_MOST[shown]) or "")
    assert any(shown in code for _, code in found)
