"""`halo-async login` and `logout`, and the other commands on the login that was kept."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from halo_async.auth.private_files import FileLock
from halo_async.auth.stored_login import WantedLogin
from halo_async.cli.chosen_profile import GivenLogin
from halo_async.cli.connection import Connection
from halo_async.cli.login import BrowserLogin, enter
from halo_async.emulator import Emulator
from halo_async.errors import AuthenticationError
from halo_async.settings import Instance
from tests.support.cli_kit import Outcome, finish, login, start

KEPT = Path("settings", "halo-async", "login.json")
Login = Callable[..., Outcome]


def visit(address: str) -> None:
    """What a browser does whose user is logged in already: follow the redirect back to the listener."""
    with urlopen(address) as response:
        assert b"You can close this window" in response.read()


def refuse(address: str) -> None:
    """What a browser does whose user says no."""
    query = parse_qs(urlsplit(address).query)
    back = f"{query['redirect_uri'][0]}?error=access_denied&state={query['state'][0]}"
    urlopen(back).close()


@pytest.fixture
def browse(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], None]], None]:
    """Whoever is shown the address does this with it."""

    def browse(act: Callable[[str], None]) -> None:
        monkeypatch.setattr(
            "halo_async.cli.login.show_address", lambda address: Thread(target=act, args=(address,)).start()
        )

    return browse


@pytest.fixture
def log_in(run, browse, halo_emulator: Emulator) -> Login:
    """`halo-async login` at the emulator, with somebody at the browser."""

    def log_in(*options: str) -> Outcome:
        browse(visit)
        who = ("--instance", halo_emulator.url, "--client-id", halo_emulator.client_id)
        return run("login", *who, "--port", "0", *options)

    return log_in


def kept(path: Path = KEPT) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def change_token(path: Path = KEPT, **fields: Any) -> None:
    found = kept(path)
    found["token"] |= fields
    path.write_text(json.dumps(found))


def grants(emulator: Emulator) -> list[str]:
    return [
        parse_qs(request.body.decode())["grant_type"][0] for request in emulator.requests("POST /auth/token")
    ]


def test_the_printed_address_leads_to_a_login_that_is_kept(
    run, halo_emulator: Emulator, tmp_path: Path
) -> None:
    env = {**login(halo_emulator), "HALO_CLIENT_SECRET": "", "XDG_CONFIG_HOME": str(tmp_path / "settings")}
    process = start("login", "--port", "0", env=env)
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    visit(address)
    ended = finish(process)
    assert ended.code == 0
    assert address.startswith(f"{halo_emulator.url}/auth/authorize?response_type=code&")
    assert "code_challenge_method=S256" in address
    assert f"logged in to {halo_emulator.url}; agent: " in ended.out
    assert ended.err == "visit this address within 300 s:\n"
    assert {"instance", "client_id", "tenant", "token"} < kept().keys()
    facts = dict(line.split(None, 1) for line in run("whoami").out.splitlines())
    assert facts["instance"] == halo_emulator.url
    assert facts["scope"] == "all offline_access"


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_only_the_owner_can_read_what_is_kept(log_in, run) -> None:
    log_in()
    assert stat.S_IMODE(KEPT.stat().st_mode) == 0o600
    assert stat.S_IMODE(KEPT.parent.stat().st_mode) == 0o700
    KEPT.chmod(0o644)
    shown = run("whoami")
    assert shown.code == 2
    assert "can be read by others or changed by them. Run chmod 600 on it" in shown.sentence


@pytest.mark.parametrize("command", ["whoami", "call", "doctor", "export"])
def test_the_commands_use_the_kept_login_where_no_secret_is_given(
    log_in, run, halo_emulator: Emulator, command: str
) -> None:
    log_in()
    halo_emulator.requests.clear()
    arguments = {"call": ["team.list", "--limit", "1"], "export": ["team", "--out", "out"]}
    shown = run(command, *arguments.get(command, []))
    assert (shown.code, "error" in shown.err) == (0, False)
    assert grants(halo_emulator) == []


def test_a_token_that_ended_is_renewed_and_the_new_one_kept(log_in, run, halo_emulator: Emulator) -> None:
    log_in()
    change_token(expires=1.0)
    before = kept()["token"]
    assert run("whoami").code == 0
    after = kept()["token"]
    assert grants(halo_emulator) == ["authorization_code", "refresh_token"]
    assert not {before["access_token"], before["refresh_token"]} & set(map(str, after.values()))
    assert run("whoami").code == 0
    assert len(grants(halo_emulator)) == 2


def test_a_token_that_was_withdrawn_is_renewed(log_in, run, halo_emulator: Emulator) -> None:
    log_in()
    halo_emulator.revoke_tokens()
    assert run("call", "team.list").code == 0
    assert grants(halo_emulator)[1:] == ["refresh_token"]


@pytest.mark.parametrize("command", ["whoami", "doctor"])
def test_a_login_that_was_withdrawn_says_how_to_log_in_again(
    log_in, run, no_waiting, halo_emulator: Emulator, command: str
) -> None:
    log_in()
    halo_emulator.revoke_tokens(refresh=True)
    change_token(expires=1.0)
    shown = run(command)
    assert shown.code == 3
    assert shown.sentence.endswith(". Run `halo-async login` again.")


def test_a_login_that_cannot_be_renewed_has_an_end(log_in, run, halo_emulator: Emulator) -> None:
    log_in()
    change_token(expires=1.0, refresh_token=None)
    halo_emulator.requests.clear()
    shown = run("whoami")
    assert (shown.code, shown.out) == (3, "")
    assert "has expired. Run `halo-async login` again" in shown.sentence
    assert not halo_emulator.requests()


def test_a_client_secret_wins_over_the_kept_login_and_store_over_the_environment(
    log_in, run, halo_emulator: Emulator, tmp_path: Path
) -> None:
    log_in("--store", "mine.json")
    (tmp_path / "secret").write_text(halo_emulator.client_secret)
    env = login(halo_emulator)
    halo_emulator.requests.clear()
    assert run("whoami", "--store", "mine.json", **env).code == 0
    assert grants(halo_emulator) == []
    assert run("whoami", **env).code == 0
    assert grants(halo_emulator) == ["client_credentials"]
    both = run("whoami", "--store", "mine.json", "--client-secret-file", "secret")
    assert (both.code, "exclude each other" in both.sentence) == (2, True)


def test_a_secret_that_comes_first_is_remarked_on(log_in, run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_CLIENT_SECRET", "canary")
    shown = log_in("--store", "mine.json")
    assert shown.code == 0
    assert "HALO_CLIENT_SECRET is set and comes first. Unset it, or give --store mine.json" in shown.err
    assert "canary" not in shown.out + shown.err


@pytest.mark.parametrize(
    "other",
    [
        ("--instance", "http://localhost:9"),
        ("--client-id", "other"),
        ("--tenant", "other"),
        ("--scope", "read:tickets"),
        ("--auth-url", "http://localhost:9/auth"),
    ],
    ids=["instance", "client id", "tenant", "scope", "login address"],
)
def test_the_kept_login_is_used_for_nothing_else(log_in, run, halo_emulator: Emulator, other) -> None:
    log_in()
    log_in("--store", "mine.json")
    halo_emulator.requests.clear()
    who = {"HALO_INSTANCE": halo_emulator.url, "HALO_CLIENT_ID": halo_emulator.client_id}
    shown = run("whoami", *other, **who)
    stored = run("whoami", *other, "--store", "mine.json", **who)
    assert (shown.code, stored.code) == (2, 2)
    assert "or run `halo-async login`" in shown.sentence
    assert "mine.json has no login for this instance, client id, tenant, scope and" in stored.sentence
    assert not halo_emulator.requests()


def test_a_new_login_replaces_the_old_one(log_in, halo_emulator: Emulator) -> None:
    log_in()
    before = kept()
    assert log_in().code == 0
    assert kept()["token"] != before["token"]
    assert grants(halo_emulator) == ["authorization_code"] * 2


def test_a_kept_login_is_that_of_its_own_scope_in_any_order(log_in, run, halo_emulator: Emulator) -> None:
    log_in("--scope", "read:tickets all")
    halo_emulator.requests.clear()
    assert run("whoami", "--scope", "all read:tickets").code == 0
    assert grants(halo_emulator) == []


def test_a_login_of_an_older_version_is_not_used_and_can_be_replaced_or_deleted(log_in, run) -> None:
    log_in()
    older = kept()
    for name in ("scope", "login"):
        del older[name]
    older = {**older, "halo_async_login": 1}
    del older["token"]["key"]
    KEPT.write_text(json.dumps(older))
    shown = run("whoami")
    assert (shown.code, shown.out) == (2, "")
    assert "holds a login of an older version. Run `halo-async login` again." in shown.sentence
    assert log_in().code == 0
    assert run("whoami").code == 0
    KEPT.write_text(json.dumps(older))
    assert run("logout").code == 0


async def test_a_process_under_way_goes_on_with_its_own_login_or_none(
    log_in, run, halo_emulator: Emulator, no_waiting
) -> None:
    """Somebody else logs in, or logs out, while an export runs: its renewal is neither his nor is it kept for him."""
    for other in ("login", "logout"):
        await asyncio.to_thread(log_in)
        async with Connection(GivenLogin(), given_rate_limit="none").open() as halo:
            assert await halo.team.list()
            await asyncio.to_thread(log_in if other == "login" else lambda: run("logout"))
            kept_by_then = KEPT.read_bytes() if KEPT.exists() else None
            halo_emulator.revoke_tokens()
            halo_emulator.requests.clear()
            words = "holds another login by now" if other == "login" else "was deleted meanwhile"
            with pytest.raises(AuthenticationError, match=words):
                await halo.team.list()
            assert grants(halo_emulator) == []
            assert (KEPT.read_bytes() if KEPT.exists() else None) == kept_by_then


def test_a_new_login_waits_for_a_renewal_under_way_and_no_longer(log_in, monkeypatch) -> None:
    log_in()
    before = kept()["token"]
    lock = FileLock.take(KEPT.with_name("login.json.lock"))
    assert lock is not None
    monkeypatch.setattr("halo_async.auth.login_file._PATIENCE", 0.3)
    assert log_in().code == 0
    assert kept()["token"] != before


@pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")
def test_a_folder_in_which_others_could_put_their_login_is_refused_before_anybody_logs_in(
    log_in, run, tmp_path: Path
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o777)
    shown = log_in("--store", "shared/mine.json")
    assert (shown.code, shown.out) == (2, "")
    assert "can be changed by others. Run chmod go-w on it" in shown.sentence


@pytest.mark.skipif(os.name != "posix", reason="links need rights there")
def test_a_symbolic_link_is_no_login(log_in, run) -> None:
    log_in()
    KEPT.rename(KEPT.with_name("elsewhere"))
    KEPT.symlink_to(KEPT.with_name("elsewhere").absolute())
    for shown in (run("whoami"), run("logout")):
        assert shown.code == 2
        assert "is a symbolic link" in shown.sentence
    assert log_in().code == 2
    assert KEPT.with_name("elsewhere").exists()


@pytest.mark.parametrize("path", ["notes.txt", "folder", "notes.txt/below"])
def test_a_login_never_replaces_something_else(log_in, tmp_path: Path, path: str) -> None:
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "folder").mkdir()
    shown = log_in("--store", path)
    assert (shown.code, shown.out) == (2, "")
    assert (tmp_path / "notes.txt").read_text() == "notes"
    assert not any((tmp_path / "folder").iterdir())


def test_a_refusal_in_the_browser_is_exit_3_and_keeps_nothing(log_in, browse, run, halo_emulator) -> None:
    browse(refuse)
    who = ("--instance", halo_emulator.url, "--client-id", halo_emulator.client_id)
    shown = run("login", *who, "--port", "0")
    assert shown.code == 3
    assert "error: The login in the browser was refused (access_denied)" in shown.err
    assert not KEPT.exists()


def test_nobody_is_waited_for_for_ever(tmp_path: Path, halo_emulator: Emulator) -> None:
    entry = BrowserLogin(
        Instance.parse(halo_emulator.url), "any", WantedLogin(), tmp_path / "login.json", 0, wait=0
    )
    with pytest.raises(AuthenticationError, match="waiting for the browser login"):
        asyncio.run(enter(entry))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent otherwise there")
def test_an_interrupt_ends_the_waiting(halo_emulator: Emulator, tmp_path: Path) -> None:
    env = {**login(halo_emulator), "XDG_CONFIG_HOME": str(tmp_path)}
    process = start("login", "--port", "0", env=env)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    ended = finish(process)
    assert (ended.code, ended.out) == (130, "")
    assert ended.err == "visit this address within 300 s:\nerror: interrupted\n"
    assert not any(tmp_path.iterdir())


def test_a_port_that_is_taken_is_wrong_usage(log_in) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        shown = log_in("--port", str(taken.getsockname()[1]))
    assert shown.code == 2
    assert "Give it with --port, and list its address with the application" in shown.err


def test_without_an_instance_nobody_is_sent_anywhere(run) -> None:
    shown = run("login", "--client-id", "x")
    assert (shown.code, shown.out) == (2, "")
    assert "Missing --instance (or HALO_INSTANCE)" in shown.sentence


def test_logout_forgets_the_login_whoever_can_read_it(log_in, run) -> None:
    log_in()
    KEPT.chmod(0o644)
    shown = run("logout")
    again = run("logout")
    assert (shown.code, shown.err) == (0, "")
    assert shown.out == f"logged out: {KEPT.absolute()} is deleted\n"
    assert not KEPT.exists()
    assert (again.code, again.out) == (0, "")
    assert "no login is stored in" in again.err
    assert run("whoami").code == 2


OTHERS = {"instance": "x", "client_id": "x", "tenant": None,
          "token": {"access_token": "x", "expires": 1.0, "scope": "", "refresh_token": None}}  # fmt: skip


@pytest.mark.parametrize(
    "content",
    ["notes", json.dumps(OTHERS), "[1]", '{"halo_async_login": 1, "token": {}}'],
    ids=["text", "another program's", "a list", "no token"],
)
def test_logout_deletes_nothing_else(run, tmp_path: Path, content: str) -> None:
    (tmp_path / "notes.txt").write_text(content)
    (tmp_path / "notes.txt").chmod(0o600)
    shown = run("logout", "--store", "notes.txt")
    used = run("whoami", "--store", "notes.txt")
    assert (shown.code, used.code) == (2, 2)
    assert "is not a login file" in shown.sentence
    assert "is not a login file" in used.sentence
    assert (tmp_path / "notes.txt").read_text() == content


@pytest.mark.skipif(sys.platform == "win32", reason="another folder there")
def test_without_xdg_the_login_is_kept_below_home(
    log_in, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert log_in().code == 0
    assert (tmp_path / ".config" / "halo-async" / "login.json").is_file()


def test_no_token_comes_out_of_anything(log_in, run, no_waiting, halo_emulator: Emulator) -> None:
    outcomes = [log_in()]
    secrets = {kept()["token"]["access_token"], kept()["token"]["refresh_token"]}
    runs = [("whoami",), ("doctor",), ("doctor", "--json"), ("call", "tickets.get", "id=99999999")]
    outcomes += [run(*arguments) for arguments in runs]
    change_token(expires=1.0)
    outcomes += [run(*arguments) for arguments in runs]
    secrets |= {kept()["token"]["access_token"], kept()["token"]["refresh_token"]}
    halo_emulator.revoke_tokens(refresh=True)
    outcomes += [run(*arguments) for arguments in [*runs, ("logout",)]]
    secrets |= {
        value[0]
        for request in halo_emulator.requests("POST /auth/token")
        for name, value in parse_qs(request.body.decode()).items()
        if name in ("code", "code_verifier", "refresh_token")
    }
    shown = "".join(outcome.out + outcome.err for outcome in outcomes)
    assert len(secrets) >= 6
    assert {outcome.code for outcome in outcomes} == {0, 3, 4}
    assert not [secret for secret in secrets if secret in shown]
