"""Admin calls, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._utils.openapi_document import Document
from halo_async.emulator.churn import Churn
from halo_async.emulator.config import (
    ClockConfig,
    DataConfig,
    FaultsConfig,
    LimitConfig,
    checked_churn,
    checked_faults,
)
from halo_async.emulator.config_fields import read_object
from halo_async.emulator.snapshot import Snapshot
from halo_async.emulator.webhooks.control import control as webhooks

if TYPE_CHECKING:
    from halo_async.emulator.instance import Emulator

Body = Mapping[str, Any]


class EmulatorSettings:
    """Controls an emulator by admin calls."""

    def __init__(self, emulator: Emulator, document: Callable[[], Document]) -> None:
        """:param document: returns the canonical document, whose paths faults and churn name."""
        self._emulator = emulator
        self._document = document
        self._snapshots: dict[str, Snapshot] = {}
        self._numbers = count(1)
        self._controls: dict[str, Callable[[Body], Any]] = {
            "state": self._state,
            "reset": self._reset,
            "seed": self._reset,
            "faults": self._faults,
            "clock": self._clock,
            "churn": self._churn,
            "truth": self._truth,
            "requests": self._requests,
            "snapshot": self._snapshot,
            "restore": self._restore,
            "rate-limit": self._rate_limit,
            "attach": lambda body: {"id": emulator.attach(**body)},
            "revoke": lambda body: emulator.revoke_tokens(refresh=bool(body.get("refresh"))),
        }

    async def control(self, name: str, body: Body) -> Any:
        """See `halo_async.emulator.admin.Controls`."""
        if name == "webhooks":
            return await webhooks(self._emulator.webhooks, body)
        result = self._controls[name](body)
        return {"done": name} if result is None else result

    def _state(self, body: Body) -> Any:
        emulator = self._emulator
        return {"seed": emulator.seed, "time": emulator.clock.time(), "requests": len(emulator.requests)}

    def _reset(self, body: Body) -> None:
        data = read_object(DataConfig, body)
        self._emulator.reset(seed=data.seed, tickets=data.tickets, as_of=data.as_of)

    def _faults(self, body: Body) -> Any:
        """Arm ``{"faults": [{"number": "F05", "on": "GET /Tickets"}]}``; always return the log."""
        plan, wanted = self._emulator.faults, read_object(FaultsConfig, body)
        faults = checked_faults(wanted.faults, self._document(), "faults") if wanted.faults else ()
        if wanted.clear:
            plan.clear()
        plan.add(faults)
        return {"fired": [attrs.asdict(fired) for fired in plan.log]}

    def _clock(self, body: Body) -> Any:
        self._emulator.advance(read_object(ClockConfig, body).advance)
        return {"time": self._emulator.clock.time()}

    def _churn(self, body: Body) -> None:
        self._emulator.churn = checked_churn(read_object(Churn, body), self._document()) if body else None

    def _truth(self, body: Body) -> Any:
        if self._emulator.churn is None:
            raise ValueError(
                "The rows that were present throughout are known only with churn. Post churn first."
            )
        return {"ids": list(self._emulator.truth())}

    def _requests(self, body: Body) -> Any:
        entries = self._emulator.requests(body.get("pattern"))
        return {"requests": [_hide_credentials(attrs.asdict(entry)) for entry in entries]}

    def _snapshot(self, body: Body) -> Any:
        name = str(body.get("name", next(self._numbers)))
        self._snapshots[name] = self._emulator.snapshot()
        return {"name": name}

    def _restore(self, body: Body) -> None:
        name = str(body.get("name", ""))
        if name not in self._snapshots:
            raise ValueError(f"There is no snapshot {name!r}.")
        self._emulator.restore(self._snapshots[name])

    def _rate_limit(self, body: Body) -> None:
        self._emulator.rate_limit = read_object(LimitConfig, body).limit if body else None


def _hide_credentials(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a request as JSON, without credentials."""
    hidden = {"authorization", "x-halo-api-key", "cookie"}
    headers = {name: "…" if name in hidden else value for name, value in entry["headers"].items()}
    body = "" if entry["path"].lower() == "/auth/token" else entry["body"].decode("utf-8", "replace")
    return {**entry, "headers": headers, "body": body}
