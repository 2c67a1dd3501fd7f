"""One event in a delivery from Halo.

The fields of an event were seen on one live instance (2026) and are named so in Halo's own guide: `id`,
`webhook_id`, `notification_id`, `escmsg_id`, `event`, `message`, `object_id`, `agent_id`, `timestamp`,
`ticket`. The structure of a batch (since 2.164), and that an action is under `action`, are guesses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from halo_async._utils.dates import parse_date
from halo_async.errors import WebhookError
from halo_async.records.record import Record, wrap

if TYPE_CHECKING:
    from halo_async.models import Action, Ticket

BATCHES = ("events", "deliveries", "batch", "items", "data", "payload")
"""Keys under which an object holds several events (a guess)."""
_OWN = frozenset({"ticket", "action", "object_id"})
"""Keys that an event has and the envelope of a batch does not."""

R = TypeVar("R", bound=Record)


@attrs.frozen
class Event:
    """One event of a delivery. Fields that are absent or of the wrong type are None; `raw` has everything.

    Event names are in lower case: "new ticket logged", "ticket status changed". A webhook whose payload
    is "event information only" has no ticket: its number is `object_id`.
    """

    name: str | None
    """Type of the event, as Halo calls it (`event`)."""
    id: str | None
    """GUID of this occurrence."""
    timestamp: datetime | None
    """Time of the event, in UTC."""
    object_id: int | None
    """Id of the object concerned, such as the ticket's number."""
    webhook_id: str | None
    """Id of the instance's webhook that sent it."""
    message: str | None
    """Description of the event, as a sentence."""
    ticket: Ticket | None = attrs.field(hash=False)
    action: Action | None = attrs.field(hash=False)
    raw: Mapping[str, Any] = attrs.field(repr=False, hash=False)
    """JSON object as received; not shared with the records."""

    @classmethod
    def read(cls, raw: Mapping[str, Any], envelope: Mapping[str, Any] | None = None) -> Event:
        """Return the event of a JSON object; `envelope` supplies the missing fields, except the id.

        :param raw: the object of one event.
        """
        from halo_async.models import Action, Ticket  # record classes are loaded on first use

        known = {**(envelope or {}), **raw}
        return cls(
            name=_get_text(known, "event"),
            id=_get_text(raw, "id"),
            timestamp=_read_timestamp(known),
            object_id=_get_number(raw, "object_id"),
            webhook_id=_get_text(known, "webhook_id"),
            message=_get_text(raw, "message"),
            ticket=_read_record(Ticket, raw.get("ticket")),
            action=_read_record(Action, raw.get("action")),
            raw=raw,
        )


def events_in(value: Any) -> Iterator[Event]:
    """Return the events of a delivery's JSON: one object, an array, or an object with a list of them.

    :raises WebhookError: 400, if an element is not an object.
    """
    if isinstance(value, dict):
        batch = _find_batch(value)
        elements, envelope = ([value], None) if batch is None else (batch, value)
    elif isinstance(value, list):
        elements, envelope = value, None
    else:
        raise WebhookError("The body is neither an event nor a list of events.")
    for index, element in enumerate(elements):
        if not isinstance(element, dict):
            raise WebhookError(f"Element {index} of the batch is not an object.")
        yield Event.read(element, envelope)


def _find_batch(value: Mapping[str, Any]) -> list[Any] | None:
    if _OWN & value.keys():
        return None
    found = (value[name] for name in BATCHES if isinstance(value.get(name), list))
    return next(found, None)


def _get_text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) else None


def _get_number(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read_timestamp(raw: Mapping[str, Any]) -> datetime | None:
    try:
        return parse_date(raw.get("timestamp") or "")
    except (ValueError, TypeError):
        return None


def _read_record(cls: type[R], value: Any) -> R | None:
    # A record wraps its nested objects in place, which must not affect `raw`.
    return wrap(cls, deepcopy(value)) if isinstance(value, dict) else None
