"""`python -m halo_generator`: exit codes, one clear sentence for wrong input, and nothing lost."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest

from halo_generator.__main__ import main
from tests.support.documents import service_desk


@pytest.fixture
def document(tmp_path) -> Path:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(service_desk()), "utf-8")
    return path


def errors_of(capsys) -> list[str]:
    return [line for line in capsys.readouterr().err.splitlines() if line]


def test_a_package_a_report_and_a_summary_are_written(document, tmp_path, capsys):
    out, report = tmp_path / "acme", tmp_path / "report.json"
    assert main([str(document), "--out", str(out), "--report", str(report)]) == 0
    said = capsys.readouterr().out
    assert "4 parameter types" in said
    assert "1 duplicate parameters" in said
    told = json.loads(report.read_text("utf-8"))
    assert told["repaired"]["duplicate parameters"]["places"] == ["#/paths/~1Tickets/get/parameters/2"]
    assert told["counts"]["records"] >= 2
    assert {path.name for path in out.iterdir()} == {
        "api",
        "blocking",
        "models",
        "spec",
        "__init__.py",
        "client.py",
        "py.typed",
    }


def test_a_named_package_stands_in_a_folder_of_its_name(document, tmp_path):
    assert main([str(document), "--out", str(tmp_path / "src"), "--package", "acme_halo"]) == 0
    assert (tmp_path / "src" / "acme_halo" / "api" / "tickets.py").is_file()
    assert main([str(document), "--out", str(tmp_path / "acme_halo"), "--package", "acme_halo"]) == 0
    assert (tmp_path / "acme_halo" / "api" / "tickets.py").is_file()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_and_utf_16_are_read(tmp_path, encoding):
    path = tmp_path / "document.json"
    path.write_bytes(json.dumps(service_desk()).encode(encoding))
    assert path.read_bytes().startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    assert main([str(path), "--out", str(tmp_path / "acme")]) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<!DOCTYPE html><title>Login</title>", "an HTML page"),
        (b'{"openapi": "3.0.1", "paths": {', "not JSON"),
        (b"[1, 2]", "not an OpenAPI document"),
        (b'{"swagger": "2.0", "paths": {"/a": {}}}', "Swagger 2.0"),
        (b'{"openapi": "3.0.1", "paths": {}}', "without a single path"),
        (b"\xff\x00\x80", "neither UTF-8 nor UTF-16"),
        (b'{"openapi": "3.0.1", "paths": {"/a": ' + b"[" * 400 + b"]" * 400 + b"}}", "nested deeper than"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_no_openapi_document_is_refused_in_one_sentence(tmp_path, capsys, content, said):
    path = tmp_path / "document.json"
    path.write_bytes(content)
    assert main([str(path), "--out", str(tmp_path / "acme")]) == 2
    (line,) = errors_of(capsys)
    assert said in line
    assert not (tmp_path / "acme").exists()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("missing.json", "missing.json does not exist. Give the path"),
        ("http://acme.halopsa.com", "Use https"),
        ("https://user:hunter2@acme.halopsa.com", "contains a user name or password"),
        ("http://127.0.0.1:1", "cannot be reached"),
        ("ftp://acme.halopsa.com", "neither a file nor an address"),
    ],
)
def test_a_source_that_cannot_be_used_is_refused_in_one_sentence(tmp_path, capsys, source, said):
    assert main([source, "--out", str(tmp_path / "acme")]) == 2
    (line,) = errors_of(capsys)
    assert said in line
    assert "hunter2" not in line


def test_a_folder_that_holds_something_else_is_refused_before_the_document_is_read(tmp_path, capsys):
    out = tmp_path / "acme"
    out.mkdir()
    (out / "mine.txt").write_text("precious")
    assert main(["missing.json", "--out", str(out)]) == 2
    (line,) = errors_of(capsys)
    assert "is not empty" in line
    assert (out / "mine.txt").read_text() == "precious"


def test_a_package_name_that_is_none_is_refused(document, tmp_path, capsys):
    assert main([str(document), "--out", str(tmp_path), "--package", "not-a-name"]) == 2
    assert "cannot be a package's name" in errors_of(capsys)[0]


def test_an_overlay_with_an_unknown_table_is_refused(document, tmp_path, capsys):
    overlay = tmp_path / "overlay.toml"
    overlay.write_text("[recrods]\nFaults = 'Ticket'\n")
    assert main([str(document), "--out", str(tmp_path / "acme"), "--overlay", str(overlay)]) == 2
    assert "recrods" in errors_of(capsys)[0]


@pytest.mark.parametrize(
    "given",
    [
        [],
        ["--check"],
        ["--release", "2026-09"],
        ["document.json", "--spec", "spec"],
        ["--spec", "spec", "--release", "x"],
    ],
)
def test_a_source_and_its_release_belong_together(given, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main([*given, "--out", str(tmp_path / "acme")])
    assert "error: " in capsys.readouterr().err


def test_a_release_is_taken_in_with_one_command_and_ends_in_a_changelog_entry(document, tmp_path, capsys):
    out, spec, changelog = tmp_path / "package", tmp_path / "spec", tmp_path / "CHANGELOG.md"
    out.mkdir()
    spec.mkdir()
    (spec / "overlay.toml").write_text("")
    changelog.write_text("# Changelog\n\n## [Unreleased]\n")
    options = ["--out", str(out), "--spec", str(spec)]
    assert main([*options, str(document), "--release", "2026-03"]) == 0
    newer = service_desk()
    newer["paths"]["/Parcel/{id}"] = newer["paths"].pop("/Tickets/{id}")
    newer["components"]["schemas"]["Faults"]["properties"]["weight"] = {"type": "number"}
    document.write_text(json.dumps(newer))
    more = [str(document), "--release", "2026-09", "--changelog", str(changelog)]
    assert main([*options, *more]) == 0
    entry = changelog.read_text()
    assert "operation added: `GET /Parcel/{id}`" in entry
    assert "field added: `Faults weight`" in entry
    assert "removed" not in entry
    difference = json.loads((spec / "releases" / "2026-09.json").read_text())
    assert difference["paths"].keys() == {"/Parcel/{id}", "/Tickets/{id}"}
    assert difference["paths"]["/Tickets/{id}"] is None
    assert main([*options, "--check"]) == 0
    capsys.readouterr()
    assert main([*options, str(document), "--release", "2026-01"]) == 2
    assert errors_of(capsys) == [
        "error: 2026-09 is newer than 2026-01. Take releases in from oldest to newest."
    ]
    assert main([*options, str(document), "--release", "soon"]) == 2
    assert "is not a release" in errors_of(capsys)[0]


def test_check_names_each_file_that_differs_and_writes_nothing(document, tmp_path, capsys):
    out, spec = tmp_path / "package", tmp_path / "spec"
    out.mkdir()
    spec.mkdir()
    (spec / "overlay.toml").write_text("")
    options = ["--out", str(out), "--spec", str(spec)]
    assert main([*options, str(document), "--release", "2026-09"]) == 0
    assert main([*options, "--check"]) == 0
    (out / "api" / "tickets.py").write_text("# changed by hand\n")
    (spec / "surface.txt").unlink()
    capsys.readouterr()
    assert main([*options, "--check"]) == 1
    assert [line.rpartition("/")[2] for line in errors_of(capsys)] == ["tickets.py", "surface.txt"]
    assert (out / "api" / "tickets.py").read_text() == "# changed by hand\n"
    assert not (spec / "surface.txt").exists()
