"""The document of an instance: what it answers by, and how it shows it to clients."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from halo_async.clock import Clock
from halo_async.document import Document
from halo_async.emulator.answers import Answers
from halo_async.emulator.dialect import dialect_2024
from halo_async.emulator.lists import Limits
from halo_async.emulator.proxies import Behind
from halo_async.emulator.reply import Reply, json_reply
from halo_async.emulator.routes import Routes
from halo_async.emulator.world import World


class Documents:
    """Reads the normal form when the first API call comes, so that starting costs nothing."""

    def __init__(self, load: Callable[[], Document], clock: Clock, seed: int, tickets: int,
                 limits: Limits, behind: Behind) -> None:  # fmt: skip
        self._load = load
        self._clock = clock
        self._seed = seed
        self._tickets = tickets
        self._limits = limits
        self._behind = behind

    def resize(self, seed: int, tickets: int) -> None:
        """Other data from the next world on."""
        self._seed, self._tickets = seed, tickets

    @cached_property
    def document(self) -> Document:
        """The normal form."""
        return self._load()

    @cached_property
    def routes(self) -> Routes:
        """Its paths."""
        return Routes(self.document)

    @cached_property
    def _swagger(self) -> Reply:
        return json_reply(dialect_2024(self.document))

    def swagger(self) -> Reply:
        """The document as an instance serves it."""
        return self._swagger

    def answers(self) -> Answers:
        """A fresh world that answers by this document."""
        world = World(self.routes, self.document, self._clock, seed=self._seed, tickets=self._tickets)
        return Answers(world, self._limits, self._behind)
