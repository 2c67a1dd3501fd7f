"""`halo-async profiles`, and `--profile` on the commands that connect."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import keyring
import pytest
from keyring.backend import KeyringBackend

from halo_async import Fleet, Halo, SettingsError
from halo_async.cli import main
from halo_async.emulator import Emulator
from tests.support.cli_kit import Outcome

FILE = Path("settings", "halo-async", "profiles.toml")
Run = Callable[..., Outcome]


@pytest.fixture
def add(run: Run, halo_emulator: Emulator) -> Run:
    """`add("acme", …)`: a profile of the emulator."""

    def add(name: str, *options: str) -> Outcome:
        who = ("--instance", halo_emulator.url, "--client-id", halo_emulator.client_id)
        return run("profiles", "add", name, *who, "--rate-limit", "none", *options)

    return add


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at the browser who is logged in already."""

    def visit(address: str) -> None:
        Thread(target=lambda: urlopen(address).close()).start()

    monkeypatch.setattr("halo_async.cli.login.show_address", visit)


def test_a_profile_takes_its_secret_from_each_source(run: Run, add: Run, halo_emulator: Emulator) -> None:
    secret = halo_emulator.client_secret
    Path("secret.txt").write_text(secret)
    Path("print.py").write_text(f"print({secret!r})")
    assert add("by-file", "--client-secret-file", "secret.txt").code == 0
    assert (
        add("by-command", "--client-secret-command", f"'{sys.executable}' {Path('print.py').absolute()}").code
        == 0
    )
    assert add("by-env", "--client-secret-env", "MINE").code == 0
    assert add("by-name").err == (
        "Set HALO_BY_NAME_CLIENT_SECRET, or run `halo-async login --profile by-name`.\n"
    )
    environ = {"MINE": secret, "HALO_BY_NAME_CLIENT_SECRET": secret, "HALO_CLIENT_SECRET": "of another"}
    for name in ("by-file", "by-command", "by-env", "by-name"):
        shown = run("whoami", "--profile", name, **environ)
        assert (shown.code, shown.err) == (0, ""), name
    assert secret not in FILE.read_text()
    assert FILE.stat().st_mode & 0o077 == 0
    shown = run("profiles")
    assert shown.out.splitlines()[0].split() == ["name", "instance", "secret", "groups"]
    assert "environment MINE" in shown.out
    assert secret not in shown.out


def test_a_secret_goes_to_the_keychain_and_comes_from_there(
    run: Run, add: Run, halo_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class InMemory(KeyringBackend):
        priority = 1.0
        kept: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.kept.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.kept[service, username] = password

    before = keyring.get_keyring()
    keyring.set_keyring(InMemory())
    try:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{halo_emulator.client_secret}\n"))
        assert add("acme", "--client-secret-keychain").code == 0
        assert InMemory.kept == {("halo-async", "acme"): halo_emulator.client_secret}
        assert run("whoami", "--profile", "acme").code == 0
        del InMemory.kept["halo-async", "acme"]
        shown = run("whoami", "--profile", "acme")
        assert shown.code == 3
        assert "no secret for 'acme'" in shown.sentence
    finally:
        keyring.set_keyring(before)


def test_a_login_with_a_profile_adds_it_and_is_used_by_commands_python_and_fleets(
    run: Run, browser: None, halo_emulator: Emulator
) -> None:
    who = ("--instance", halo_emulator.url, "--client-id", halo_emulator.client_id, "--port", "0")
    shown = run("login", "--profile", "acme", *who)
    assert shown.code == 0, shown.err
    assert "profile acme is added to" in shown.out
    assert Path("settings/halo-async/logins/acme.json").stat().st_mode & 0o077 == 0
    assert run("whoami", "--profile", "acme").code == 0
    assert run("call", "tickets.list", "--limit", "1", "--json", HALO_PROFILE="acme").code == 0
    assert json.loads(run("profiles", "show", "acme", "--json").out)["secret"] == "stored login"

    async def used() -> None:
        async with Halo.from_profile("acme", rate_limit=None) as halo:
            assert await halo.tickets.list().first()
        async with Halo.from_profile() as halo:
            assert await halo.tickets.list().first()
        async with Fleet.from_toml() as fleet:
            assert (await fleet.map(lambda halo: halo.tickets.list().first()))["acme"].ok

    import asyncio

    asyncio.run(used())
    assert run("login", "--profile", "acme", "--port", "0").code == 0
    assert run("logout", "--profile", "acme").code == 0
    shown = run("whoami", "--profile", "acme")
    assert shown.code == 2
    assert "`halo-async login --profile acme`" in shown.sentence


def test_a_person_does_not_log_in_to_a_profile_that_has_a_secret(run: Run, add: Run) -> None:
    add("acme", "--client-secret-env", "MINE")
    shown = run("login", "--profile", "acme")
    assert shown.code == 2
    assert "logs in by the secret of its environment MINE" in shown.sentence


def test_options_that_differ_from_the_profile_are_refused(run: Run, add: Run) -> None:
    add("acme")
    shown = run("login", "--profile", "acme", "--client-id", "other")
    assert "--client-id" in shown.sentence
    shown = run("whoami", "--profile", "acme", "--instance", "other.halopsa.com")
    assert (shown.code, "names another instance" in shown.sentence) == (2, True)


def test_a_profile_is_not_mixed_with_the_environment_of_another_instance(
    run: Run, add: Run, halo_emulator: Emulator
) -> None:
    Path("secret.txt").write_text(halo_emulator.client_secret)
    add("acme", "--client-secret-file", "secret.txt", "--replace")
    other = {
        "HALO_INSTANCE": "other.halopsa.com",
        "HALO_CLIENT_ID": "other",
        "HALO_CLIENT_SECRET": "canary",
        "HALO_TENANT": "other",
        "HALO_SCOPE": "other",
        "HALO_AUTH_URL": "https://other.example/auth",
    }
    shown = run("whoami", "--profile", "acme", **other)
    assert (shown.code, shown.err) == (0, "")
    assert halo_emulator.url in shown.out


def test_the_default_profile_counts_only_where_nothing_else_is_named(
    run: Run, add: Run, halo_emulator: Emulator
) -> None:
    Path("secret.txt").write_text(halo_emulator.client_secret)
    assert run("profiles", "default").err == "No profile is the default.\n"
    add("acme", "--client-secret-file", "secret.txt", "--default")
    assert run("profiles", "default").out == "acme\n"
    assert run("whoami").code == 0
    shown = run("whoami", HALO_INSTANCE="nowhere.invalid")
    assert (shown.code, "HALO_CLIENT_ID" in shown.sentence) == (2, True)


def test_names_are_checked_before_anything_is_written(run: Run, add: Run) -> None:
    assert add("acme").code == 0
    for name, said in (
        ("acme", "Give --replace"),
        ("Acme", "a profile 'acme' already"),
        ("a/b", "Use letters"),
    ):
        shown = add(name)
        assert (shown.code, said in shown.sentence) == (2, True), name
    assert add("acme", "--group", "north", "--group", "south", "--replace").code == 0
    assert json.loads(run("profiles", "list", "--json").out)[0]["groups"] == ["north", "south"]
    shown = add("b", "--client-secret-env", "X", "--client-secret-keychain")
    assert "exclude each other" in shown.sentence
    shown = add("b", "--client-secret-command", "op 'read")
    assert "Close the quotes" in shown.sentence
    assert [line for line in FILE.read_text().splitlines() if line.startswith("[")] == ["[instances.acme]"]


def test_a_profile_that_is_removed_takes_its_login_along(
    run: Run, browser: None, halo_emulator: Emulator
) -> None:
    who = ("--instance", halo_emulator.url, "--client-id", halo_emulator.client_id, "--port", "0")
    run("login", "--profile", "acme", *who)
    run("profiles", "default", "acme")
    shown = run("profiles", "remove", "acme")
    assert "logged out" in shown.out
    assert not Path("settings/halo-async/logins/acme.json").exists()
    assert run("profiles").err.startswith("No profiles are in")
    shown = run("profiles", "remove", "acme")
    assert (shown.code, "has none" in shown.sentence) == (2, True)


def test_one_profile_that_is_wrong_keeps_nobody_from_another(
    run: Run, add: Run, halo_emulator: Emulator
) -> None:
    add("acme", "--client-secret-env", "MINE")
    FILE.write_text(FILE.read_text() + '[instances.bad]\ninstance = "x.halopsa.com"\ntennant = "x"\n')
    assert run("whoami", "--profile", "acme", MINE=halo_emulator.client_secret).code == 0
    shown = run("whoami", "--profile", "bad")
    assert "Did you mean 'tenant'" in shown.sentence
    assert "bad: There is no setting 'tennant'" in run("profiles").err
    shown = run("whoami", "--profile", "amce")
    assert shown.sentence == "There is no profile 'amce'. Did you mean 'acme'?"


def test_a_secret_in_the_file_is_refused_with_the_mend(run: Run, add: Run) -> None:
    add("acme")
    FILE.write_text(FILE.read_text() + 'client_secret = "canary"\n')
    shown = run("whoami", "--profile", "acme")
    assert shown.code == 2
    assert "client_secret must not be in the file. Set HALO_ACME_CLIENT_SECRET" in shown.sentence
    assert "canary" not in shown.err
    with pytest.raises(SettingsError, match="must not be in the file"):
        Halo.from_profile("acme")


def test_a_profile_without_a_name_says_how_to_choose_one(run: Run) -> None:
    run("profiles")
    with pytest.raises(SettingsError, match="set HALO_PROFILE, or choose the default"):
        Halo.from_profile()


def test_help_shows_the_commands_of_profiles(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["profiles", "--help"]) == 0
    assert "default  Show or choose" in capfd.readouterr().out


def test_a_default_whose_table_was_deleted_keeps_nobody_from_the_others_and_can_be_replaced(
    run: Run, add: Run, monkeypatch: pytest.MonkeyPatch, halo_emulator: Emulator
) -> None:
    monkeypatch.setenv("ACME_SECRET", halo_emulator.client_secret)
    add("acme", "--client-secret-env", "ACME_SECRET")
    FILE.write_text(f'default = "gone"\n{FILE.read_text()}')
    lost = f"The default 'gone' of {FILE.absolute()} is not one of its profiles. Choose another by"
    assert run("whoami", "--profile", "acme").code == 0
    for refused in (run("whoami"), run("profiles", "default")):
        assert refused.code == 2
        assert refused.sentence.startswith(lost)
    listed = run("profiles")
    assert "acme" in listed.out
    assert listed.err.startswith(lost)
    assert run("profiles", "default", "acme").code == 0
    assert run("whoami").code == 0


@pytest.mark.parametrize("command", ["whoami", "login", "logout"])
def test_an_empty_profile_is_refused_and_no_other_login_is_used_or_deleted(
    run: Run, add: Run, monkeypatch: pytest.MonkeyPatch, halo_emulator: Emulator, command: str
) -> None:
    monkeypatch.setenv("ACME_SECRET", halo_emulator.client_secret)
    add("acme", "--client-secret-env", "ACME_SECRET", "--default")
    stored = FILE.with_name("login.json")
    stored.write_text("{}")
    shown = run(command, "--profile", "")
    assert (shown.code, shown.out) == (2, "")
    assert shown.sentence == "The name of the profile is empty. Name one, or leave it out."
    assert stored.exists()
    with pytest.raises(SettingsError, match=r"^The name of the profile is empty\. Name one"):
        Halo.from_profile(" ")
