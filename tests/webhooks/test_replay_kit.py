"""What the emulator posts: after writes, replayed, disturbed and bad."""

from __future__ import annotations

import json

import aiohttp
import pytest

from halo_async import ClientCredentials, Halo, models, webhooks

USER, PASSWORD = "halo", "correct:horse:battery"


@pytest.fixture
async def halo(emulator):
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with Halo(emulator.url, credentials, rate_limit=None) as client:
        yield client


def statuses(deliveries) -> list[int]:
    return [delivery.status for delivery in deliveries]


async def test_what_is_written_through_the_api_is_told_in_order(receive, emulator, halo):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    made = await halo.tickets.create(models.Ticket(summary="Printer on fire"))
    await halo.actions.create(models.Action(ticket_id=made.id, note="Water is on its way"))
    await halo.tickets.update(made.id, status_id=9)
    await halo.tickets.update(made.id, summary="Printer")
    await halo.tickets.delete(made.id)
    assert len(emulator.webhooks.pending) == 5
    assert statuses(await emulator.webhooks.send()) == [200] * 5
    assert [event.name for event in receiver.events] == [
        "new ticket logged",
        "action added",
        "ticket status changed",
        "ticket updated",
        "ticket deleted",
    ]
    assert {event.object_id for event in receiver.events} == {made.id}
    logged, acted, changed, *_ = receiver.events
    assert (logged.ticket.summary, logged.ticket.status_id) == ("Printer on fire", 1)
    assert acted.action.note == "Water is on its way"
    assert changed.ticket.status_id == 9
    assert emulator.webhooks.pending == []
    assert await emulator.webhooks.send() == []


async def test_several_rows_of_one_post_are_as_many_events(receive, emulator, halo):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    await halo.tickets.upsert([{"summary": "a"}, {"id": 1, "status_id": 9}, {"id": 2, "summary": "b"}])
    await emulator.webhooks.send()
    told = [(event.name, event.ticket.summary) for event in receiver.events]
    assert told[0] == ("new ticket logged", "a")
    assert told[2] == ("ticket updated", "b")
    assert told[1][0] == "ticket status changed"


async def test_what_the_api_refused_is_not_told(emulator, halo):
    with pytest.raises(Exception, match="id"):
        await halo.tickets.update(999_999, summary="x")
    await halo.tickets.list().first()
    assert emulator.webhooks.pending == []


@pytest.mark.parametrize("batch", ["array", "events"])
async def test_a_batch_goes_in_one_delivery(receive, emulator, batch):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD, batch=batch)
    deliveries = await emulator.webhooks.replay(30, batch=10)
    assert statuses(deliveries) == [200] * 3
    assert len(receiver.events) == 30


async def test_a_webhook_that_was_posted_to_the_api_is_told_too(receive, emulator, halo):
    receiver = await receive()
    hook = models.Webhook(
        name="Mine", url=receiver.url, authentication_type=1, basic_username=USER, basic_password=PASSWORD
    )
    made = await halo.webhook.create(hook)
    await halo.tickets.create(models.Ticket(summary="New"))
    (delivery,) = await emulator.webhooks.send()
    assert delivery.status == 200
    assert receiver.events[0].webhook_id == made.id
    await halo.webhook.update(made.id, active=False)
    assert emulator.webhooks.hooks == []


async def test_deliveries_are_recorded_where_an_instance_shows_them(receive, emulator, halo):
    receiver = await receive()
    receiver.fail = lambda event: True
    hook = emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    await emulator.webhooks.replay(1)
    rows = await halo.webhook_event.list(webhook_id=hook.id).all()
    assert [row.responsestatus for row in rows] == [500]
    assert json.loads(rows[0].requestbody)["webhook_id"] == hook.id
    everything = json.dumps([row.__dict__ for row in rows]) + repr(hook) + repr(emulator.webhooks.hooks)
    assert PASSWORD not in everything


async def test_a_replay_is_the_same_for_a_seed(receive, emulator):
    receiver = await receive(remember=0)
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    for seed in (1, 1, 2):
        await emulator.webhooks.replay(20, seed=seed)
    told = [(event.name, event.object_id) for event in receiver.events]
    assert told[:20] == told[20:40] != told[40:]
    assert len({event.id for event in receiver.events}) == 60


async def test_duplicates_out_of_order_are_handled_once_each(receive, emulator):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    deliveries = await emulator.webhooks.replay(100, duplicates=0.3, shuffled=True)
    assert len(deliveries) > 110
    assert set(statuses(deliveries)) == {200}
    assert len({event.id for event in receiver.events}) == len(receiver.events) == 100
    stamps = [event.timestamp for event in receiver.events]
    assert stamps != sorted(stamps)


async def test_a_failed_delivery_can_be_sent_again(receive, emulator):
    receiver = await receive()
    receiver.fail = lambda event: True
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    failed = await emulator.webhooks.replay(3)
    assert statuses(failed) == [500] * 3
    receiver.fail = lambda event: False
    assert statuses(await emulator.webhooks.resend(*failed)) == [200] * 3
    assert len(receiver.events) == 3


async def test_every_bad_delivery_is_refused_as_it_should_be(receive, emulator):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD)
    statuses = {what: (await emulator.webhooks.send_bad(what))[0].status for what in emulator.webhooks.bad}
    assert statuses == dict(emulator.webhooks.bad)
    assert receiver.events == []


async def test_wrong_credentials_are_a_401_for_all(receive, emulator):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password="old password")
    assert set(statuses(await emulator.webhooks.replay(3))) == {401}


@pytest.mark.parametrize(("payload", "ticket"), [("full", True), ("small", True), ("event", False)])
async def test_the_three_payloads(receive, emulator, payload, ticket):
    receiver = await receive()
    emulator.webhooks.register(receiver.url, username=USER, password=PASSWORD, payload=payload)
    await emulator.webhooks.replay(1)
    (event,) = receiver.events
    assert (event.ticket is not None) == ticket
    assert event.object_id
    if payload == "small":
        assert len(event.raw["ticket"]) < 10


async def test_a_receiver_that_is_not_there_is_status_0(emulator, unused_tcp_port):
    emulator.webhooks.register(f"http://127.0.0.1:{unused_tcp_port}/halo")
    (delivery,) = await emulator.webhooks.replay(1)
    assert delivery.status == 0
    assert "Connect" in delivery.text


async def test_a_reset_forgets_webhooks_and_what_is_pending(emulator, halo):
    emulator.webhooks.register("http://127.0.0.1:9/halo")
    await halo.tickets.create(models.Ticket(summary="New"))
    emulator.reset()
    assert (emulator.webhooks.hooks, emulator.webhooks.pending) == ([], [])


def test_an_unknown_payload_is_refused(halo_emulator):
    with pytest.raises(ValueError, match="payload"):
        halo_emulator.webhooks.register("http://127.0.0.1:9/", payload="big")
    with pytest.raises(ValueError, match="both"):
        halo_emulator.webhooks.register("http://127.0.0.1:9/", username=USER)


async def test_bodies_may_be_had_for_other_frameworks(emulator):
    emulator.webhooks.register("http://127.0.0.1:9/", username=USER, password=PASSWORD, batch="array")
    (delivery,) = emulator.webhooks.sequence(5, batch=5)
    events = webhooks.receive(delivery.headers, delivery.body, username=USER, password=PASSWORD)
    assert len(events) == 5


async def test_webhooks_turn_over_http_too(receive, emulator, halo):
    receiver = await receive()

    async def admin(**body):
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{emulator.url}/_emulator/webhooks", json=body) as response,
        ):
            return response.status, await response.json()

    status, made = await admin(url=receiver.url, username=USER, password=PASSWORD)
    assert (status, made) == (200, {"id": emulator.webhooks.hooks[0].id})
    await halo.tickets.create(models.Ticket(summary="New"))
    told = (await admin())[1]
    assert (told["hooks"], told["pending"]) == ([{"id": made["id"], "url": receiver.url}], 1)
    assert PASSWORD not in str(told)
    (delivery,) = (await admin(send=True))[1]["deliveries"]
    assert delivery == {"webhook_id": made["id"], "events": 1, "status": 200, "text": ""}
    assert len((await admin(replay=10, batch=5))[1]["deliveries"]) == 2
    assert (await admin(bad="wrong password"))[1]["deliveries"][0]["status"] == 401
    assert len(receiver.events) == 11
    for wrong in ({"bad": "nothing"}, {"replay": "x"}, {"replay": 1, "batch": 0}, {"url": "x", "colour": 1}):
        assert (await admin(**wrong))[0] == 400
