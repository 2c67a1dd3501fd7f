"""One thing that happened, out of what Halo posts.

The fields of an event were seen on one live instance (2026) and are named so in Halo's own guide: `id`,
`webhook_id`, `notification_id`, `escmsg_id`, `event`, `message`, `object_id`, `agent_id`, `timestamp`, `ticket`.
How a batch (since 2.164) is built, and that an action is under `action`, are guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from attr import field, frozen

from halo_async._utils.dates import parse_date
from halo_async.errors import WebhookError
from halo_async.records.record import Record, wrap

if TYPE_CHECKING:
    from halo_async.models import Action, Ticket

BATCHES = ("events", "deliveries", "batch", "items", "data", "payload")
"""Under which of these an object holds several events (a guess)."""
_OWN = frozenset({"ticket", "action", "object_id"})
"""What an event has and the envelope of a batch has not."""

R = TypeVar("R", bound=Record)


@frozen
class Event:
    """One event of a delivery. What is absent or of the wrong type is None; `raw` has everything.

    Event names come in lower case: "new ticket logged", "ticket status changed". A webhook whose payload
    is "event information only" has no ticket: its number is `object_id`.
    """

    name: str | None
    """What happened, as Halo calls it (`event`)."""
    id: str | None
    """Of this occurrence: a GUID."""
    timestamp: datetime | None
    """When it happened, in UTC."""
    object_id: int | None
    """The id of what it happened to, such as the ticket's number."""
    webhook_id: str | None
    """Which webhook of the instance sent it."""
    message: str | None
    """What happened, as a sentence."""
    ticket: Ticket | None = field(hash=False)
    action: Action | None = field(hash=False)
    raw: Mapping[str, Any] = field(repr=False, hash=False)
    """The JSON object as it came; nothing of it is shared with the records."""

    @classmethod
    def read(cls, raw: Mapping[str, Any], envelope: Mapping[str, Any] | None = None) -> Event:
        """An event from its JSON object; `envelope` tells what it leaves out, but for its id."""
        from halo_async.models import Action, Ticket  # names of records load when they are first needed

        known = {**(envelope or {}), **raw}
        return cls(
            name=_text(known, "event"),
            id=_text(raw, "id"),
            timestamp=_moment(known),
            object_id=_number(raw, "object_id"),
            webhook_id=_text(known, "webhook_id"),
            message=_text(raw, "message"),
            ticket=_record(Ticket, raw.get("ticket")),
            action=_record(Action, raw.get("action")),
            raw=raw,
        )


def events_in(value: Any) -> Iterator[Event]:
    """The events of a delivery's JSON: one object, an array, or an object with a list of them.

    :raises WebhookError: 400, where there is something that is no object.
    """
    if isinstance(value, dict):
        batch = _batch(value)
        elements, envelope = ([value], None) if batch is None else (batch, value)
    elif isinstance(value, list):
        elements, envelope = value, None
    else:
        raise WebhookError("the body is neither an event nor a list of events")
    for index, element in enumerate(elements):
        if not isinstance(element, dict):
            raise WebhookError(f"element {index} of the batch is not an object")
        yield Event.read(element, envelope)


def _batch(value: Mapping[str, Any]) -> list[Any] | None:
    if _OWN & value.keys():
        return None
    found = (value[name] for name in BATCHES if isinstance(value.get(name), list))
    return next(found, None)


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) else None


def _number(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(raw: Mapping[str, Any]) -> datetime | None:
    try:
        return parse_date(raw.get("timestamp") or "")
    except (ValueError, TypeError):
        return None


def _record(cls: type[R], value: Any) -> R | None:
    # A record wraps its nested objects in place, which `raw` must not see.
    return wrap(cls, deepcopy(value)) if isinstance(value, dict) else None
