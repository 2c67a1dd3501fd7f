"""The key of a login in a token store: no two logins share one, and it tells nothing of secrets."""

from __future__ import annotations

import asyncio
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async._utils.secret import Secret
from halo_async.auth import login_key as module
from halo_async.auth.login_key import LoginIdentity, encode_parts, login_key
from halo_async.settings import Instance

# What an encoding could take for its own marks, and halves of characters, which may stand for a whole one.
TRICKY = st.text(st.sampled_from("-:0123456789 /\x00a\ud83d\ude00é😀"), max_size=6)
PARTS = st.lists(st.none() | TRICKY | st.text(max_size=3), max_size=6)


def decode_parts(encoded: bytes) -> list[str | None]:
    parts: list[str | None] = []
    while encoded:
        if encoded.startswith(b"-"):
            parts.append(None)
            encoded = encoded[1:]
            continue
        length, _, rest = encoded.partition(b":")
        parts.append(rest[: int(length)].decode("utf-8", "surrogatepass"))
        encoded = rest[int(length) :]
    return parts


@given(PARTS)
def test_an_encoding_can_be_read_back_so_no_two_are_the_same(parts) -> None:
    assert list(map(ascii, decode_parts(encode_parts(parts)))) == list(map(ascii, parts))


WHO = st.tuples(
    st.sampled_from(["password", "refresh_token"]), TRICKY, st.none() | TRICKY, st.none() | TRICKY, TRICKY
)
WHERE = st.tuples(st.none() | TRICKY, st.none() | TRICKY, TRICKY)


def key_of(who, where, instance: str = "acme.halopsa.com") -> str:
    kind, client_id, user, first, second = who
    tenant, auth_url, scope = where
    secrets = (None if first is None else Secret(first), Secret(second))
    identity = LoginIdentity(kind, client_id, user, secrets)
    made = login_key(identity, Instance.parse(instance), tenant=tenant, auth_url=auth_url, scope=scope)
    return asyncio.run(made)


@given(WHO, WHERE, WHO, WHERE)
def test_two_logins_share_a_key_only_if_they_are_the_same(who, where, other, elsewhere) -> None:
    same = (who, where) == (other, elsewhere)
    assert (key_of(who, where) == key_of(other, elsewhere)) is same


@pytest.mark.parametrize("part", range(8))
def test_each_part_of_a_login_makes_another_key(part: int) -> None:
    given = ["password", "app", "alice", "s1", "p1", "acme", None, "all"]
    changed = [*given]
    changed[part] = f"{given[part]}x"
    keys = {key_of(tuple(parts[:5]), tuple(parts[5:])) for parts in (given, changed)}
    keys.add(key_of(tuple(given[:5]), tuple(given[5:]), "globex.halopsa.com"))
    keys.add(key_of(tuple(given[:5]), tuple(given[5:]), "acme.halopsa.com:8443"))
    assert len(keys) == 4


def test_another_format_of_keys_uses_no_entry_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The format is the first part of each key, and of what is digested."""
    who, where = ("password", "app", "alice", "s1", "p1"), ("acme", None, "all")
    ours = key_of(who, where)
    assert ours.split("/")[:2] == ["halo-async", module.FORMAT]
    monkeypatch.setattr(module, "FORMAT", "1")
    *_, theirs = key_of(who, where).split("/")
    assert theirs != ours.split("/")[-1]


def test_parts_do_not_run_into_each_other() -> None:
    assert key_of(("password", "a b", None, None, "p"), (None, None, "c")) != key_of(
        ("password", "a", None, None, "p"), (None, None, "b c")
    )


def test_a_key_fits_every_store_and_tells_nothing() -> None:
    long = "x" * 5000
    instance = f"{'a.' * 120}halopsa.com"
    key = key_of(("password", long, "alice", "canary-secret", "canary-password"), ("t", None, long), instance)
    assert key.isascii()
    assert len(key) <= 330
    assert not any(character.isspace() for character in key)
    assert not any(told in key for told in ("canary", "alice"))


@pytest.mark.parametrize(
    ("secrets", "stretched"),
    [
        ((None, "tr0ub4dor"), True),
        (("client-secret-of-a-machine-00000000", "tr0ub4dor"), True),
        (("short", None), True),
        (("client-secret-of-a-machine-00000000", None), False),
        (("", None), False),
    ],
    ids=["password", "password beside a long secret", "short secret", "long secret", "no secret"],
)
def test_what_a_person_may_have_thought_of_is_stretched(monkeypatch, secrets, stretched) -> None:
    rounds: list[int] = []

    def spied(name: str, secret: bytes, salt: bytes, count: int) -> bytes:
        rounds.append(count)
        return hashlib.pbkdf2_hmac(name, secret, salt, 1)

    monkeypatch.setattr(module, "ROUNDS", 600_000)
    monkeypatch.setattr(module, "pbkdf2_hmac", spied)
    wrapped = tuple(None if secret is None else Secret(secret) for secret in secrets)
    identity = LoginIdentity("password", "app", "alice", wrapped)
    acme = Instance.parse("acme.halopsa.com")
    asyncio.run(login_key(identity, acme, tenant=None, auth_url=None, scope="all"))
    assert rounds == ([600_000] if stretched else [])


def test_the_salt_is_all_else_of_the_login(monkeypatch) -> None:
    salts: set[bytes] = set()

    def spied(name: str, secret: bytes, salt: bytes, count: int) -> bytes:
        salts.add(salt)
        return b""

    monkeypatch.setattr(module, "pbkdf2_hmac", spied)
    for user in ("alice", "bob"):
        for tenant in ("a", "b"):
            key_of(("password", "app", user, None, "same password"), (tenant, None, "all"))
    assert len(salts) == 4
