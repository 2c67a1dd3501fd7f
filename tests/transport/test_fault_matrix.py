"""Every fault that the emulator can do to a call, in every variant, on three seeds.

Once, where the seed says, and always. However it ends, rows are neither wrong nor lost without a word,
the client works once the fault is over, and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from halo_async.emulator.faults.table import known
from tests.support.fault_matrix import PAGES, ROWS, fault, walk, walked
from tests.support.leftovers import FILES_ARE_VISIBLE, nothing_left

SEEDS = (1, 2, 3)
ELSEWHERE = {"F07", "F11", "F41", "F48"}
"""What lists and records make of odd content is tested with them."""

HARMLESS = ("whole", PAGES)
LOST = ("ConnectionFailedError", 5)
SLOW = ("AttemptTimeoutError", 5)
GARBLED = ("DecodeError", 3)
BUSY = ("ServerError", 7)
DENIED = ("PermissionDeniedError", 2)
NO_LOGIN = ("LoginUnavailableError", 0)
PAID_UP = ("RateLimitError", 101)
WINDOW = ("RateLimitError", 3)

ALWAYS = {
    "F02 reset": LOST,
    "F02 close": LOST,
    "F03 reset_on_reuse": HARMLESS,
    "F03 closed": HARMLESS,
    "F04 reset": LOST,
    "F05 short": LOST,
    "F06 cut": LOST,
    "F06 bad_size": LOST,
    "F08 cut": GARBLED,
    "F08 garbage": GARBLED,
    "F08 twice": GARBLED,
    "F09 login_page": ("UnexpectedContentTypeError", 3),
    "F09 bad_gateway": BUSY,
    "F10 empty": GARBLED,
    "F10 null": GARBLED,
    "F10 text": GARBLED,
    "F10 number": GARBLED,
    "F10 array": ("whole", 2),  # a list without rows is what an empty list looks like elsewhere
    "F10 count": ("whole", 2),
    "F10 error": GARBLED,
    "F12 headers": SLOW,
    "F12 body": SLOW,
    "F13 stall": SLOW,
    "F13 silence": SLOW,
    "F14 unauthorized": DENIED,
    "F15 unauthorized": DENIED,
    "F17 late": SLOW,
    "F18 no_permission": DENIED,
    "F18 forbidden": ("PermissionDeniedError", 1),
    "F19 error": NO_LOGIN,
    "F19 html": NO_LOGIN,
    "F19 throttled": NO_LOGIN,
    "F19 bad_gateway": NO_LOGIN,
    "F19 silence": NO_LOGIN,
    # The emulator does not know the tokens that come with these, so they are refused like expired ones.
    "F21 no_expiry": DENIED,
    "F21 text_expiry": DENIED,
    "F21 zero": DENIED,
    "F21 negative": DENIED,
    "F21 absurd": DENIED,
    "F21 extra_fields": DENIED,
    "F21 no_token": NO_LOGIN,
    "F23 seconds": PAID_UP,
    "F24 date": PAID_UP,
    "F24 past": PAID_UP,
    "F24 year": ("RateLimitError", 1),
    "F24 garbage": WINDOW,
    "F24 negative": WINDOW,
    "F24 nan": WINDOW,
    "F24 infinite": WINDOW,
    "F25 bare": WINDOW,
    "F27 500": ("ServerError", 3),
    "F27 502": BUSY,
    "F27 503": BUSY,
    "F27 504": ("ServerError", 2),
    "F27 408": ("BadRequestError", 7),
    "F38 foreign": HARMLESS,
    "F39 relative": HARMLESS,
    "F40 301": ("UnexpectedRedirectError", 1),
    "F40 302": ("UnexpectedRedirectError", 1),
    "F40 307": ("UnexpectedRedirectError", 1),
    "F40 308": ("UnexpectedRedirectError", 1),
    "F42 huge": ("ResponseTooLargeError", 1),
    "F42 wide": HARMLESS,
    "F43 bomb": ("ResponseTooLargeError", 1),
    "F43 nested": ("UnknownEncodingError", 3),  # a DecodeError that names the encoding
    "F43 cut": GARBLED,
    "F43 not_gzip": GARBLED,
    "F43 trailing": GARBLED,
    "F43 members": HARMLESS,
    "F44 nan": GARBLED,
    "F44 infinity": GARBLED,
    "F44 overflow": GARBLED,
    "F44 row_overflow": GARBLED,
    "F44 row_digits": GARBLED,
    "F45 int64": HARMLESS,
    "F45 int128": HARMLESS,
    "F46 bom": HARMLESS,
    "F46 latin_1": GARBLED,
    "F46 utf_16": GARBLED,
    "F46 surrogate": GARBLED,
    "F46 nul": GARBLED,
    "F46 carriage_return": HARMLESS,
    "F47 duplicate_keys": HARMLESS,
    "F47 deep": GARBLED,
    "F51 many": HARMLESS,
    "F51 cookie": HARMLESS,
    "F51 long": LOST,
    "F52 299": ("whole", 2),  # a success with nothing in it
    "F52 599": ("ServerError", 1),
    "F52 206": GARBLED,
    "F52 204": GARBLED,
    "F52 103": HARMLESS,
    "F52 204_with_body": LOST,
    "F53 407": ("BadRequestError", 1),
}
"""How a walk ends while the fault lasts, and after how many requests for pages."""

FINAL = {name for name, (error, requests) in ALWAYS.items() if error != "whole" and requests == 1}
"""Not tried again: a page that meets one of these ends the walk."""

everywhere = pytest.mark.parametrize("seed", SEEDS)
each = pytest.mark.parametrize("name", ALWAYS)


def test_every_fault_of_the_emulator_has_its_place_here() -> None:
    concerned = {number: variants for number, variants in known().items() if _concerns(number)}
    assert set(ALWAYS) == {f"{number} {it}" for number, variants in concerned.items() for it in variants}


def _concerns(number: str) -> bool:
    is_ours = "F01" <= number <= "F31" or "F38" <= number <= "F53"
    return is_ours and number not in ELSEWHERE


@everywhere
@each
async def test_a_fault_that_lasts_ends_as_the_policy_says(name: str, seed: int) -> None:
    number, variant = name.split()
    async with (
        nothing_left(),
        walked(seed, fault(number, variant, seed, once=False)) as (server, halo, clock),
    ):
        outcome = await walk(server, halo)
        assert (outcome.name, outcome.requests) == ALWAYS[name]
        if outcome.error is not None and outcome.requests > 2:
            assert len(outcome.error.history) == outcome.requests
        server.faults.clear()
        clock.advance(1000)  # refusals are remembered for a while
        whole = await walk(server, halo)
        assert (whole.name, len(set(whole.ids))) == ("whole", ROWS)
        assert halo.transport._limiter._in_flight == 0


@everywhere
@each
async def test_a_fault_that_strikes_once_costs_no_row(name: str, seed: int) -> None:
    number, variant = name.split()
    async with nothing_left(), walked(seed, fault(number, variant, seed, once=True)) as (server, halo, clock):
        outcome = await walk(server, halo)
        server.faults.clear()
        clock.advance(1000)
        whole = await walk(server, halo)
        assert (whole.name, len(set(whole.ids))) == ("whole", ROWS)
        assert outcome.name == (ALWAYS[name][0] if name in FINAL else "whole")
        assert outcome.requests <= PAGES + 1
        assert outcome.ids == whole.ids[: len(outcome.ids)]
        if outcome.error is None:
            assert outcome.ids == whole.ids


# The checklist, and the check itself -------------------------------------------------------------


@pytest.mark.parametrize("number", [*range(1, 32), *range(38, 54)])
def test_every_fault_of_the_checklist_has_a_test_under_its_number(number: int) -> None:
    named = re.compile(rf"def test_f{number:02}_|[\"']F{number:02}\b")
    tests = Path(__file__).parent.parent.rglob("test_*.py")
    assert any(named.search(test.read_text()) for test in tests)


async def test_a_task_left_behind_is_noticed() -> None:
    with pytest.raises(AssertionError, match=r"left behind: .*a task of mine"):
        async with nothing_left(turns=3):
            task = asyncio.create_task(asyncio.Event().wait(), name="a task of mine")
    task.cancel()


@pytest.mark.skipif(not FILES_ARE_VISIBLE, reason="the system does not list open files under /proc/self/fd")
async def test_a_file_left_open_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"left behind: .*left\.txt"):
        async with nothing_left(turns=3):
            file = (tmp_path / "left.txt").open("w")
    file.close()
