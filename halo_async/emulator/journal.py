"""Request log: every received request, in order, to assert on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs


@attrs.define(eq=False)
class RecordedRequest:
    """One received request and its response.

    ``path`` is relative to ``/api`` for API requests (``/Tickets/5``), still percent-encoded, and whole for
    others (``/auth/token``). ``status`` is 0 until the response is made. ``unknown`` are query names that
    the document lacks for the operation, ``unused`` those that it has and that had no effect here.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    at: float
    status: int = 0
    operation: str | None = None
    template: str | None = None
    unknown: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    api: bool = False
    understood: tuple[tuple[str, str], ...] | None = attrs.field(default=None, repr=False)

    def json(self) -> Any:
        """Return the body as plain Python."""
        import msgspec

        return msgspec.json.decode(self.body)

    def matches(self, method: str, path: str) -> bool:
        """Return whether the method (``*``: any) and the path or template match, ignoring case.

        :param method: such as `GET`, or `*`.
        :param path: a path or a template, such as `/Tickets/{id}`.
        """
        wanted = path.lower()
        return method in ("*", self.method) and wanted in (self.path.lower(), (self.template or "").lower())


class RequestLog(Sequence[RecordedRequest]):
    """The latest requests. Call it to filter: ``emulator.requests("GET /Tickets")``.

    :param size: number of requests that are held; older ones are dropped.
    """

    def __init__(self, size: int = 100_000) -> None:
        self._entries: deque[RecordedRequest] = deque(maxlen=size)

    def __call__(self, pattern: str | None = None) -> list[RecordedRequest]:
        """Return the requests that match ``METHOD /path``, ``/path`` or an operation's name; default: all.

        The path may be a received one (``/Tickets/5``) or a template (``/Tickets/{id}``).
        """
        if pattern is None:
            return list(self._entries)
        method, _, path = pattern.rpartition(" ")
        if not path.startswith("/"):
            return [entry for entry in self if entry.operation == path]
        return [entry for entry in self if entry.matches(method.upper() or "*", path)]

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[RecordedRequest]:
        return iter(tuple(self._entries))

    def __getitem__(self, index: Any) -> Any:
        return list(self._entries)[index] if isinstance(index, slice) else self._entries[index]

    def add(self, entry: RecordedRequest) -> None:
        """Record a request.

        :param entry: the request with its response's status.
        """
        self._entries.append(entry)

    def clear(self) -> None:
        """Discard all requests."""
        self._entries.clear()
