"""Document of an instance: the one it serves requests by, and the form in which clients get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Literal
from zlib import crc32

import attrs

from halo_async._utils.clock import Clock
from halo_async._utils.openapi_document import Document
from halo_async.emulator.answers import EmulatedResponses
from halo_async.emulator.dialect_2024 import dialect_2024
from halo_async.emulator.dialect_2026 import dialect_2026
from halo_async.emulator.drift import Change, drifted
from halo_async.emulator.lists import ListLimits
from halo_async.emulator.proxies import Behind
from halo_async.emulator.reply import Reply, json_reply
from halo_async.emulator.routes import Routes
from halo_async.emulator.state import EmulatorState

Dialect = Literal["2024", "2026"]


@attrs.frozen
class ServedDocument:
    """Options for the served document, and its distance from the canonical document."""

    dialect: Dialect = attrs.field(default="2024", validator=attrs.validators.in_(("2024", "2026")))
    bom: bool = False
    drift: int = 0


class Documents:
    """Loads the canonical document on the first API request, so that starting costs nothing."""

    def __init__(
        self,
        load: Callable[[], Document],
        shown: ServedDocument,
        clock: Clock,
        seed: int,
        tickets: int,
        limits: ListLimits,
        sources: Mapping[str, Behind],
    ) -> None:
        self._load = load
        self._shown = shown
        self._clock = clock
        self._seed = seed
        # A reset takes another seed for the data; the document is unchanged.
        self._drift_seed = seed
        self._tickets = tickets
        self._limits = limits
        self._sources = sources

    def resize(self, seed: int, tickets: int) -> None:
        """Use other data from the next world on."""
        self._seed, self._tickets = seed, tickets

    @cached_property
    def _drifted(self) -> tuple[Document, tuple[Change, ...]]:
        if not self._shown.drift:
            return self._load(), ()
        return drifted(self._load(), self._drift_seed, self._shown.drift)

    @property
    def document(self) -> Document:
        """Return the document that this instance serves requests by, in canonical form."""
        return self._drifted[0]

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return the differences from the canonical document."""
        return self._drifted[1]

    @cached_property
    def routes(self) -> Routes:
        """Return its paths."""
        return Routes(self.document)

    @cached_property
    def _swagger(self) -> Reply:
        speak = dialect_2026 if self._shown.dialect == "2026" else dialect_2024
        reply = json_reply(speak(self.document))
        return attrs.evolve(reply, body=b"\xef\xbb\xbf" + reply.body) if self._shown.bom else reply

    def swagger(self) -> Reply:
        """Return the document as an instance serves it."""
        return self._swagger

    def answers(self, tenant: str | None = None) -> EmulatedResponses:
        """Return a fresh world that serves requests by this document; another tenant's has another seed."""
        seed = self._seed if tenant is None else self._seed + 1 + crc32(tenant.lower().encode())
        world = EmulatorState(self.routes, self.document, self._clock, seed=seed, tickets=self._tickets)
        return EmulatedResponses(world, self._limits, self._sources)
