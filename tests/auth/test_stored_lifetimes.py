"""What a store says of a token's end is believed no more than what a login service says of its life."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async.auth.credentials import RefreshTokenCredentials
from halo_async.auth.factory import tokens_for
from halo_async.auth.token_response import LONGEST_LIFETIME, time_left
from halo_async.auth.token_stores import FileStore, MemoryStore, StoredToken, TokenStore, deserialize
from halo_async.auth.tokens import Token
from halo_async.settings import Instance
from tests.support.fake_exchange import FakeExchange, granted

NOW = 1_700_000_000.0
ANYTHING = (
    st.none() | st.booleans() | st.text() | st.integers() | st.floats() | st.binary() | st.lists(st.none())
)


@given(ANYTHING | st.integers(min_value=10**300))
def test_a_stored_lifetime_is_none_or_at_most_a_day(expires: Any) -> None:
    assert 0.0 <= time_left(expires, NOW) <= LONGEST_LIFETIME


@given(st.floats(min_value=0, max_value=LONGEST_LIFETIME))
def test_a_sane_one_is_believed(left: float) -> None:
    assert time_left(NOW + left, NOW) == pytest.approx(left, abs=1e-3)


async def login(store: TokenStore, exchange: FakeExchange, clock: VirtualClock) -> Token:
    made = tokens_for(
        RefreshTokenCredentials("app", "r1"),
        exchange=exchange,
        instance=Instance.parse("acme.halopsa.com"),
        clock=clock,
        random=lambda: 0.5,
        store=store,
    )
    return await made.get()


ODD = [float("nan"), float("-inf"), float("inf"), -5.0, 0, "1e300", "soon", None, True, 10**400, [1]]


@pytest.mark.parametrize("expires", ODD, ids=str)
async def test_a_token_without_an_end_is_renewed_and_its_refresh_token_is_not_lost(clock, expires) -> None:
    class Odd(MemoryStore):
        async def load(self, key: str) -> StoredToken | None:
            found = await super().load(key)
            return found and StoredToken("odd", expires, "all", found.refresh_token)

    exchange = FakeExchange(token=[granted("a", refresh_token="r2"), granted("b", refresh_token="r3")])
    store = Odd()
    await login(store, exchange, clock)
    assert (await login(store, exchange, clock)).access_token.reveal() == "b"
    assert [form["refresh_token"] for form in exchange.forms] == ["r1", "r2"]


@pytest.mark.parametrize(
    "text", ["NaN", "1e400", "-1", '"3600"', "null", "true", "[]", "9" * 400], ids=lambda t: t[:6]
)
async def test_nor_is_it_lost_from_a_file(clock, tmp_path: Path, text: str) -> None:
    exchange = FakeExchange(token=[granted("a", refresh_token="r2"), granted("b", refresh_token="r3")])
    store = FileStore(tmp_path / "tokens")
    await login(store, exchange, clock)
    (path,) = (tmp_path / "tokens").iterdir()
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"expires": "HERE"}).replace('"HERE"', text))
    found = await login(store, exchange, clock)
    assert found.access_token.reveal() == "b"
    not_json = text in ("NaN", "1e400")  # then nothing of the file can be believed
    assert exchange.forms[-1]["refresh_token"] == ("r1" if not_json else "r2")


async def test_a_far_end_is_a_day(clock, exchange) -> None:
    class Far(MemoryStore):
        async def load(self, key: str) -> StoredToken | None:
            return StoredToken("far", clock.time() + 1e9, "all", Secret("r2"))

    found = await login(Far(), exchange, clock)
    assert (found.access_token.reveal(), found.lifetime) == ("far", LONGEST_LIFETIME)


async def test_a_stored_life_begins_when_the_token_was_asked_for(clock) -> None:
    class Slow(FakeExchange):
        async def __call__(self, method, url, *, form=None):
            if form is not None:
                clock.advance(100)
            return await super().__call__(method, url, form=form)

    store = MemoryStore()
    began = clock.time()
    await login(store, Slow(), clock)
    (stored,) = store._kept.values()
    assert stored.expires == began + 3600


@pytest.mark.parametrize("token", ["", "a\nb", "a b"])
async def test_a_stored_token_that_no_header_can_carry_is_renewed(clock, exchange, token) -> None:
    class Odd(MemoryStore):
        async def load(self, key: str) -> StoredToken | None:
            return StoredToken(token, clock.time() + 3600, "all", Secret("r2"))

    assert (await login(Odd(), exchange, clock)).access_token.reveal() == "canary-token"


@given(
    st.dictionaries(
        st.sampled_from(["key", "access_token", "expires", "scope", "refresh_token"]),
        ANYTHING.filter(lambda v: not isinstance(v, bytes)),
    )
)
def test_whatever_is_in_a_store_is_a_login_or_none(fields: dict[str, Any]) -> None:
    try:
        text = json.dumps({"key": "k"} | fields).encode()
    except UnicodeEncodeError:
        return
    found = deserialize(text, "k")
    assert found is None or (found.access_token.reveal() or found.refresh_token)
    assert found is None or isinstance(found.expires, float)
