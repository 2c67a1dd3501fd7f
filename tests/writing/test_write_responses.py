"""What an instance says of writes that it carried out, over the wire: no row gets the id of another."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Any

import pytest

from halo_async._operations.resource import operations
from halo_async.api.tickets import Tickets
from halo_async.emulator import Emulator, Fault
from halo_async.errors import ApiError, BadRequestError, BulkWriteError, SettingsError, UnknownOutcomeError
from halo_async.records.record import changes
from halo_async.transport import Response
from halo_async.writing.response_matching import response_decoder
from tests.support.bulk_kit import TICKETS, all_of, creates, outcomes, sizes, stored
from tests.support.fleet_kit import fleet_of, started

SILENT = ["empty", "204", "null", "empty_list", "no_ids"]
ODD = ["shuffled", "last", "last_each", "fewer", "more", "otherwise", "text_ids"]
ERRORS = ["error", "errors", "exception", "result_code"]


def right(emulator: Emulator, results: list[Any]) -> None:
    """Every row that is said to be written is there under the id that it was given."""
    table = emulator.world.table("/Tickets")
    for result in results:
        if result.ok:
            assert table.full(result.id)["summary"] == result.row["summary"]
            assert result.id is not None


@pytest.mark.parametrize("variant", SILENT)
async def test_where_nothing_is_said_of_rows_that_were_written_they_are_unknown(
    emulator: Emulator, halo: Any, variant: str
) -> None:
    emulator.faults.add([Fault("F60", TICKETS, variant)])
    rows = [*creates(3), {"id": 3, "summary": "changed"}]
    results, error = await all_of(halo.tickets.bulk_upsert(rows))
    assert isinstance(error, BulkWriteError)
    assert outcomes(results) == ["unknown"] * 4
    assert [result.repeatable for result in results] == [False, False, False, True]
    assert "outcome is unknown" in str(error)
    assert sum(stored(emulator).values()) == 4
    for write in (halo.tickets.create({"summary": "x"}), halo.tickets.update(3, summary="y")):
        with pytest.raises(UnknownOutcomeError, match="outcome is unknown"):
            await write


async def test_records_that_hold_nothing_but_ids_are_written_and_nobodys_in_particular(
    emulator: Emulator, halo: Any
) -> None:
    emulator.faults.add([Fault("F60", TICKETS, "only_ids")])
    results, error = await all_of(halo.tickets.bulk_upsert(creates(5)))
    assert error is None
    assert outcomes(results) == ["written"] * 5
    table = emulator.world.table("/Tickets")
    assert {result.possible_ids for result in results} == {tuple(table.written)}
    assert [(result.id, result.record) for result in results] == [(None, None)] * 5
    with pytest.raises(
        UnknownOutcomeError, match=r"Rows 0, 1 were written, as the records .* do not send"
    ) as caught:
        await halo.tickets.upsert(creates(2))
    assert caught.value.records == (None, None)
    assert caught.value.possible_ids == tuple(table.written)[5:]
    assert (await halo.tickets.create(summary="one")).id == tuple(table.written)[7]
    same = await halo.tickets.upsert([{"summary": "same"}] * 3)
    assert [record.id for record in same] == list(table.written)[8:]


@pytest.mark.parametrize("variant", ODD)
async def test_no_row_gets_the_id_of_another(emulator: Emulator, halo: Any, variant: str) -> None:
    emulator.faults.add([Fault("F61", TICKETS, variant)])
    rows = [*creates(4), {"id": 3, "summary": "changed"}, *creates(3, "more")]
    results, _ = await all_of(halo.tickets.bulk_upsert(rows, on_error="continue"))
    right(emulator, results)
    known = {"last": 1, "last_each": 1, "fewer": 7}.get(variant, 8)
    assert outcomes(results).count("written") == known
    assert sizes(emulator) == [8]


@pytest.mark.parametrize("variant", ODD)
async def test_upsert_gives_the_record_of_each_row_or_raises(
    emulator: Emulator, halo: Any, variant: str
) -> None:
    emulator.faults.add([Fault("F61", TICKETS, variant)])
    rows = creates(4)
    try:
        records: Any = await halo.tickets.upsert(rows)
        assert len(records) == 4
    except UnknownOutcomeError as error:
        records = error.records
        assert variant in ("last", "last_each", "fewer")
        assert None in records
    table = emulator.world.table("/Tickets")
    assert any(records)
    for row, record in zip(rows, records, strict=True):
        assert record is None or table.full(int(record["id"]))["summary"] == row["summary"]


async def test_the_id_of_a_written_record_is_a_number_also_where_it_came_as_a_text(
    emulator: Emulator, halo: Any
) -> None:
    emulator.faults.add([Fault("F61", "POST *", "text_ids")])
    read = await halo.tickets.get(3)
    read.summary = "saved"
    records = [
        await halo.tickets.create(summary="7"),
        await halo.tickets.update(3, summary="8"),
        await halo.tickets.save(read),
        *await halo.tickets.upsert(creates(2)),
        await halo.actions.create(ticket_id=1, note="9"),
    ]
    results, _ = await all_of(halo.tickets.bulk_upsert(creates(2)))
    records += [result.record for result in results]
    assert [type(record.id) for record in records] == [int] * 8
    assert (records[0].summary, records[1].id, changes(records[0])) == ("7", 3, {})
    assert (await halo.tickets.update(records[0].id, summary="again")).id == records[0].id


async def test_rows_that_are_the_same_never_share_an_id(emulator: Emulator, halo: Any) -> None:
    emulator.faults.add([Fault("F61", TICKETS, "last_each")])
    results, _ = await all_of(halo.tickets.bulk_upsert([{"summary": "same"}] * 4, on_error="continue"))
    assert outcomes(results).count("written") == 1
    right(emulator, results)


@pytest.mark.parametrize("variant", ERRORS)
async def test_an_error_in_a_200_is_an_error(emulator: Emulator, halo: Any, variant: str) -> None:
    emulator.faults.add([Fault("F62", "POST *", variant), Fault("F62", "DELETE *", variant)])
    emulator.faults.add([Fault("F62", "* *", variant)])
    for write in (
        halo.tickets.create({"summary": "x"}),
        halo.tickets.update(3, summary="y"),
        halo.tickets.upsert(creates(3)),
        halo.tickets.delete(5),
        halo.tickets.get(5),
        halo.attachment.upload(b"bytes", filename="a.txt", ticket_id=1),
        halo.request("POST", "/Tickets/vote", json={"id": 1}),
    ):
        with pytest.raises(BadRequestError, match=r"200 with an error\. No more licences") as caught:
            await write
        assert (caught.value.status, caught.value.message) == (200, "No more licences are available.")


@pytest.mark.parametrize("variant", ERRORS)
async def test_rows_of_a_request_whose_response_is_an_error_are_unknown(
    emulator: Emulator, halo: Any, variant: str
) -> None:
    emulator.faults.add([Fault("F62", TICKETS, variant)])
    rows = [*creates(2), {"id": 3, "summary": "changed"}]
    results, error = await all_of(halo.tickets.bulk_upsert(rows))
    assert isinstance(error, BulkWriteError)
    assert outcomes(results) == ["unknown"] * 3
    assert all("No more licences" in str(result.error) for result in results)
    assert isinstance(results[2].error, ApiError)
    assert sum(stored(emulator).values()) == 3


async def test_an_error_for_one_row_leaves_the_others_their_ids(emulator: Emulator, halo: Any) -> None:
    emulator.faults.add([Fault("F62", TICKETS, "one")])
    results, _ = await all_of(halo.tickets.bulk_upsert(creates(3), on_error="continue"))
    assert outcomes(results) == ["unknown", "written", "written"]
    assert "No more licences" in str(results[0].error)
    right(emulator, results)


def test_an_error_among_records_is_no_record_and_what_it_says_is_kept() -> None:
    decode = response_decoder(Tickets.upsert.operation)  # type: ignore[attr-defined]
    body = json.dumps([{"id": 5}, {"error": "No such client."}]).encode()
    found = decode(Response(201, {}, body, "application/json"))
    assert ([record.id for record in found.records], found.said) == ([5], "No such client.")


@pytest.mark.parametrize("variant", [*SILENT, *ERRORS])
async def test_an_upload_without_its_record_has_an_unknown_outcome(
    emulator: Emulator, halo: Any, variant: str
) -> None:
    emulator.faults.add([Fault("F60" if variant in SILENT else "F62", "POST /Attachment", variant)])
    with pytest.raises(
        UnknownOutcomeError if variant in SILENT else BadRequestError, match=r"unknown|licences"
    ):
        await halo.attachment.upload(b"bytes", filename="a.txt", ticket_id=1)
    assert len(emulator.requests("POST /Attachment")) == 1


# Actions: the last one only, unless all are asked for --------------------------------------------


async def test_all_actions_are_asked_for(emulator: Emulator, halo: Any) -> None:
    rows = [{"ticket_id": number, "note": f"note {number}"} for number in (1, 2, 2, 3)]
    records = await halo.actions.upsert(rows)
    assert [(record.ticket_id, record.note) for record in records] == [
        (r["ticket_id"], r["note"]) for r in rows
    ]
    results, error = await all_of(halo.actions.bulk_upsert(rows))
    assert error is None
    assert outcomes(results) == ["written"] * 4
    assert [request.query for request in emulator.requests("POST /Actions")] == [(("returnall", "true"),)] * 2


async def test_every_write_to_a_list_that_returns_the_last_record_only_asks_for_all(
    emulator: Emulator, halo: Any
) -> None:
    """Of every operation that has the parameter, by the document or the overlay."""
    having = [operation for operation in operations() if "returnall" in operation.argument_names]
    assert [(operation.method, operation.path, operation.kind) for operation in having] == [
        ("POST", "/Actions", "upsert")
    ]
    action = await halo.actions.create(ticket_id=1, note="a")
    await halo.actions.update(action.id, ticket_id=1, note="b")
    action.note = "c"
    await halo.actions.save(action)
    await halo.actions.upsert([{"ticket_id": 1, "note": "d"}])
    await all_of(halo.actions.bulk_upsert([{"ticket_id": 1, "note": "e"}]))
    assert [request.query for request in emulator.requests("POST /Actions")] == [(("returnall", "true"),)] * 5


async def test_where_the_last_action_comes_back_the_others_are_unknown(emulator: Emulator, halo: Any) -> None:
    rows = [{"ticket_id": number, "note": f"note {number}"} for number in (1, 2, 3)]
    with pytest.raises(UnknownOutcomeError, match="2 of 3 rows is unknown") as caught:
        await halo.actions.upsert(rows, returnall=False)
    assert [record and record.ticket_id for record in caught.value.records] == [None, None, 3]
    without = halo.actions.with_options(params={"returnall": False})
    results, _ = await all_of(without.bulk_upsert(rows, on_error="continue"))
    assert outcomes(results) == ["unknown", "unknown", "written"]
    assert {request.query for request in emulator.requests("POST /Actions")} == {(("returnall", "false"),)}


# Creating side by side ---------------------------------------------------------------------------


class Together:
    """How many requests that create rows, and how many that do not, were under way at once."""

    def __init__(self, emulator: Emulator) -> None:
        emulator.faults.add([Fault("F46", "POST *", "bom", options={"delay": 0.02})])
        self.most: dict[bool, int] = {True: 0, False: 0}
        self.open: dict[bool, int] = {True: 0, False: 0}

    def watch(self, halo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        sender = halo.tickets.sender
        real = type(sender).send

        async def send(this: Any, request: Any, decode: Any) -> Any:
            creating = any("id" not in row for row in json.loads(request.body or b"[]"))
            self.open[creating] += 1
            self.most[creating] = max(self.most[creating], self.open[creating])
            try:
                return await real(this, request, decode)
            finally:
                self.open[creating] -= 1

        monkeypatch.setattr(type(sender), "send", send)


@pytest.mark.parametrize(("parallel", "most"), [(False, 1), (True, 4)])
async def test_rows_of_one_list_are_created_side_by_side_only_where_that_is_asked_for(
    emulator: Emulator, halo: Any, monkeypatch: pytest.MonkeyPatch, parallel: bool, most: int
) -> None:
    together = Together(emulator)
    together.watch(halo, monkeypatch)
    results, error = await all_of(
        halo.tickets.bulk_upsert(creates(24), batch_size=3, concurrency=4, parallel_creates=parallel)
    )
    assert error is None
    assert together.most[True] == most
    assert stored(emulator) == {f"row {number}": 1 for number in range(24)}
    right(emulator, results)


async def test_updates_run_side_by_side_and_beside_what_is_created(
    emulator: Emulator, halo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Together(emulator)
    together.watch(halo, monkeypatch)
    updates = [{"id": number, "summary": f"new {number}"} for number in range(1, 17)]
    rows = [*updates[:8], *creates(4), *updates[8:], *creates(4, "more")]
    results, error = await all_of(halo.tickets.bulk_upsert(rows, batch_size=2, concurrency=4))
    assert error is None
    assert together.most[True] == 1
    assert together.most[False] > 1
    right(emulator, results)


async def test_each_instance_of_a_fleet_creates_one_batch_at_a_time() -> None:
    async with AsyncExitStack() as stack:
        emulators = await started(stack, ["one", "two"])
        for emulator in emulators.values():
            emulator.faults.add([Fault("F46", TICKETS, "bom", options={"delay": 0.02})])
        async with fleet_of(emulators) as fleet:
            found = await fleet.map(
                lambda halo: all_of(halo.tickets.bulk_upsert(creates(9), batch_size=3, concurrency=3))
            )
        for name, emulator in emulators.items():
            results, error = found[name].value
            assert (outcomes(results), error) == (["written"] * 9, None)
            arrived = emulator.requests(TICKETS)
            assert [request.json()[0]["summary"] for request in arrived] == ["row 0", "row 3", "row 6"]
            assert all(later.at - earlier.at >= 0.015 for earlier, later in pairwise(arrived))


@pytest.mark.parametrize("value", [None, 1, "yes"])
def test_an_option_that_is_neither_true_nor_false_is_refused(value: Any) -> None:
    from halo_async import ClientCredentials, Halo

    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    with pytest.raises(SettingsError, match="parallel_creates must be True or False"):
        halo.tickets.bulk_upsert([], parallel_creates=value)
