"""The client without `await` of a package of one's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from halo_async.emulator.thread import in_thread
from halo_generator import blocking_bases
from halo_generator.__main__ import main
from halo_generator.errors import OutputError
from tests.support.documents import NUMBER, TEXT, array_of, document, get, post, query, schema

CODE = """
import sys
from halo_async import ClientCredentials
from acme.blocking import Halo
from acme.blocking.api import Tickets
with Halo(sys.argv[1], ClientCredentials(sys.argv[2], sys.argv[3]), rate_limit=None) as halo:
    assert isinstance(halo.tickets, Tickets), type(halo.tickets)
    print(type(halo), halo.tickets.create(summary="x").summary, len(halo.tickets.list().all()))
"""


def test_a_package_of_an_instance_has_it_too(tmp_path: Path) -> None:
    with in_thread(tickets=5, rate_limit=None) as emulator:
        assert main([emulator.url, "--out", str(tmp_path / "acme")]) == 0
        login = [emulator.url, emulator.client_id, emulator.client_secret]
        command = [sys.executable, "-c", CODE, *login]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "<class 'acme.blocking.Halo'> x 6\n", done.stderr


def test_types_of_a_class_of_ones_own_are_open(tmp_path: Path) -> None:
    overlay = tmp_path / "own.toml"
    overlay.write_text('[mixins]\n"/Tickets" = "acme_extras:Extras"\n')
    source = tmp_path / "document.json"
    paths = {"/Tickets": {"get": get(query("search")), "post": post(array_of("Faults"))}}
    source.write_text(json.dumps(document(paths, {"Faults": schema(id=NUMBER, summary=TEXT)})))
    assert main([str(source), "--out", str(tmp_path / "acme"), "--overlay", str(overlay)]) == 0
    stub = (tmp_path / "acme" / "blocking" / "api" / "__init__.pyi").read_text("utf-8")
    assert "def __getattr__(self, name: str) -> _typing.Any: ..." in stub
    assert "class Tickets(_bases.Writable[_models.Ticket]):" in stub


def test_another_folder_than_the_runtimes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not the folder of halo_async"):
        blocking_bases.module(tmp_path)
