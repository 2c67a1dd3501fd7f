"""A fleet from a TOML file: where secrets come from, and every mistake named with its fix."""

from __future__ import annotations

import os
import traceback

import pytest

from halo_async import Fleet, Halo, SettingsError, VirtualClock
from halo_async.emulator import Emulator
from halo_async.errors import AuthenticationError, PermissionDeniedError

TWO = """
[defaults]
rate_limit = "300/300"

[instances.acme]
instance = "acme.halopsa.com"
client_id = "acme-id"

[instances."globex uk"]
instance = "https://globex.haloitsm.com/api"
client_id = "globex-id"
client_secret_env = "GLOBEX_SECRET"
tenant = "globex"
scope = "read:tickets"
rate_limit = "none"
deadline = 60
token_store = "tokens"
auth_url = "https://auth.haloitsm.com/globex"
"""
SECRETS = {"HALO_ACME_CLIENT_SECRET": "canary-1", "GLOBEX_SECRET": "canary-2"}


@pytest.fixture
def write(tmp_path):
    def written(text: str):
        (tmp_path / "fleet.toml").write_text(text, "utf-8")
        return tmp_path / "fleet.toml"

    return written


def mistake(path, environ=SECRETS) -> str:
    with pytest.raises(SettingsError) as caught:
        Fleet.from_toml(path, environ=environ)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [str(frame.locals) for frame in told.stack if "halo_async/fleet" in frame.filename]
    assert "canary" not in str(caught.value)
    assert not any(
        "canary" in text.replace(repr(environ), "") for text in ours
    )  # the argument is the caller's
    return str(caught.value)


def test_each_table_is_a_client_with_its_own_settings(write):
    fleet = Fleet.from_toml(write(TWO), environ=SECRETS)
    assert list(fleet) == ["acme", "globex uk"]
    assert [repr(client) for client in fleet.values()] == [
        "<Halo https://acme.halopsa.com>",
        "<Halo https://globex.haloitsm.com>",
    ]
    assert [one.remaining for one in fleet.statistics().values()] == [300, None]
    assert "canary" not in repr(vars(fleet))


async def test_it_logs_in_and_reads(write, halo_emulator):
    url, app = halo_emulator.url, halo_emulator.client_id
    path = write(
        f'[defaults]\nclient_id = "{app}"\n[instances.acme]\ninstance = "{url}"\nrate_limit = "none"\n'
    )
    (path.parent / "secret.txt").write_text(halo_emulator.client_secret + "\n")
    environ = {"HALO_ACME_CLIENT_SECRET": halo_emulator.client_secret}
    async with Fleet.from_toml(path, environ=environ) as fleet:
        assert (await fleet.map(lambda halo: halo.tickets.get(1)))["acme"].ok
    path.write_text(path.read_text() + 'client_secret_file = "secret.txt"\ntoken_store = "tokens"\n')
    async with Fleet.from_toml(path, environ={}) as fleet:
        assert (await fleet.map(lambda halo: halo.tickets.get(1)))["acme"].ok
    assert len(list((path.parent / "tokens").iterdir())) == 1


async def test_options_go_to_every_client_and_win(write, halo_emulator):
    class Mine(Halo):
        pass

    path = write(TWO)
    fleet = Fleet.from_toml(path, environ=SECRETS, client=Mine, rate_limit=None, clock=VirtualClock())
    assert {type(client) for client in fleet.values()} == {Mine}
    assert [one.remaining for one in fleet.statistics().values()] == [None, None]


def test_the_environment_is_the_default(write, monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    assert len(Fleet.from_toml(os.fspath(write(TWO)))) == 2


def test_everything_that_is_missing_is_named_at_once(write):
    text = mistake(write(TWO), environ={})
    assert "acme: The environment lacks HALO_ACME_CLIENT_SECRET" in text
    assert "globex uk: The environment lacks GLOBEX_SECRET" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('client_secret = "canary-0"', "must not be in the file. Set HALO_ACME_CLIENT_SECRET"),
        ('client_secret_file = "nowhere.txt"', "nowhere.txt cannot be read"),
        ('client_secret_file = "two.txt"', "must contain only the secret"),
        ('client_secret_file = "binary"', "does not contain text"),
        ('client_secret_env = "NOT_SET"', "The environment lacks NOT_SET"),
        ('client_secret_env = ""', "client_secret_env is missing"),
        ('tennant = "x"', "no setting 'tennant'. Did you mean 'tenant'"),
        ("tenant = 5", "tenant is missing. Give it as a string"),
        ('rate_limit = "fast"', 'rate_limit must be "REQUESTS/SECONDS"'),
        ('rate_limit = "0/300"', 'rate_limit must be "REQUESTS/SECONDS"'),
        ("deadline = 0", "deadline must be a number"),
        ("deadline = true", "deadline must be a number"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(line, said, write):
    path = write(f'[instances.acme]\ninstance = "acme.halopsa.com"\nclient_id = "id"\n{line}\n')
    (path.parent / "two.txt").write_text("canary-3\ncanary-4")
    (path.parent / "binary").write_bytes(b"\xff\xfecanary")
    text = mistake(path)
    assert said in text
    assert "acme: " in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[instances.NAME]"),
        ("[instances]\n", "[instances.NAME]"),
        ("[acme]\ninstance = 'x'\n", "[instances.NAME]"),
        ("instances = 5\n", "[instances.NAME]"),
        ("[instances]\nacme = 'acme.halopsa.com'\n", "[instances.NAME]"),
        ("defaults = 5\n[instances.acme]\n", "[instances.NAME]"),
        (TWO + "\n[instance.hooli]\n", "[instances.NAME]"),
        ("[instances.acme]\n", "instance is missing"),
        ("[instances.acme]\ninstance = 'acme.halopsa.com'\n", "client_id is missing"),
        ("[instances.acme]\ninstance = 'http://acme.halopsa.com'\nclient_id = 'x'\n", "unencrypted"),
        ("[instances.acme\n", "is not TOML"),
        ("a = 1\na = 2\n", "is not TOML"),
    ],
)
def test_a_file_that_cannot_work_is_refused(text, said, write):
    assert said in mistake(write(text))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    assert "cannot be read (no such file or directory). Check the path." in mistake(tmp_path / "none.toml")
    (tmp_path / "fleet.toml").write_bytes(b"\xff\xfe\x00")
    assert "is not UTF-8 text. Save it as UTF-8." in mistake(tmp_path / "fleet.toml")


def test_a_mistake_shows_nothing_of_the_environment(write, monkeypatch):
    monkeypatch.setenv("HALO_ACME_CLIENT_SECRET", "canary-5")
    assert "GLOBEX_SECRET" in mistake(write(TWO), environ=None)


async def test_measurements_beside_the_file_is_that_of_the_client(write) -> None:
    one = write('[instances.acme]\ninstance = "acme.halopsa.com"\nclient_id = "c"\nmeasurements = "p.json"\n')
    environ = {"HALO_ACME_CLIENT_SECRET": "s"}
    with pytest.raises(SettingsError, match=r"acme: .*p\.json: no such file"):
        Fleet.from_toml(one, environ=environ)
    (one.parent / "p.json").write_text('{"halo_measurements": 1, "measured": {"page_size": {"tickets": 50}}}')
    measurements = Fleet.from_toml(one, environ=environ)["acme"].transport.options.measurements
    assert measurements is not None
    assert measurements.page_size("tickets") == 50


async def test_clients_that_share_a_folder_of_tokens_share_no_login(write) -> None:
    async with Emulator(tickets=5, rate_limit=None) as emulator:
        one = f"""
[defaults]
instance = "{emulator.url}"
client_id = "{emulator.client_id}"
token_store = "tokens"

[instances.right]

[instances.wrong]

[instances.narrow]
scope = "read:tickets"
"""
        secret = emulator.client_secret
        environ = {"HALO_RIGHT_CLIENT_SECRET": secret, "HALO_NARROW_CLIENT_SECRET": secret}
        environ["HALO_WRONG_CLIENT_SECRET"] = "canary-wrong"
        for _ in range(2):
            async with Fleet.from_toml(write(one), environ=environ) as fleet:
                found = [
                    await fleet.map(lambda halo: halo.site.list().first(), only=[name]) for name in fleet
                ]
            errors = [type(next(iter(each.values())).error) for each in found]
            assert errors == [type(None), AuthenticationError, PermissionDeniedError]
        assert len(list((write(one).parent / "tokens").glob("*.token"))) == 2
