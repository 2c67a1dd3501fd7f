"""`halo-async emulator`: every option on the command line and in the file of `--config`."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import attrs
import pytest

from halo_async._utils.openapi_document import find_document
from halo_async.cli.emulator import emulator
from halo_async.emulator import Emulator, faults
from halo_async.emulator.config import EmulatorConfig
from halo_async.emulator.faults.fault import OPTIONS
from tests.support.cli_kit import Outcome, finish, start


@contextmanager
def serving(*arguments: str, ended: list[Outcome] | None = None, **env: str) -> Iterator[dict[str, str]]:
    """An emulator of the command in a process of its own; its lines, and at last what it printed besides."""
    process = start("emulator", *arguments, env=env)
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline().strip() for _ in range(3)]
        yield dict(line.split("=", 1) for line in lines)
    finally:
        process.terminate()
        outcome = finish(process)
        if ended is not None:
            ended.append(outcome)


def get(url: str, body: bytes | None = None, **headers: str) -> Any:
    with urlopen(Request(url, body, headers)) as response:
        return json.load(response)


def log_in(env: dict[str, str], tenant: str = "", auth: str = "") -> Any:
    form = (
        f"grant_type=client_credentials&scope=all%20offline_access&client_id={env['HALO_CLIENT_ID']}"
        f"&client_secret={env['HALO_CLIENT_SECRET']}"
    )
    query = f"?tenant={tenant}" if tenant else ""
    return get(f"{auth or env['HALO_INSTANCE'] + '/auth'}/token{query}", form.encode())


def test_every_option_of_the_emulator_is_one_of_the_command_and_of_the_file_with_its_default() -> None:
    options = set(inspect.signature(emulator).parameters)
    parameters = inspect.signature(Emulator.__init__).parameters
    fields = attrs.fields_dict(EmulatorConfig)
    assert set(fields) == set(parameters) - {"self", "clock", "client_secret"} == options - {"config"}
    config = attrs.asdict(EmulatorConfig(), recurse=False)
    for name in fields:
        assert (config[name] or None) == (parameters[name].default or None), name


def test_the_options_of_faults_are_those_that_faults_take() -> None:
    sources = Path(faults.__file__).parent.glob("*.py")
    taken = {name for path in sources for name in re.findall(r'option\(\s*"(\w+)"', path.read_text())}
    assert taken | {"delay"} == OPTIONS


FILE = """
seed = 4
tickets = 40
page-caps = { "/client" = 2 }
rate-limit = "none"

[[faults]]
number = "F27"
on = "GET /Tickets"
variant = "503"
times = 1

[churn]
path = "/Client"
delete = 1
"""


def test_the_instance_is_of_the_release_of_the_option_before_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "emulator.toml").write_text('as-of = "2024-09"')
    with serving("--config", str(tmp_path / "emulator.toml"), "--as-of", "2025-03") as env:
        shown = get(f"{env['HALO_INSTANCE']}/api/swagger/v2/swagger.json")
    assert sum(len(item) for item in shown["paths"].values()) == 1331


def test_a_file_and_the_options_make_one_instance(tmp_path: Path) -> None:
    (tmp_path / "emulator.toml").write_text(FILE)
    options = ["--config", str(tmp_path / "emulator.toml"), "--tickets", "30", "--page-caps", "/tickets=7"]
    options += ["--faults", "F10:GET /Tickets:after=1:times=1"]
    with serving(*options) as env:
        url = env["HALO_INSTANCE"]
        bearer = {"Authorization": f"Bearer {log_in(env)['access_token']}"}
        seen = []
        for place in ("Tickets", "Tickets", "Tickets", "Client", "Client"):
            try:
                address = f"{url}/api/{place}?pageinate=true&page_size=50&page_no=1"
                with urlopen(Request(address, headers=bearer)) as response:
                    body = response.read()
                page = json.loads(body) if body else {}
                seen.append((page.get("record_count"), len(page.get(place.lower().rstrip("s") + "s", ()))))
            except HTTPError as error:
                seen.append(error.code)
                error.close()
    clients = len(Emulator(seed=4, tickets=30).world.table("/Client").ids)
    assert seen == [503, (30, 7), (None, 0), (clients, 2), (clients - 1, 2)]


def test_the_document_the_login_and_the_pages_are_as_the_options_say() -> None:
    ended: list[Outcome] = []
    options = ["--as-of", "2026-09", "--dialect", "2026", "--bom", "--drift", "7", "--tenant", "none"]
    options += [
        "--separate-auth",
        "--token-lifetime",
        "77",
        "--no-rotate-refresh-tokens",
        "--client-id",
        "mine",
    ]
    options += ["--strict", "--page-cap", "5", "--page-caps", "/client=2", "--tickets", "40", "--seed", "4"]
    with serving(*options, ended=ended, HALO_EMULATOR_SECRET="chosen") as env:
        url = env["HALO_INSTANCE"]
        assert (env["HALO_CLIENT_ID"], env["HALO_CLIENT_SECRET"]) == ("mine", "chosen")
        with urlopen(f"{url}/api/swagger/v2/swagger.json") as response:
            text = response.read()
        info = get(f"{url}/api/authinfo")
        granted = log_in(env, auth=info["auth_url"])
        again = f"grant_type=refresh_token&client_id=mine&refresh_token={granted['refresh_token']}".encode()
        renewed = [get(f"{info['auth_url']}/token", again) for _ in range(2)]
        bearer = {"Authorization": f"Bearer {granted['access_token']}"}
        tickets = get(f"{url}/api/Tickets?pageinate=true&page_size=50&page_no=1", **bearer)
        clients = get(f"{url}/api/Client?pageinate=true&page_size=50&page_no=1", **bearer)
        with pytest.raises(HTTPError, match="400") as refused:
            get(f"{url}/api/Tickets?no_such_parameter=1", **bearer)
        refused.value.close()
    assert text.startswith(b"\xef\xbb\xbf")
    assert "429" in json.loads(text.removeprefix(b"\xef\xbb\xbf"))["paths"]["/Site"]["get"]["responses"]
    assert "tenant_id" not in info
    assert not info["auth_url"].startswith(url)
    assert granted["expires_in"] == 77
    assert ["refresh_token" in response for response in (granted, *renewed)] == [True, False, False]
    assert (tickets["record_count"], len(tickets["tickets"]), len(clients["clients"])) == (40, 5, 2)
    (outcome,) = ended
    changes = Emulator(seed=4, drift=7).changes
    assert outcome.err.splitlines() == [
        f"drift: {change.kind}: {change.where} {change.name}".rstrip() for change in changes
    ]
    assert len(changes) == 7
    assert (outcome.code, outcome.out) == (0, "")


def test_faults_churn_and_a_limit_happen_on_the_wire() -> None:
    options = ["--faults", "F27:GET /Tickets:variant=503:times=1", "--faults", "f52:* *:status=418:after=99"]
    options += ["--churn", "delete=1", "--rate-limit", "2/60"]
    with serving(*options) as env:
        url = env["HALO_INSTANCE"]
        bearer = {"Authorization": f"Bearer {log_in(env)['access_token']}"}
        seen = []
        for _ in range(4):
            try:
                seen.append(get(f"{url}/api/Tickets?count=1", **bearer)["record_count"])
            except HTTPError as error:
                seen.append(error.code)
                error.close()
    assert seen == [503, 1000, 999, 429]


def test_with_several_tenants_it_says_how_the_others_are_reached(run) -> None:
    ended: list[Outcome] = []
    with serving("--tenants", "east,west", "--tenants", "north", "--tickets", "9", ended=ended) as env:
        shown = [
            run("call", "tickets.list", "--json", **env | {"HALO_TENANT": name}).out
            for name in ("", "east", "west")
        ]
        wrong = run("whoami", **env | {"HALO_TENANT": "south"})
    assert len(set(shown)) == 3
    assert {len(json.loads(rows)) for rows in shown} == {9}
    assert wrong.code == 3
    (outcome,) = ended
    assert outcome.err == (
        "more tenants of this host: east, north, west; HALO_TENANT=NAME (--tenant NAME) logs in to one\n"
    )
    assert outcome.out == ""


def test_a_proxy_has_the_rows_that_were_asked_for(run) -> None:
    with serving("--proxies", "NinjaRMM:rows=33:page=7:under=nextLink") as env:
        shown = run("call", "integration_data.ninja_rmm.get", "datatype=devices", "--json", **env)
    assert len(json.loads(shown.out)) == 33


def test_the_document_may_be_another_one_in_canonical_form(run, tmp_path: Path) -> None:
    document = json.loads(find_document().read_text())
    document["paths"] = {path: item for path, item in document["paths"].items() if path == "/Team"}
    (tmp_path / "small.json").write_text(json.dumps(document))
    with serving("--document", str(tmp_path / "small.json")) as env:
        teams = run("call", "team.list", "--limit", "1", **env)
        tickets = run("call", "tickets.list", **env)
    assert (teams.code, tickets.code) == (0, 4)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--faults", "F99", "--faults: number must be one of F02, F03, "),
        (
            "--faults",
            "F27:variant=418",
            "variant must be one of 500, 502, 503, 504, 408",
        ),
        (
            "--faults",
            "F05:GET /Tikets",
            "on must have a path of the document, not '/Tikets'. Did you mean '/Tickets'?",
        ),
        ("--faults", "F05:GET /Tickets:times=soon", "times must be an integer from 1 up, not 'soon'"),
        ("--faults", "F05:time=2", "time is not a known key. Did you mean 'times'?"),
        ("--churn", "insert=often", "--churn: insert must be a number from 0 to 1000, not 'often'"),
        (
            "--churn",
            "path=/Tikets,delete=1",
            "path '/Tikets' is not the path of a list. Did you mean '/Tickets'?",
        ),
        ("--page-caps", "/Asset", "/Asset must be an integer from 1 up, not ''"),
        ("--page-caps", "/Aset=5", "'/Aset' is not the path of a list. Did you mean '/Asset'?"),
        ("--page-cap", "0", "--page-cap must be an integer from 1 up, not 0"),
        ("--port", "99999", "--port must be an integer from 0 to 65535, not 99999"),
        ("--proxies", "under=link", "under must be one of 'request', 'none', 'nextLink'"),
        ("--rate-limit", "fast", "'fast'"),
        ("--dialect", "2025", "2025"),
        ("--as-of", "2023", "--as-of must be newest or one of 2024-09, 2025-03, 2026-09, not '2023'."),
        (
            "--config",
            "release",
            "--config release: as_of must be newest or one of 2024-09, 2025-03, 2026-09, not",
        ),
        ("--drift", "9999", "--drift must be an integer from 0 to 500, not 9999"),
        ("--config", "nofile", "--config nofile cannot be read (no such file"),
        ("--config", "text", "--config text is not valid TOML (Expected '=' after a key"),
        ("--config", "wrong", "--config wrong: faults[1].time is not a known key. Did you mean 'times'?"),
        (
            "--config",
            "place",
            "--config place: faults[0].on must have a path of the document, not '/Tikets'. Did you mean '/Tickets'?",
        ),
        ("--config", "rate", "--config rate: churn.delete must be a number from 0 to 1000, not 'often'"),
        ("--document", "nofile", "nofile cannot be read (no such file"),
        ("--document", "text", "text is not valid JSON"),
        ("--document", "vendors", "vendors is not a canonical document"),
        ("--document", "list", "list is not a canonical document"),
        ("--client-secret", "canary", "A secret is never an argument. Set HALO_EMULATOR_SECRET"),
    ],
)
def test_a_malformed_option_or_file_is_one_sentence_and_exit_2(
    run, tmp_path: Path, option: str, value: str, words: str
) -> None:
    (tmp_path / "text").write_text("text")
    (tmp_path / "list").write_text("[]")
    (tmp_path / "wrong").write_text('faults = [{number = "F05"}, {number = "F05", time = 1}]')
    (tmp_path / "place").write_text('faults = [{number = "F05", on = "GET /Tikets"}]')
    (tmp_path / "rate").write_text('churn = {delete = "often"}')
    (tmp_path / "release").write_text('as-of = "2023-01"')
    operation = {"tags": ["T"], "responses": {"200": {"description": "Success"}}}
    vendors = {"openapi": "3.0.1", "paths": {"/Team": {"get": operation}}, "components": {"schemas": {}}}
    (tmp_path / "vendors").write_text(json.dumps(vendors))
    shown = run("emulator", option, value)
    assert (shown.code, shown.out) == (2, "")
    assert words in shown.sentence
    assert "canary" not in shown.sentence
