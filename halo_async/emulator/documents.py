"""Document of an instance: the one it serves requests by, and the form in which clients get it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Literal
from zlib import crc32

import attrs

from halo_async._utils import openapi_document
from halo_async._utils.clock import Clock
from halo_async._utils.openapi_document import Document
from halo_async._utils.openapi_releases import document_of_release, releases
from halo_async.emulator.config_fields import ConfigError
from halo_async.emulator.dialect_2024 import dialect_2024
from halo_async.emulator.dialect_2026 import dialect_2026
from halo_async.emulator.drift import DriftChange, drifted
from halo_async.emulator.lists import ListLimits
from halo_async.emulator.proxies import Behind
from halo_async.emulator.reply import Reply, json_reply
from halo_async.emulator.responses import EmulatedResponses
from halo_async.emulator.routes import Routes
from halo_async.emulator.schema import states_responses
from halo_async.emulator.state import EmulatorState

Dialect = Literal["2024", "2026"]
NEWEST = "newest"
"""The newest release that a document describes."""


def as_of(document: Document, release: str) -> Document:
    """Return a document as one of its releases has it; one that names no releases as it is, if the newest is meant.

    :raises ConfigError: the document does not describe that release.
    """
    known = releases(document)
    if release == NEWEST:
        return document_of_release(document, known[-1]) if known else document
    if not known:
        raise ConfigError(f"as_of is {release!r}, but this document names no releases. Leave as_of out.")
    if release not in known:
        raise ConfigError(f"as_of must be {NEWEST} or one of {', '.join(known)}, not {release!r:.60}.")
    return document_of_release(document, release)


def load(source: Document | Path | None, release: str) -> Document:
    """Return the document to serve, as of a release.

    :param source: a canonical document or its path; the built-in one by default.
    :raises ConfigError: it does not describe that release.
    """
    if source is None:
        return _built_in(release)
    return as_of(openapi_document.read_document(source) if isinstance(source, Path) else source, release)


@cache
def _built_in(release: str) -> Document:
    return as_of(openapi_document.load_document(), release)


@attrs.frozen
class ServedDocument:
    """Options for the served document, and its distance from the canonical document."""

    dialect: Dialect | None = attrs.field(
        default=None, validator=attrs.validators.in_((None, "2024", "2026"))
    )
    """None: that of the release."""
    bom: bool = False
    drift: int = 0


class Documents:
    """Loads the canonical document on the first API request, so that starting costs nothing."""

    def __init__(
        self,
        load: Callable[[str], Document],
        release: str,
        shown: ServedDocument,
        clock: Clock,
        seed: int,
        tickets: int,
        limits: ListLimits,
        sources: Mapping[str, Behind],
    ) -> None:
        self._load = load
        self._release = release
        self._shown = shown
        self._clock = clock
        self._seed = seed
        # A reset takes another seed for the data; the document is unchanged.
        self._drift_seed = seed
        self._tickets = tickets
        self._limits = limits
        self._sources = sources

    def renew(self, seed: int, tickets: int, release: str) -> None:
        """Use other data, and the document of another release, from the next world on."""
        self._seed, self._tickets = seed, tickets
        if release != self._release:
            self._release = release
            for made in ("_drifted", "routes", "_swagger"):
                self.__dict__.pop(made, None)

    @cached_property
    def _drifted(self) -> tuple[Document, tuple[DriftChange, ...]]:
        document = self._load(self._release)
        return drifted(document, self._drift_seed, self._shown.drift) if self._shown.drift else (document, ())

    @property
    def document(self) -> Document:
        """Return the document that this instance serves requests by, in canonical form."""
        return self._drifted[0]

    @property
    def changes(self) -> tuple[DriftChange, ...]:
        """Return the differences from the canonical document."""
        return self._drifted[1]

    @cached_property
    def routes(self) -> Routes:
        """Return its paths."""
        return Routes(self.document)

    @cached_property
    def _swagger(self) -> Reply:
        dialect = self._shown.dialect or ("2026" if states_responses(self.document) else "2024")
        speak = dialect_2026 if dialect == "2026" else dialect_2024
        reply = json_reply(speak(self.document))
        return attrs.evolve(reply, body=b"\xef\xbb\xbf" + reply.body) if self._shown.bom else reply

    def swagger(self) -> Reply:
        """Return the document as an instance serves it."""
        return self._swagger

    def responses(self, tenant: str | None = None) -> EmulatedResponses:
        """Return a fresh world that serves requests by this document; another tenant's has another seed."""
        seed = self._seed if tenant is None else self._seed + 1 + crc32(tenant.lower().encode())
        world = EmulatorState(self.routes, self.document, self._clock, seed=seed, tickets=self._tickets)
        return EmulatedResponses(world, self._limits, self._sources)
