"""`halo-async schema`: the statement that is printed, and the sentence for wrong input."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from halo_async.cli import main
from halo_async.tables.statements import STATEMENTS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tickets.jsonl"
    path.write_text(json.dumps({"id": 1, "dateoccurred": "2026-10-03T06:24:10"}) + "\n")
    return path


@pytest.mark.parametrize("reader", ["duckdb", "polars", "pandas", "spark"])
def test_the_statement_is_printed_and_nothing_else(reader, file, capsys):
    assert main(["schema", str(file), "--for", reader]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    from halo_async.tables.schema_files import schema_of_file

    assert out == STATEMENTS[reader](schema_of_file(file), str(file))
    assert "dateoccurred" in out
    assert str(file) in out


def test_spark_gets_a_schema_and_casts_in_utc(file, capsys):
    """Spark itself is not run: it needs Java."""
    main(["schema", str(file), "--for", "spark"])
    out = capsys.readouterr().out
    assert compile(out, "spark.py", "exec")
    assert (
        'schema = "`id` bigint, `dateoccurred` string"' in out or "`dateoccurred` string, `id` bigint" in out
    )
    assert "try_cast(nullif(`dateoccurred`, '') as timestamp) as `dateoccurred`" in out
    assert 'spark.conf.set("spark.sql.session.timeZone", "UTC")' in out


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["nowhere.jsonl", "--for", "duckdb"], 2, "no such file"),
        (["{file}", "--for", "excel"], 2, "--for must be duckdb, polars, pandas or spark, not 'excel'."),
        (["{file}"], 2, "Missing option '--for'"),
        (["--for", "duckdb"], 2, "Missing argument 'FILE'"),
    ],
)
def test_wrong_input_is_one_sentence(arguments, code, text, file, capsys):
    found = main(["schema", *(item.format(file=file) for item in arguments)])
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert text in err
    assert len(err.splitlines()) == 1
    assert found == code


def test_a_file_that_is_not_json_lines_is_one_sentence(tmp_path, capsys):
    path = tmp_path / "report.json"
    path.write_text('{\n "a": 1\n}\n')
    assert main(["schema", str(path), "--for", "duckdb"]) == 2
    assert capsys.readouterr().err == (
        f"error: Line 1 of {path} is not JSON. Name a file of JSON Lines, such as tickets.jsonl of an export.\n"
    )


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tickets.jsonl.gz", b"not compressed"),
        ("tickets.jsonl.gz", gzip.compress(b'{"id": 1}\n')[:-10]),
        ("tickets.jsonl.gz", gzip.compress(b'{"id": 1}\n')[:12] + b"\xff" * 20),
        ("tickets.jsonl.zst", b"not compressed"),
    ],
    ids=["no gzip", "cut gzip", "damaged gzip", "no zstd"],
)
def test_a_file_that_is_not_compressed_as_its_name_says_is_one_sentence(name, content, tmp_path, capsys):
    path = tmp_path / name
    path.write_bytes(content)
    assert main(["schema", str(path), "--for", "duckdb"]) == 2
    assert capsys.readouterr().err == (
        f"error: {path} is not compressed as its name says, or is cut off. Export it again, or name another file.\n"
    )
