"""What is pasted with blanks or line breaks around it means what it says, wherever it is given."""

from __future__ import annotations

import pytest

from halo_async import ClientCredentials, Halo, SettingsError
from halo_async.auth.credentials import (
    AuthorizationCodeCredentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.auth.discovery import override
from halo_async.emulator import Emulator
from halo_async.fleet import Fleet

AROUND = [" {} ", "{}\n", "\t{}\r\n", "\u00a0{}\u2009"]


@pytest.fixture
async def emulator():
    async with Emulator(tickets=5, tenant="acme") as emulator:
        yield emulator


def posted(emulator: Emulator) -> tuple[str, dict[str, str]]:
    from urllib.parse import parse_qsl

    (request,) = emulator.requests("POST /auth/token")
    return dict(request.query)["tenant"], dict(parse_qsl(request.body.decode()))


@pytest.mark.parametrize("around", AROUND)
async def test_arguments_are_taken_without_what_is_around_them(emulator: Emulator, around: str) -> None:
    who = ClientCredentials(around.format(emulator.client_id), emulator.client_secret)
    options = {
        "tenant": around.format("acme"),
        "scope": around.format("all"),
        "auth_url": around.format(f"{emulator.url}/auth"),
    }
    async with Halo(around.format(emulator.url), who, **options) as halo:
        assert (await halo.tickets.get(1)).id == 1
    tenant, form = posted(emulator)
    assert (tenant, form["client_id"], form["scope"]) == ("acme", emulator.client_id, "all")


@pytest.mark.parametrize("blank", ["", " ", "\n"])
async def test_nothing_but_blanks_is_nothing_given(emulator: Emulator, blank: str) -> None:
    who = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with Halo(emulator.url, who, tenant=blank, scope=blank, auth_url=blank):
        pass
    tenant, form = posted(emulator)
    assert (tenant, form["scope"]) == ("acme", "all")


async def test_scopes_on_several_lines_are_one_list(emulator: Emulator) -> None:
    who = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with Halo(emulator.url, who, scope=" read:tickets\n  edit:tickets\n"):
        pass
    assert posted(emulator)[1]["scope"] == "read:tickets edit:tickets"


async def test_options_of_the_environments_client_are_taken_so_too(emulator: Emulator, monkeypatch) -> None:
    monkeypatch.setenv("HALO_INSTANCE", f" {emulator.url}\n")
    monkeypatch.setenv("HALO_CLIENT_ID", f"{emulator.client_id}\r\n")
    monkeypatch.setenv("HALO_CLIENT_SECRET", f"{emulator.client_secret}\n")
    monkeypatch.setenv("HALO_SCOPE", " all ")
    monkeypatch.setenv("HALO_AUTH_URL", f" {emulator.url}/auth\n")
    async with Halo.from_env(tenant=" acme "):
        pass
    tenant, form = posted(emulator)
    assert (tenant, form["client_id"], form["scope"]) == ("acme", emulator.client_id, "all")


async def test_a_file_of_instances_is_read_so_too(emulator: Emulator, tmp_path) -> None:
    (tmp_path / "secret").write_text(f"{emulator.client_secret}\n")
    (tmp_path / "fleet.toml").write_text(
        f'[instances.acme]\ninstance = " {emulator.url} "\nclient_id = " {emulator.client_id} "\n'
        f'client_secret_file = "secret"\ntenant = " acme "\nscope = " all\\n"\nauth_url = " {emulator.url}/auth "\n'
    )
    async with Fleet.from_toml(tmp_path / "fleet.toml") as fleet:
        assert (await fleet["acme"].tickets.get(1)).id == 1
    assert posted(emulator)[0] == "acme"


def test_every_kind_of_credentials_takes_its_client_id_so() -> None:
    for made in (
        PasswordCredentials(" id\n", " me ", "p"),
        RefreshTokenCredentials(" id\n", "r"),
        AuthorizationCodeCredentials(" id\n", print),
        ClientCredentials(" id\n", "s"),
    ):
        assert made.client_id == "id"
    assert PasswordCredentials("id", " me\n", " p ").username == "me"
    assert PasswordCredentials("id", "me", " p ").password.reveal() == " p "  # a password is what it is


@pytest.mark.parametrize("secret", ["sec\nret", "secret\n", "\r\nsecret"])
def test_a_secret_with_a_line_break_is_refused_as_before(secret: str) -> None:
    with pytest.raises(SettingsError, match="line break"):
        Halo("acme.halopsa.com", ClientCredentials("id", secret))


def test_a_login_address_is_taken_so() -> None:
    assert override(" https://acme.halopsa.com/auth/token\n") == "https://acme.halopsa.com/auth"
