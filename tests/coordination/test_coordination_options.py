from __future__ import annotations

import sys

import pytest

from halo_async import ClientCredentials, Coordination, Halo
from halo_async.auth.credentials import ApiKeyCredentials, AuthorizationCodeCredentials
from halo_async.auth.token_stores import MemoryStore
from halo_async.cli import main
from halo_async.coordination.link import RedisLink
from halo_async.errors import SettingsError
from tests.support.secrets_kit import assert_clean, everything_shown

LOGIN = ClientCredentials("id", "canary-secret")
BROWSER = AuthorizationCodeCredentials("id", print)


def halo(coordination: object, credentials: object = LOGIN, **options: object) -> Halo:
    return Halo("acme.halopsa.com", credentials, coordination=coordination, **options)


def chosen(client: Halo) -> Coordination | None:
    return client.transport.options.coordination


@pytest.mark.parametrize(
    "url",
    [
        "redis://:canary-proxy@127.0.0.1:abc",
        "redis://:canary-proxy@",
        "http://u:canary-proxy@127.0.0.1",
        "canary-proxy.example:6379",
        "redis+cluster://:canary-proxy@127.0.0.1",
        "redis://:canary-proxy@[::1",
        "redis://:canary-proxy@127.0.0.1/abc",
        "redis://:canary-proxy@127.0.0.1/-1",
        "rediss://:canary-proxy@127.0.0.1/0/1",
    ],
)
def test_an_address_that_is_not_one_of_redis_is_told_before_the_first_call(url) -> None:
    for make in (lambda: halo(url), lambda: Coordination(url)):
        with pytest.raises(SettingsError, match=r"redis://\[:password@\]host") as caught:
            make()
        assert_clean(everything_shown(caught.value))


@pytest.mark.parametrize("query", ["socket_timeout=canary-proxy", "shre=canary-proxy"])
async def test_an_address_that_redis_refuses_is_told_without_its_password(query: str) -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    url = f"redis://:canary-proxy@127.0.0.1/0?{query}"
    link = RedisLink(Coordination(url).url)
    for use in (lambda: link.client, lambda: halo(url)):  # a client before its first call
        with pytest.raises(SettingsError, match=r"redis://\[:password@\]host.*\?when_unavailable=") as caught:
            use()
        assert_clean(everything_shown(caught.value))


def test_a_wrong_option_in_the_address_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    words = ["whoami", "--instance", "acme.halopsa.com", "--coordination", "redis://127.0.0.1/0?shre=1"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HALO_CLIENT_ID", "id")
        patch.setenv("HALO_CLIENT_SECRET", "canary-secret")
        assert main(words) == 2
    assert "Options are ?when_unavailable=" in capsys.readouterr().err


async def test_without_the_packages_the_fix_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(SettingsError, match=r"pip install 'halo-async\[redis\]'"):
        _ = RedisLink(Coordination("redis://localhost").url).client
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(SettingsError, match=r"pip install 'halo-async\[redis\]'"):
        halo("redis://localhost")


def test_the_options_may_follow_the_address() -> None:
    found = Coordination.parse("redis://h/1?share=1/4&tokens=none&health_check_interval=5")
    assert found is not None
    assert (found.when_unavailable, found.share, found.tokens) == ("share", 0.25, "none")
    assert found.url.reveal() == "redis://h:6379/1?health_check_interval=5"
    plain = Coordination("redis://h")
    assert (plain.when_unavailable, plain.share, plain.tokens) == ("stop", 1 / 8, "encrypted")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"share": 0}, "share must be a number above 0"),
        ({"share": 1.5}, "share must be a number above 0"),
        ({"when_unavailable": "go on"}, 'when_unavailable must be "stop" or "share"'),
        ({"tokens": "plain"}, 'tokens must be "encrypted" or "none"'),
        ({"key": "canary-query"}, "shorter than 16 characters"),
        ({"key": 5}, "must be a string"),
    ],
)
def test_an_option_that_is_not_valid_is_told_without_the_key(options, told) -> None:
    with pytest.raises(SettingsError, match=told) as caught:
        Coordination("redis://:canary-proxy@h", **options)
    assert_clean(everything_shown(caught.value))


def test_a_share_that_is_not_a_number_is_told() -> None:
    with pytest.raises(SettingsError, match="such as 1/8"):
        Coordination.parse("redis://h?share=1/0")


def test_the_environment_names_the_server_unless_the_option_does(monkeypatch) -> None:
    assert chosen(halo(None)) is None
    monkeypatch.setenv("HALO_COORDINATION", "redis://one/0")
    monkeypatch.setenv("HALO_COORDINATION_KEY", "canary-canary-canary")
    found = chosen(halo(None))
    assert found is not None
    assert found.url.reveal() == "redis://one:6379/0"
    assert found.key is not None
    assert "canary" not in repr(found)
    other = chosen(halo("redis://two"))
    assert other is not None
    assert other.url.reveal() == "redis://two:6379"
    assert chosen(halo("none")) is None
    assert chosen(halo("")) is None


def test_a_login_without_a_secret_needs_a_key_unless_its_token_is_kept_elsewhere() -> None:
    with pytest.raises(SettingsError, match="Set HALO_COORDINATION_KEY"):
        halo("redis://h", BROWSER)
    halo(Coordination("redis://h", key="k" * 16), BROWSER)
    halo(Coordination("redis://h", tokens="none"), BROWSER)
    halo("redis://h", BROWSER, token_store=MemoryStore())
    halo("redis://h", ApiKeyCredentials("key"))


def test_something_else_than_an_address_is_told() -> None:
    with pytest.raises(SettingsError, match="must be the address of a Redis server or Coordination"):
        halo(5)
