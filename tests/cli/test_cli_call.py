"""`halo-async call`: arguments in, a response out."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from halo_async.cli.arguments import lookup, named_values
from halo_async.cli.errors import UsageError
from halo_async.cli.output import choose_columns
from halo_async.emulator import Emulator, Fault
from tests.support.cli_kit import environment, login, plain


def test_a_list_becomes_a_table_of_at_most_so_many_rows(halo_async) -> None:
    shown = halo_async("call", "tickets.list", "open_only=true", "--limit", "5")
    heading, *rows = shown.out.splitlines()
    assert heading.split()[:3] == ["id", "summary", "client_name"]
    assert len(rows) == 5
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    assert "more fields: --json shows them" in shown.err
    assert "the first 5; --limit N shows more" in shown.err


def test_what_was_given_arrives_as_the_declaration_types_it(halo_async, halo_emulator: Emulator) -> None:
    halo_async("call", "tickets.list", "open_only=Yes", "agent_id=02", "--limit", "1")
    halo_async("call", "holiday.list", "start_date=2026-05-31")
    (tickets,), (holiday,) = halo_emulator.requests("GET /Tickets"), halo_emulator.requests("GET /Holiday")
    assert {("open_only", "true"), ("agent_id", "2")} <= set(tickets.query)
    assert holiday.query == (("start_date", "2026-05-31T00:00:00Z"),)


def test_json_has_every_row_and_field(halo_async) -> None:
    rows = json.loads(halo_async("call", "tickets.list", "--json").out)
    assert len(rows) == 1000
    assert all(len(row) > 50 for row in rows)


def test_json_of_an_empty_list_is_one(halo_async) -> None:
    assert json.loads(halo_async("call", "tickets.list", "--json", "--limit", "0").out) == []


def test_a_limit_makes_no_more_requests_than_it_needs(halo_async, halo_emulator: Emulator) -> None:
    rows = json.loads(halo_async("call", "tickets.list", "--json", "--limit", "150").out)
    assert len(rows) == 150
    assert len(halo_emulator.requests("GET /Tickets")) == 2


def test_one_record_is_shown_field_by_field(halo_async) -> None:
    lines = dict(line.split("\t") for line in halo_async("call", "tickets.get", "id=5").out.splitlines())
    assert lines["id"] == "5"
    assert len(lines) > 50


def test_fields_are_chosen_in_the_order_of_their_names(halo_async) -> None:
    shown = halo_async("call", "tickets.list", "--limit", "2", "--select", "summary,id")
    assert shown.out.splitlines()[0].split() == ["summary", "id"]


def test_a_body_is_taken_from_the_argument_a_file_or_stdin(
    halo_async, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "body.json").write_text('[{"id": 5, "summary": "from a file"}]')
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"id": 5, "summary": "from stdin"}')))
    for given, summary in [
        ('{"id": 5, "summary": "from the line"}', "from the line"),
        ("@body.json", "from a file"),
        ("-", "from stdin"),
    ]:
        shown = halo_async("call", "tickets.upsert", "--body", given, "--json")
        assert (shown.code, shown.err) == (0, "")
        assert json.loads(shown.out)[0]["summary"] == summary


def test_a_deleted_record_is_gone(halo_async) -> None:
    assert halo_async("call", "tickets.delete", "id=7").code == 0
    assert halo_async("call", "tickets.get", "id=7").code == 4


def test_a_file_goes_to_a_pipe_byte_by_byte(halo_emulator: Emulator, tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as out:
        code = subprocess.call(
            [sys.executable, "-m", "halo_async.cli", "call", "attachment.get", "id=1"],
            env=environment(**login(halo_emulator)),
            stdout=out,
        )
    content = (tmp_path / "file").read_bytes()
    assert code == 0
    assert len(content) > 100
    with pytest.raises(UnicodeDecodeError):
        content.decode()


def test_a_file_is_kept_from_a_terminal(halo_async, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    shown = halo_async("call", "attachment.get", "id=1")
    assert (shown.code, shown.out) == (0, "")
    assert "Write them to a file" in shown.err


def test_an_operation_of_a_group_is_called_by_its_whole_name(halo_async) -> None:
    shown = halo_async("call", "integration_data.ninja_rmm.get", "datatype=devices", "--limit", "2", "--json")
    assert len(json.loads(shown.out)) == 2


@pytest.mark.halo(faults=[Fault("F45", "GET /Team", "int128")])
def test_large_integers_are_exact_in_json(halo_async) -> None:
    rows = json.loads(halo_async("call", "team.list", "--json").out)
    assert 18446744073709551616123 in rows[0].values()


def test_text_from_an_instance_cannot_move_the_cursor(halo_async) -> None:
    evil = json.dumps({"id": 5, "summary": "\x1b[2J\x07[bold]x\r\ny"})
    halo_async("call", "tickets.upsert", "--body", evil)
    shown = halo_async("call", "tickets.list", "search=[bold]", "--limit", "1").out + plain(
        halo_async("call", "tickets.get", "id=5").out
    )
    assert "[bold]x" in shown
    assert not {"\x1b", "\x07", "\r"} & set(shown)


def test_lists_are_given_with_commas_or_again_and_again() -> None:
    operation = next(
        item for item in _operations() if any(p.type.startswith("Sequence[") for p in item.parameters
                                              if p.location == "query")
    )  # fmt: skip
    name = next(p.python_name for p in operation.parameters if p.type.startswith("Sequence["))
    assert named_values(operation, [f"{name}=1,2", f"{name}=3"])[name] in ([1, 2, 3], ["1", "2", "3"])


def _operations():
    from halo_async._operations.resource import operations

    return list(operations())


def test_every_operation_is_found_by_its_name() -> None:
    operations = _operations()
    assert len({item.name for item in operations}) == len(operations)
    assert all(lookup(item.name) is item for item in operations[::100])


@pytest.mark.parametrize(
    ("given", "name"),
    [("clients.list", "client.list"), ("client.list", "client.list"), ("ticket.get", "tickets.get")],
)
def test_an_operation_is_found_in_either_number(given: str, name: str) -> None:
    assert lookup(given).name == name


def test_a_call_by_the_other_number_is_the_same(halo_async, halo_emulator: Emulator) -> None:
    shown = [
        halo_async("call", f"{name}.list", "--json", "--limit", "3").out for name in ("client", "clients")
    ]
    assert shown[0] == shown[1]
    assert len(json.loads(shown[0])) == 3
    first, second = halo_emulator.requests("GET /Client")
    assert first.query == second.query


@pytest.mark.parametrize(
    ("given", "said"),
    [("clients", "client has several operations"), ("clients.lsit", "Did you mean 'client.list'")],
)
def test_a_wrong_name_in_the_other_number_is_told_by_the_resources_own(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        lookup(given)


def test_columns_fill_the_line_and_say_what_is_left_out() -> None:
    rows = [{"id": 1, "z": "z" * 50, "name": "Ann", "empty": "", "list": [1]}, {"id": 22, "name": "Bo"}]
    columns, left_out = choose_columns(rows, (), 40)
    assert [(column.name, column.number) for column in columns] == [
        ("id", True),
        ("name", False),
        ("z", False),
    ]
    assert sum(column.width for column in columns) + 2 * (len(columns) - 1) <= 40
    assert left_out == 2


def test_a_form_is_sent_with_its_file(halo_async, halo_emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"\x89PNG\x00content")
    body = '{"image_upload_id": 3, "note": "text", "file": "@photo.png"}'
    shown = halo_async("call", "attachment.image", "ticket_id=5", "--body", body)
    (request,) = halo_emulator.requests("POST /Attachment/image")
    assert (shown.code, shown.err) in ((0, ""), (0, "an empty response\n"))
    assert b'filename="photo.png"' in request.body
    assert b"\x89PNG\x00content" in request.body
    assert b"\r\n\r\n3\r\n" in request.body
    assert request.query == (("ticket_id", "5"),)
