"""One fault: kind, target, frequency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs


@attrs.frozen
class Fault:
    """Fault and the requests that it applies to.

    :param number: of the checklist, such as ``F05``.
    :param on: ``METHOD /path``: a received path, a template, or ``*`` for any; ``* *`` is every request.
    :param variant: form of the fault; see ``known()``. Default: the first one.
    :param times: maximum number of times; None for unlimited.
    :param after: number of matching requests to let through first.
    :param every: only each n-th matching request (after ``after``).
    :param probability: seeded probability; the same seed gives the same result.
    :param options: of the variant: ``status``, ``seconds``, ``retry_after``, ``at`` (bytes), ``value`` …;
        any accepts ``delay``, seconds before the fault (a real 500 takes about 7).
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
        """Return one of the options.

        :param name: name of the option.
        :param default: the value if it was not given.
        """
        return self.options.get(name, default)


@attrs.frozen
class FiredFault:
    """Record of a fault that was applied to a request."""

    number: str
    variant: str
    method: str
    path: str
    at: float
