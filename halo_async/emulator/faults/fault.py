"""One fault: kind, target, frequency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from halo_async.emulator.config_fields import number as number_field
from halo_async.emulator.config_fields import open_field, text, whole

OPTIONS = frozenset(
    {"at", "by", "bytes", "cap", "cookie", "count", "delay", "depth", "fields", "id", "names"}
    | {"key", "location", "now", "order", "reason", "retry_after", "rows", "seconds", "status", "value"}
)
"""Parameters of the variants (a test compares them with the faults themselves)."""


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
    :raises ConfigError: a `ValueError`: a value is not valid.
    """

    number: str = text(converter=lambda code: code.strip().upper())
    on: str = text("* *")
    variant: str | None = text(None)
    times: int | None = whole(None, 1)
    after: int = whole(0, 0)
    every: int = whole(1, 1)
    probability: float = number_field(1.0, 1)
    options: Mapping[str, Any] = open_field(OPTIONS)

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
