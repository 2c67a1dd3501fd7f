"""The webhooks of an emulated instance, for use in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any

from halo_async._utils.secret import Secret
from halo_async.emulator.data.seeded_random import SeededRandom
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.webhooks.bad import BAD
from halo_async.emulator.webhooks.delivery import WebhookDelivery, packed, sent
from halo_async.emulator.webhooks.event import WebhookOccurrence, Writes, event, seeded
from halo_async.emulator.webhooks.hook import Batch, Payload, WebhookSubscription, new_id, posted, row


class WebhookSender:
    """Registry of receivers that also posts to them; only ``send`` and related methods send anything."""

    def __init__(self, world: Callable[[], EmulatorState], writes: Writes) -> None:
        self._world = world
        self._writes = writes
        self._known: dict[str, WebhookSubscription] = {}
        self._pending: list[WebhookOccurrence] = []
        self._numbers = 0

    @property
    def hooks(self) -> Sequence[WebhookSubscription]:
        """The active webhooks, registered here or by ``POST /Webhook``."""
        return list(posted(self._world(), self._known))

    @property
    def pending(self) -> Sequence[WebhookOccurrence]:
        """Events of tickets and actions through the API since the last ``send``, in order."""
        self._pending += self._writes.taken()
        return list(self._pending)

    def register(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        payload: Payload = "full",
        batch: Batch = "none",
    ) -> WebhookSubscription:
        """Add a webhook, like the webhook page of Halo's configuration.

        :param payload: ``full`` objects, ``small`` objects, or ``event`` information only.
        :param batch: ``array`` or ``events``: all pending events are sent in one delivery.
        :raises ValueError: the URL is missing, payload or batch is unknown, or only one of user name and
            password is given.
        """
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise ValueError(f"A webhook requires a URL such as http://127.0.0.1:8000/halo, not {url!r}.")
        if (username is None) != (password is None):
            raise ValueError("Only one of username and password was given. Give both or none.")
        world = self._world()
        table = world.table("/Webhook")
        secret = None if password is None else Secret(password)
        hook = WebhookSubscription(new_id(world, len(self._known)), url, username, secret, payload, batch)
        table.insert(row(hook, f"Webhook {len(self._known) + 1}"))
        self._known[hook.id] = hook
        return hook

    def forget(self) -> None:
        """Delete all webhooks and pending events."""
        self._known.clear()
        self._pending.clear()
        self._numbers = 0

    async def send(self) -> Sequence[WebhookDelivery]:
        """Post pending events to every webhook: one event per delivery, or all in one if it batches.

        The receivers' responses are in the deliveries and in ``/WebhookEvent``; none is retried
        automatically.
        """
        occurrences, self._pending = self.pending, []
        return await self._sent(self._pack_events(hook, occurrences) for hook in self.hooks)

    def sequence(
        self,
        count: int = 100,
        *,
        seed: int = 1,
        batch: int = 1,
        duplicates: float = 0.0,
        shuffled: bool = False,
    ) -> Sequence[WebhookDelivery]:
        """Return seeded events about the existing tickets, for every webhook; nothing is sent.

        :param batch: number of events per delivery.
        :param duplicates: share of deliveries that are repeated later.
        :param shuffled: whether they are out of order.
        :raises ValueError: a number is out of range.
        """
        _check_number("count", count, "an integer of 0 or more", whole=True, least=0)
        _check_number("batch", batch, "an integer of 1 or more", whole=True, least=1)
        _check_number("duplicates", duplicates, "a number from 0 to 1", least=0, most=1)
        occurrences = list(seeded(self._world(), seed, count))
        plans: list[WebhookDelivery] = []
        for hook in self.hooks:
            events = self._events(hook, occurrences)
            pieces = [events[start : start + batch] for start in range(0, len(events), batch)]
            plans += _disturbed([packed(hook, piece) for piece in pieces], seed, duplicates, shuffled)
        return plans

    async def replay(self, count: int = 100, **options: Any) -> Sequence[WebhookDelivery]:
        """Post a ``sequence`` with these options."""
        return await self._sent([self.sequence(count, **options)])

    async def resend(self, *deliveries: WebhookDelivery) -> Sequence[WebhookDelivery]:
        """Post the same bytes again, like resending a webhook's deliveries in Halo."""
        return await self._sent([deliveries])

    async def send_bad(self, what: str) -> Sequence[WebhookDelivery]:
        """Post an invalid delivery that a receiver must refuse; ``bad`` lists names and statuses.

        :raises KeyError: the name is unknown.
        """
        if what not in BAD:
            raise KeyError(f"{what!r} is not one of the bad deliveries. Use {', '.join(BAD)}.")
        _, spoil = BAD[what]
        occurrence = next(seeded(self._world(), 1, 1))
        return await self._sent(
            [spoil(packed(hook, self._events(hook, [occurrence])))] for hook in self.hooks
        )

    @property
    def bad(self) -> Mapping[str, int]:
        """The names that ``send_bad`` accepts, with the status that a receiver should respond with."""
        return {name: status for name, (status, _) in BAD.items()}

    def _pack_events(
        self, hook: WebhookSubscription, occurrences: Sequence[WebhookOccurrence]
    ) -> Sequence[WebhookDelivery]:
        events = self._events(hook, occurrences)
        if hook.batch == "none":
            return [packed(hook, [one]) for one in events]
        return [packed(hook, events)] if events else []

    def _events(
        self, hook: WebhookSubscription, occurrences: Iterable[WebhookOccurrence]
    ) -> list[dict[str, Any]]:
        dice = SeededRandom(self._world().desk.seed, "event")
        events = []
        for occurrence in occurrences:
            self._numbers += 1
            events.append(event(hook, occurrence, dice(self._numbers)))
        return events

    async def _sent(self, plans: Iterable[Iterable[WebhookDelivery]]) -> Sequence[WebhookDelivery]:
        """Send every delivery, one after the other."""
        import aiohttp

        done = []
        async with aiohttp.ClientSession() as session:
            for delivery in (delivery for plan in plans for delivery in plan):
                done.append(await sent(session, delivery))
                self._record_delivery(done[-1])
        return done

    def _record_delivery(self, delivery: WebhookDelivery) -> None:
        """Record the delivery for ``/WebhookEvent``, without headers: they contain the password."""
        world = self._world()
        world.table("/WebhookEvent").insert(
            {
                "webhook_id": delivery.hook.id,
                "timestamp": world.now(),
                "duration": delivery.seconds,
                "requestbody": delivery.body.decode("utf-8", "replace")[:65_536],
                "responsestatus": delivery.status,
                "responsebody": delivery.text,
                "error": not 200 <= delivery.status < 300,
            }
        )


def _check_number(
    name: str, value: Any, told: str, *, least: float, most: float = inf, whole: bool = False
) -> None:
    fits = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    if not fits or not least <= value <= most:
        raise ValueError(f"{name} must be {told}, not {value!r}")


def _disturbed(
    plan: list[WebhookDelivery], seed: int, duplicates: float, shuffled: bool
) -> list[WebhookDelivery]:
    dice = SeededRandom(seed, "disturbed")
    again = [
        delivery for index, delivery in enumerate(plan) if dice(index) % 1_000_000 < duplicates * 1_000_000
    ]
    order = [*plan, *again]
    if shuffled:
        keys = {index: dice(index + len(plan)) for index in range(len(order))}
        order = [order[index] for index in sorted(keys, key=keys.__getitem__)]
    return order
