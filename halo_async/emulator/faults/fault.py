"""One fault: what, where, how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Fault:
    """What goes wrong with which requests.

    :param number: of the checklist, such as ``F05``.
    :param on: ``METHOD /path``: a path that arrives, a template, or ``*`` for any; ``* *`` is every request.
    :param variant: which form of the fault; see ``known()``. The first one if left out.
    :param times: at most so often; None for always.
    :param after: let so many matching requests through first.
    :param every: only each n-th matching request (after ``after``).
    :param probability: by a seeded coin, the same for the same seed.
    :param options: what the variant takes: ``status``, ``seconds``, ``retry_after``, ``at`` (bytes), ``value`` …;
        any takes ``delay``, seconds before it is done (a real 500 takes about 7).
    """

    number: str
    on: str = "* *"
    variant: str | None = None
    times: int | None = None
    after: int = 0
    every: int = 1
    probability: float = 1.0
    options: Mapping[str, Any] = attrs.field(factory=dict)

    def option(self, name: str, default: Any) -> Any:
        """One of the options."""
        return self.options.get(name, default)


@attrs.frozen
class FiredFault:
    """Proof that a fault was done to a request."""

    number: str
    variant: str
    method: str
    path: str
    at: float
