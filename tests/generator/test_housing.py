"""Records share a file with the records that they are part of, as far as no operation uses them by themselves."""

from __future__ import annotations

from halo_generator.housing import FEW, housed
from halo_generator.surface import RecordType, SurfaceField
from halo_generator.types import Type


def record(name: str, *parts: str, schema: str = "") -> RecordType:
    fields = [SurfaceField(part.lower(), part.lower(), Type(record=part), True) for part in parts]
    return RecordType(name, schema or name, name.lower(), tuple(fields))


def files(*records: RecordType, spoken_of: set[str]) -> dict[str, str]:
    return {each.name: each.module for each in housed(records, spoken_of)}


def test_a_part_is_in_the_file_of_the_first_of_its_few_owners_and_so_are_its_own_parts():
    found = files(
        record("Ticket", "Hold"),
        record("Asset", "Hold"),
        record("Hold", "Reason"),
        record("Reason"),
        spoken_of={"Ticket", "Asset"},
    )
    assert found == {"Ticket": "ticket", "Asset": "asset", "Hold": "asset", "Reason": "asset"}


def test_what_an_operation_uses_or_many_share_has_its_own_file():
    owners = [record(f"Owner{number}", "Lookup", "Status") for number in range(FEW + 1)]
    names = {owner.name for owner in owners}
    found = files(*owners, record("Lookup"), record("Status"), spoken_of=names | {"Status"})
    assert (found["Lookup"], found["Status"]) == ("lookup", "status")
    found = files(*owners[:FEW], record("Lookup"), record("Status"), spoken_of=names | {"Status"})
    assert (found["Lookup"], found["Status"]) == ("owner0", "status")


def test_a_page_of_a_list_is_in_the_file_of_the_whole_record():
    rows = record("TicketSummary", schema="Faults_List")
    page = record("TicketView", "TicketSummary", schema="Faults_View")
    ticket = record("Ticket", schema="Faults")
    found = files(ticket, rows, page, spoken_of={"Ticket", "TicketSummary"})
    assert found == {"Ticket": "ticket", "TicketSummary": "ticketsummary", "TicketView": "ticket"}


def test_parts_of_each_other_are_in_one_file():
    found = files(record("A", "B"), record("B", "A"), spoken_of=set())
    assert len(set(found.values())) == 1
