"""Documents made to do harm or to take for ever end in a clear error or in safe output."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_generator import pipeline
from halo_generator.errors import GeneratorError, SourceError
from halo_generator.source import load
from tests.support.documents import (
    NUMBER,
    TEXT,
    array_of,
    document,
    get,
    post,
    ref,
    schema,
    service_desk,
)
from tests.support.examples import examples


def generate(tmp_path: Path, found, **options):
    path = tmp_path / "document.json"
    path.write_text(json.dumps(found), "utf-8")
    run = pipeline.read(str(path), **options)
    pipeline.write_package(run, tmp_path / "acme", "acme")
    for module in (tmp_path / "acme").rglob("*.py"):
        compile(module.read_text("utf-8"), str(module), "exec")
    return run


def test_a_million_entry_enumeration_is_an_open_integer(tmp_path):
    found = service_desk()
    found["components"]["schemas"]["Faults"]["properties"]["huge"] = {
        "type": "integer",
        "enum": list(range(1_000_000)),
    }
    run = generate(tmp_path, found)
    ticket = next(record for record in run.surface.records if record.name == "Ticket")
    assert next(f for f in ticket.fields if f.name == "huge").type.annotation() == "int"


def test_nesting_of_ten_thousand_levels_is_refused(tmp_path):
    path = tmp_path / "document.json"
    path.write_text(
        '{"openapi": "3.0.1", "paths": {"/a": {}}, "x": ' + '{"a":' * 10_000 + "1" + "}" * 10_000 + "}"
    )
    with pytest.raises(SourceError, match="nested"):
        load(str(path))


def test_schemas_that_nest_in_themselves_through_lists_and_parts_end(tmp_path):
    schemas = {
        "Faults": {"allOf": [ref("Faults"), ref("Loop")], "properties": {"id": NUMBER}},
        "Loop": {"type": "array", "items": ref("Loop")},
        "A": ref("B"),
        "B": ref("A"),
    }
    run = generate(
        tmp_path, document({"/Tickets": {"post": post(array_of("Faults")), "get": get()}}, schemas)
    )
    assert any(operation.path == "/Tickets" for _, operation in run.surface.operations)


def test_operation_ids_that_repeat_or_are_code_count_for_nothing(tmp_path):
    found = document({path: {"get": get(operationId="import os")} for path in ("/A", "/B")})
    run = generate(tmp_path, found)
    assert {o.path for _, o in run.surface.operations} >= {"/A", "/B"}


def test_names_that_collide_after_conversion_stay_apart(tmp_path):
    paths = {
        path: {"get": get(tag="x")} for path in ("/KBArticle", "/KbArticle", "/kb_article", "/kb-article")
    }
    fields = {"a b": TEXT, "a-b": TEXT, "a_b": TEXT, "A_B": TEXT}
    run = generate(tmp_path, document(paths, {"Faults": schema(**fields), "faults": schema(id=NUMBER)}))
    ours = [(r, o) for r, o in run.surface.operations if o.path in paths]
    assert len({(r.name, o.method_name) for r, o in ours}) == 4
    assert len({r.module for r in run.surface.records}) == len({r.name.lower() for r in run.surface.records})
    names = [f.python_name for r in run.surface.records if r.schema == "Faults" for f in r.fields]
    assert len(set(names)) == 4


async def test_a_body_without_end_is_cut_off_and_refused(monkeypatch):
    monkeypatch.setattr("halo_generator.source.MAX_BYTES", 1 << 20)
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while sent < 500 << 20:
            await response.write(b" " * (1 << 16))
            sent += 1 << 16
        return response

    app = web.Application()
    app.router.add_get("/api/swagger/v2/swagger.json", endless)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        with pytest.raises(SourceError, match="sent more than 1 MiB"):
            await asyncio.to_thread(load, f"http://127.0.0.1:{port}")
    finally:
        await runner.cleanup()
    assert sent < 100 << 20


SEEDS = [("0", "UTC"), ("4711", "Pacific/Auckland")]


def test_two_hash_seeds_and_two_time_zones_give_the_same_bytes(tmp_path):
    path = tmp_path / "document.json"
    path.write_text(json.dumps(service_desk()), "utf-8")
    made = []
    for seed, zone in SEEDS:
        out = tmp_path / f"out{seed}" / "acme"
        command = [sys.executable, "-m", "halo_generator", str(path), "--out", str(out)]
        environment = {
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "PATH": "",
            "PYTHONPATH": ":".join(filter(None, sys.path)),
        }
        subprocess.run(command, check=True, capture_output=True, env=environment)
        made.append({str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()})
    assert made[0] == made[1]
    assert len(made[0]) >= 10


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from places(value, (*path, key))


PLACES = [path for path in places(service_desk()) if path]


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(st.sampled_from(PLACES), junk), min_size=1, max_size=4))
def test_a_mutated_document_gives_modules_that_compile_or_a_clear_error(tmp_path, mutations):
    found = service_desk()
    for path, value in mutations:
        node = found
        for key in path[:-1]:
            node = node[key] if isinstance(node, dict) and key in node else node
            if isinstance(node, list):
                node = node[key] if isinstance(key, int) and key < len(node) else {}
        if isinstance(node, dict):
            node[path[-1]] = value
    try:
        generate(tmp_path, found)
    except GeneratorError as error:
        assert str(error)
