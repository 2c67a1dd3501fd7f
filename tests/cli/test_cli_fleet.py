"""`halo-async fleet`: one command over many instances, each on a socket of its own."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any

import pytest

from halo_async import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.emulator.thread import in_thread
from tests.support.cli_kit import Outcome, environment

Run = Callable[..., Outcome]
PATIENCE = 120
SECRET = "canary-secret"


def table(name: str, emulator: Emulator, *lines: str) -> str:
    known = (f'instance = "{emulator.url}"', f'client_id = "{emulator.client_id}"', *lines)
    return "\n".join((f"[instances.{name}]", *known, ""))


@pytest.fixture
def three(run: Run) -> Iterator[dict[str, Emulator]]:
    """Three instances in a file, the last of which has a wrong secret."""
    with ExitStack() as stack:
        options: Any = {"tickets": 12, "rate_limit": None, "client_secret": SECRET}
        found = {
            name: stack.enter_context(in_thread(**options, seed=seed))
            for seed, name in enumerate(("acme", "globex", "hooli"))
        }
        groups = {"acme": '["north", "all"]', "globex": '["south", "all"]', "hooli": '["south"]'}
        lines = ['[defaults]\nrate_limit = "none"\nclient_secret_env = "RIGHT"\n']
        for name, emulator in found.items():
            wrong = ['client_secret_env = "WRONG"'] if name == "hooli" else []
            lines.append(table(name, emulator, f"groups = {groups[name]}", *wrong))
        Path("fleet.toml").write_text("\n".join(lines))
        yield found


@pytest.fixture
def fleet(run: Run, three: dict[str, Emulator]) -> Run:
    """`halo-async fleet …` on these."""

    def run_fleet(*arguments: str, **env: str) -> Outcome:
        known = {"RIGHT": SECRET, "WRONG": "canary-wrong", "HALO_FLEET": "fleet.toml"}
        shown = run("fleet", *arguments, **{**known, **env})
        assert "canary" not in shown.out + shown.err
        return shown

    return run_fleet


def test_logins_are_shown_side_by_side_and_one_refusal_keeps_no_other(fleet: Run) -> None:
    shown = fleet("whoami")
    assert shown.code == 5
    assert [line.split()[0] for line in shown.out.splitlines()] == ["instance", "acme", "globex", "hooli"]
    error, summary = shown.err.splitlines()
    assert error.startswith("error: hooli: The login at 127.0.0.1")
    assert "Check the client id and the client secret" in error
    assert summary == "2 of 3 instances done"


def test_json_has_an_object_per_instance_in_the_order_of_the_file(
    fleet: Run, three: dict[str, Emulator]
) -> None:
    shown = fleet("whoami", "--json")
    found = json.loads(shown.out)
    assert [(one["instance"], one["ok"], one["url"]) for one in found] == [
        (name, name != "hooli", emulator.url) for name, emulator in three.items()
    ]
    assert found[0]["value"]["scope"] == "all"
    assert (found[2]["exit_code"], "value" in found[2]) == (3, False)
    assert shown.err == ""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--group", "north"), ["acme"]),
        (("--group", "all"), ["acme", "globex"]),
        (("--group", "north", "--group", "south"), ["acme", "globex", "hooli"]),
        (("--only", "globex,acme"), ["acme", "globex"]),
        (("--only", "hooli", "--only", "acme"), ["acme", "hooli"]),
    ],
)
def test_a_group_or_names_narrow_the_fleet(options: tuple[str, ...], names: list[str], fleet: Run) -> None:
    shown = fleet("whoami", "--json", *options)
    assert [one["instance"] for one in json.loads(shown.out)] == names
    assert shown.code == (5 if "hooli" in names else 0)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--only", "acne"), "no instance 'acne'. Did you mean 'acme'?"),
        (("--only", ""), "--only is empty. Give a name, or leave it out for all."),
        (("--only", "zzz"), "no instance 'zzz'. Name one of acme, globex"),
        (("--group", "noth"), "no group 'noth'. Did you mean 'north'?"),
        (("--group", "east of it"), "Name one of all, north, south."),
        (("--group", "all", "--only", "acme"), "exclude each other"),
        (("--file", "none.toml"), "none.toml cannot be read (no such file or directory). Check the path"),
    ],
)
def test_a_name_that_is_unknown_ends_before_anything_is_sent(
    options: tuple[str, ...], said: str, fleet: Run, three: dict[str, Emulator]
) -> None:
    shown = fleet("whoami", *options)
    assert shown.code == 2
    assert said in shown.sentence
    assert not any(emulator.requests("* *") for emulator in three.values())


def test_a_mistake_in_one_table_is_the_failure_of_that_instance(fleet: Run) -> None:
    path = Path("fleet.toml")
    path.write_text(path.read_text().replace('groups = ["south"]', 'groops = ["south"]'))
    shown = fleet("whoami", "--json", "--group", "all", WRONG="")
    assert shown.code == 5
    assert "Did you mean 'groups'" in json.loads(shown.out)[2]["error"]
    shown = fleet("whoami", "--only", "acme,globex")
    assert shown.code == 0


def test_the_profiles_are_the_fleet_without_a_file(run: Run, three: dict[str, Emulator]) -> None:
    shown = run("fleet", "whoami")
    assert (shown.code, "has no profiles. Run `halo-async profiles add NAME`" in shown.sentence) == (2, True)
    Path("settings/halo-async").mkdir(parents=True)
    Path("settings/halo-async/profiles.toml").write_text(Path("fleet.toml").read_text())
    shown = run("fleet", "whoami", "--group", "all", RIGHT=SECRET)
    assert (shown.code, "2 of 2 instances done" in shown.err) == (0, True)


def test_the_step_at_which_a_connection_fails_is_in_the_table(fleet: Run) -> None:
    shown = fleet("doctor")
    assert shown.code == 5
    steps = ("name", "tls", "instance", "login", "call")
    assert shown.out.split()[:11] == ["instance", *(word for step in steps for word in (step, "ms"))]
    assert shown.out.splitlines()[3].split()[-2:] == ["wrong", "-"]
    assert "error: hooli: login: The login at" in shown.err
    found = json.loads(fleet("doctor", "--json").out)
    assert [step["name"] for step in found[0]["value"]["steps"]] == [
        "name",
        "tls",
        "instance",
        "login",
        "call",
    ]
    assert [step["ok"] for step in found[2]["value"]["steps"]] == [True, True, True, False]


def test_one_query_reads_the_exports_of_all(fleet: Run) -> None:
    shown = fleet("export", "tickets", "client", "--out", "out", "--format", "parquet", "--group", "all")
    assert shown.code == 0, shown.err
    assert sorted(path.name for path in Path("out").iterdir()) == [
        "fleet.json",
        "instance=acme",
        "instance=globex",
    ]
    assert [one["value"]["complete"] for one in json.loads(Path("out/fleet.json").read_text())] == [
        True,
        True,
    ]
    duckdb = pytest.importorskip("duckdb")
    polars = pytest.importorskip("polars")
    query = (
        "SELECT instance, count(*) FROM read_parquet('out/*/tickets.parquet', hive_partitioning = true,"
        " union_by_name = true) GROUP BY ALL ORDER BY ALL"
    )
    assert duckdb.sql(query).fetchall() == [("acme", 12), ("globex", 12)]
    frame = polars.scan_parquet("out/*/tickets.parquet", hive_partitioning=True)
    assert sorted(frame.group_by("instance").len().collect().rows()) == [("acme", 12), ("globex", 12)]


def test_lines_of_all_instances_are_one_table_too(fleet: Run) -> None:
    duckdb = pytest.importorskip("duckdb")
    assert fleet("export", "tickets", "--out", "out", "--group", "all").code == 0
    query = "SELECT instance, count(*) FROM read_json('out/*/tickets.jsonl', hive_partitioning = true) GROUP BY ALL"
    assert sorted(duckdb.sql(query).fetchall()) == [("acme", 12), ("globex", 12)]


def test_what_is_unfinished_is_resumed_and_what_is_new_begins(fleet: Run, three: dict[str, Emulator]) -> None:
    three["globex"].faults.add([Fault("F18", "GET /Tickets", "forbidden")])
    shown = fleet("export", "tickets", "--out", "out", "--group", "all")
    assert shown.code == 5
    assert "error: globex: Rows are missing (tickets: " in shown.err
    three["globex"].faults.clear()
    for emulator in three.values():
        emulator.requests.clear()
    shown = fleet("export", "tickets", "--out", "out", "--resume", "--json", WRONG=SECRET)
    assert shown.code == 0, shown.err
    assert [one["value"]["resources"][0]["rows"] for one in json.loads(shown.out)] == [12, 12, 12]
    assert not three["acme"].requests("GET /Tickets")
    shown = fleet("export", "tickets", "--out", "out", "--since", "last", WRONG=SECRET)
    assert shown.code == 0, shown.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tickets",), "Missing option '--out'"),
        (("tickets", "--out", "-"), "takes one instance. Name a folder"),
        (("tickes", "--out", "out"), "Did you mean 'tickets'"),
        (("tickets", "--out", "out", "--format", "xls"), "xls"),
        (("--out", "out"), "Name some, or give --all"),
    ],
)
def test_an_export_that_cannot_be_is_refused_before_anything_is_sent(
    arguments: tuple[str, ...], said: str, fleet: Run, three: dict[str, Emulator]
) -> None:
    shown = fleet("export", *arguments)
    assert shown.code == 2
    assert said in shown.sentence
    assert not any(emulator.requests("* *") for emulator in three.values())
    assert not Path("out").exists()


def test_a_dry_run_counts_the_rows_of_each_instance_and_writes_nothing(fleet: Run) -> None:
    shown = fleet("export", "tickets", "--out", "out", "--dry-run", "--group", "all")
    assert shown.code == 0
    assert [line.split()[:3] for line in shown.out.splitlines()[1:]] == [
        ["acme", "tickets", "12"],
        ["globex", "tickets", "12"],
    ]
    assert not Path("out").exists()


def test_a_dry_run_of_a_fleet_counts_what_each_folder_lacks(fleet: Run) -> None:
    command = ("export", "tickets", "--out", "out", "--group", "all")
    assert fleet(*command).code == 0

    def counted(*options: str) -> list[list[str]]:
        shown = fleet(*command, *options, "--dry-run")
        assert shown.code == 0, shown
        return [line.split()[:4] for line in shown.out.splitlines()[1:3]]

    assert counted("--resume") == [["acme", "tickets", "0", "0"], ["globex", "tickets", "0", "0"]]
    assert counted("--since", "last") == [["acme", "tickets", "0", "1"], ["globex", "tickets", "0", "1"]]
    refused = fleet(*command, "--since", "last", "--columns", "id", "--dry-run")
    assert "with other columns" in refused.out + refused.err
    assert fleet(*command, "--dry-run").code != 0


@pytest.mark.parametrize("what", ["diff", "drift"])
def test_without_the_generator_no_instance_is_tried(
    what: str, fleet: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.cli.generate.find_spec", lambda name: None)
    shown = fleet(what)
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence.startswith("The generator is not installed. Run pip install")


def test_instances_that_differ_from_the_documents_are_found(run: Run) -> None:
    pytest.importorskip("halo_generator", reason="the generator is not installed")
    document = {
        "openapi": "3.0.1",
        "info": {"title": "", "version": "v2"},
        "paths": {"/Widget": {"get": {"tags": ["Widget"], "responses": {"200": {"description": "OK"}}}}},
        "components": {"schemas": {}},
    }
    other = {**document, "paths": {**document["paths"], "/Gadget": document["paths"]["/Widget"]}}  # type: ignore[dict-item]
    with ExitStack() as stack:
        documents = {"one": document, "two": document, "three": other}
        found = {name: stack.enter_context(in_thread(document=told)) for name, told in documents.items()}
        text = "\n".join(table(name, emulator) for name, emulator in found.items())
        Path("fleet.toml").write_text(
            text + '[instances.gone]\ninstance = "http://127.0.0.1:9"\nclient_id = "x"\n'
        )
        shown = run("fleet", "diff", "--file", "fleet.toml", "--only", "one,two,three")
        assert shown.code == 0
        assert [line.split()[:3] for line in shown.out.splitlines()[1:]] == [
            ["one", "0", "0"],
            ["two", "0", "0"],
            ["three", "0", "1"],
        ]
        Path("used.json").write_text(json.dumps(document))
        drift = ("fleet", "drift", "--package", "used.json", "--file", "fleet.toml", "--json")
        assert run(*drift, "--only", "one,three").code == 1
        assert run(*drift, "--only", "one,three", "--exit-code").code == 6
        shown = run(*drift)
        assert shown.code == 5
        assert "cannot be reached" in json.loads(shown.out)[3]["error"]


async def test_forty_instances_of_which_two_are_broken_and_one_is_slow(tmp_path: Path) -> None:
    """38 complete, 2 reported; the slow one sends nothing until all others are done, so it delays none."""
    slow_clock = VirtualClock()
    async with AsyncExitStack() as stack:
        found = {}
        for number in range(40):
            own: dict[str, Any] = {"clock": slow_clock} if number == 7 else {}
            options = {"seed": number, "tickets": 5 + number, "rate_limit": None, "client_secret": SECRET}
            found[f"i{number}"] = await stack.enter_async_context(Emulator(**options, **own))
        found["i7"].faults.add([Fault("F51", "GET /Tickets", "cookie", options={"delay": 30})])
        found["i23"].faults.add([Fault("F19", "GET /Tickets", "error")])
        lines = ['[defaults]\nrate_limit = "none"\nclient_secret_env = "RIGHT"\n']
        for name, emulator in found.items():
            wrong = ['client_secret_env = "WRONG"'] if name == "i12" else []
            lines.append(table(name, emulator, *wrong))
        (tmp_path / "fleet.toml").write_text("\n".join(lines))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "halo_async.cli", "fleet", "export", "tickets", "--json"),
            *("--out", "out", "--format", "parquet", "--file", "fleet.toml", "--deadline", "7200"),
            env=environment(RIGHT=SECRET, WRONG="canary-wrong"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            complete = {name for name in found if name not in ("i7", "i12", "i23")}
            async with asyncio.timeout(PATIENCE):
                while {path.parent.name for path in tmp_path.glob("out/*/report.json")} < {
                    f"instance={name}" for name in complete
                }:
                    assert process.returncode is None, await process.communicate()
                    await asyncio.sleep(0.02)
                assert len(found["i7"].requests("GET /Tickets")) == 1
                assert not (tmp_path / "out" / "instance=i7" / "report.json").exists()
                while process.returncode is None and not (tmp_path / "out" / "fleet.json").exists():
                    slow_clock.advance(30)
                    await asyncio.sleep(0.02)
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    assert process.returncode == 5, err
    results = {one["instance"]: one for one in json.loads(out)}
    assert [name for name, one in results.items() if not one["ok"]] == ["i12", "i23"]
    assert (results["i12"]["exit_code"], results["i23"]["exit_code"]) == (3, 5)
    assert "500" in results["i23"]["error"]
    assert "canary" not in (out + err).decode()
    duckdb = pytest.importorskip("duckdb")
    files = str(tmp_path / "out" / "*" / "tickets.parquet")
    rows = duckdb.sql(
        f"SELECT instance, count(*) FROM read_parquet('{files}', union_by_name = true) GROUP BY ALL"
    )
    assert dict(rows.fetchall()) == {f"i{n}": 5 + n for n in range(40) if n not in (12, 23)}


def test_rows_of_all_instances_have_its_name_in_each_form(fleet: Run) -> None:
    call = ("call", "tickets.list", "--group", "all", "--select", "id,client_name")
    shown = fleet(*call, "--limit", "2")
    assert (shown.code, shown.out.splitlines()[0].split()) == (0, ["instance", "id", "client_name"])
    assert [line.split()[0] for line in shown.out.splitlines()[1:]] == ["acme", "acme", "globex", "globex"]
    rows = [json.loads(line) for line in fleet(*call, "--output", "jsonl").out.splitlines()]
    assert [row["instance"] for row in rows] == ["acme"] * 12 + ["globex"] * 12
    assert list(rows[0]) == ["instance", "id", "client_name"]
    lines = fleet(*call, "--output", "csv", "--limit", "1").out.splitlines()
    assert (lines[0], len(lines)) == ("instance,id,client_name", 3)
    found = json.loads(fleet("call", "tickets.get", "id=3", "--json").out)
    assert [(one["instance"], one["ok"]) for one in found] == [
        ("acme", True),
        ("globex", True),
        ("hooli", False),
    ]
    assert found[0]["value"][0]["id"] == 3


def test_a_write_to_a_fleet_is_shown_before_it_is_sent(fleet: Run, three: dict[str, Emulator]) -> None:
    shown = fleet("call", "tickets.delete", "id=1", "--dry-run", "--output", "jsonl", "--group", "all")
    assert [json.loads(line)["method"] for line in shown.out.splitlines()] == ["DELETE", "DELETE"]
    assert not any(emulator.requests("DELETE /Tickets/1") for emulator in three.values())


def test_options_for_the_response_shape_no_request_to_a_fleet(fleet: Run) -> None:
    call = ("call", "tickets.delete", "id=1", "--dry-run", "--output", "csv", "--group", "all")
    plain, shown = fleet(*call), fleet(*call, "--select", "id", "--limit", "0")
    assert shown.out == plain.out
    assert shown.out.splitlines()[0] == "instance,method,url,headers,body"
    assert "--select and --limit shape the response alone" in shown.err
    assert "shape" not in plain.err
    assert fleet("call", "tickets.get", "id=1", "-o", "jsonl", "--limit", "0", "--group", "all").out == ""


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_write_to_a_fleet_is_checked_on_each_instance_before_it_is_sent(
    fleet: Run, three: dict[str, Emulator], options: tuple[str, ...]
) -> None:
    body = ("--body", '[{"id": 5, "table": 999999}]')
    shown = fleet("call", "tickets.upsert", *body, "--strict", "--group", "all", *options)
    assert shown.code != 0
    assert "$.table must be one of 0, 1, 2" in shown.out + shown.err
    assert not any(emulator.requests("POST /Tickets") for emulator in three.values())


def test_a_list_that_is_received_at_once_is_limited_in_each_form(fleet: Run) -> None:
    body = ("--body", '[{"id": 1, "summary": "a"}, {"id": 2, "summary": "b"}, {"id": 3, "summary": "c"}]')
    call = ("call", "tickets.upsert", *body, "--select", "id", "--limit", "2", "--group", "all")
    assert [len(one["value"]) for one in json.loads(fleet(*call, "--json").out)] == [2, 2]
    assert len(fleet(*call, "--output", "jsonl").out.splitlines()) == 4
