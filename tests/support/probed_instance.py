"""Emulated instances that differ in chosen points from what the client assumes, with what it takes to see that."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from halo_async import ClientCredentials, Halo, RateLimit
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Behaviour, Behind, Churn, Emulator

LATER = 1_800_000_000.0
"""After all seeded dates."""
QUESTIONS = (
    "id_lists",
    "page_size",
    "paging_flag",
    "inactive_rows",
    "ordering",
    "id_filter",
    "past_the_end",
    "unknown_parameters",
    "encodings",
    "proxies",
    "date_zone",
    "rate_limit_headers",
)


def planted(wanted: Iterable[str], seed: int) -> dict[str, Any]:
    """Options of an emulator that differs in just these points, in a way that the seed chooses."""
    wanted, choose = set(wanted), Random(seed).choice
    # An instance without pages shows neither their length nor what stands behind the last one.
    flags = ["optional"] if wanted & {"page_size", "past_the_end"} else ["optional", "ignored"]
    ways: dict[str, dict[str, Any]] = {
        "id_lists": {"several_ids": choose(["repeats", "both"])},
        "paging_flag": {"pageinate": choose(flags)},
        "inactive_rows": {"inactive": "shown"},
        "ordering": {"order": "ignored"},
        "id_filter": {"id_filter": choose(["ignored", "refused"])},
        "past_the_end": {"past_the_end": choose(["total", "last page"])},
        "unknown_parameters": {"unknown_parameters": "refused"},
        "encodings": {"encodings": choose([("br",), ("zstd",), ("zstd", "gzip"), ("br", "zstd", "gzip")])},
        "date_zone": {"utc_offset": choose([-480, -300, 60, 330, 780])},
        "rate_limit_headers": {"rate_limit_headers": True},
    }
    behaviour = {
        key: value for question in sorted(wanted & ways.keys()) for key, value in ways[question].items()
    }
    found: dict[str, Any] = {"behaviour": Behaviour(**behaviour)}
    if "page_size" in wanted:
        found["page_cap"] = choose([20, 30, 50, 200])
    if "proxies" in wanted:
        found["proxies"] = Behind(40, 17, choose(["bookmark", "paging.next.after", "continuationToken"]))
    return found


def instance(seed: int, **options: Any) -> Emulator:
    """An instance with activity: a ticket changes with each request for tickets."""
    given = {"tickets": 230, "clock": VirtualClock(LATER, auto_advance=True), "churn": Churn(update=1.0)}
    return Emulator(seed, **{**given, **options})


def disable_some(emulator: Emulator) -> None:
    """Make some rows inactive, as writes do."""
    for path, field in (("/Client", "inactive"), ("/Users", "inactive"), ("/Agent", "isdisabled")):
        emulator.world.table(path).change(2, {field: True})


def client(emulator: Emulator, limit: RateLimit | None = None, **options: Any) -> Halo:
    """A client of it, on its clock."""
    login = ClientCredentials(emulator.client_id, emulator.client_secret)
    return Halo(emulator.url, login, rate_limit=limit, clock=emulator.clock, **options)


def after_login(emulator: Emulator) -> list[Any]:
    """The requests that are no part of a login."""
    return [entry for entry in emulator.requests if entry.api and entry.path != "/api/authinfo"]
