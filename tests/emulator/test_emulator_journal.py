"""The request log, as a thread of a test reads it while that of the emulator writes."""

from __future__ import annotations

import pytest

from halo_async.emulator.journal import RecordedRequest, RequestLog


class Name(str):
    """A name; while it is compared, another request is received."""

    __slots__ = ("log",)
    log: RequestLog

    def __eq__(self, other: object) -> bool:
        self.log.add(made(self.log))
        return str.__eq__(self, other)

    __hash__ = str.__hash__


class Compared(RecordedRequest):
    """A request; while it is looked at, another one is received."""

    def matches(self, method: str, path: str) -> bool:
        assert isinstance(self.operation, Name)
        self.operation.log.add(made(self.operation.log))
        return super().matches(method, path)


def made(log: RequestLog) -> RecordedRequest:
    name = Name("tickets.list")
    name.log = log
    return Compared("GET", "/Tickets", (), {}, b"", 0.0, operation=name)


@pytest.mark.parametrize("pattern", ["GET /Tickets", "/tickets", "tickets.list"])
def test_requests_that_are_received_meanwhile_do_not_disturb_a_filter(pattern: str) -> None:
    log = RequestLog()
    for _ in range(3):
        log.add(made(log))
    assert len(log(pattern)) == 3
    assert len(log) == 6
