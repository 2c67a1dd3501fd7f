"""`halo-async doctor --needs`: the permissions of a job, by the application's scopes and the agent's rights."""

from __future__ import annotations

import json
import re

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.errors import SettingsError
from halo_async.probing.needs import Need, parse_needs

TICKETS_AND_CUSTOMERS = "tickets:edit,customers:read"


def words(text: str) -> str:
    """A table without its alignment."""
    return " ".join(text.split())


def test_tickets_to_edit_and_customers_to_read_are_what_the_scopes_grant(halo_async, halo_emulator) -> None:
    scope = "read:tickets edit:tickets read:customers"
    shown = halo_async("doctor", "--needs", TICKETS_AND_CUSTOMERS, HALO_SCOPE=scope)
    assert (shown.code, shown.err) == (0, "")
    assert "tickets:edit ok" in words(shown.out)
    assert "customers:read ok" in words(shown.out)
    assert "granted by read:customers" in shown.out
    assert "only a write shows" in shown.out
    assert {request.method for request in halo_emulator.requests("* *") if "/api/" in request.path} <= {"GET"}


def test_the_lines_are_aligned_whatever_the_areas_are_called(halo_async) -> None:
    needs = "tickets:edit,customers:read,kb:read,calendar:edit"
    shown = halo_async("doctor", "--needs", needs, HALO_SCOPE="all")
    lines = [line for line in shown.out.splitlines() if " ms" in line]
    assert len(lines) == 8
    assert len({line.index(" ms") for line in lines}) == 1
    assert {re.search(r" (ok|wrong) ", line).start() for line in lines} == {len("customers:read")}


def test_what_no_reading_request_can_see_is_said_once_after_the_checks(halo_async) -> None:
    unseen = (
        "Not checked: whether the agent may edit tickets and calendar, which only a write shows. "
        "Look at its role in Halo."
    )
    needs = "tickets:edit,customers:read,calendar:edit"
    shown = halo_async("doctor", "--needs", needs, HALO_SCOPE="all")
    assert shown.out.splitlines()[-1] == unseen
    assert "Not checked" not in halo_async("doctor", "--needs", "customers:read", HALO_SCOPE="all").out
    told = json.loads(halo_async("doctor", "--json", "--needs", needs, HALO_SCOPE="all").out)
    assert told["not_checked"] == unseen


def test_a_scope_that_lacks_is_named_with_the_error_that_a_program_sees(halo_async) -> None:
    shown = halo_async("doctor", "--needs", TICKETS_AND_CUSTOMERS, HALO_SCOPE="read:tickets edit:tickets")
    assert shown.code == 4
    assert "tickets:edit ok" in words(shown.out)
    assert "customers:read wrong" in words(shown.out)
    assert "none of the scopes read:customers and edit:customers" in shown.out
    assert "Without it a program sees: GET /Client" in shown.out
    assert "customers:read" in shown.err


def test_reading_alone_does_not_do_for_a_job_that_edits(halo_async) -> None:
    shown = halo_async("doctor", "--needs", "tickets:edit,tickets:read", HALO_SCOPE="read:tickets")
    assert shown.code == 4
    assert "tickets:edit wrong" in words(shown.out)
    assert "Reading works, editing will not" in shown.out
    assert "tickets:read ok" in words(shown.out)


def test_an_agent_that_may_not_is_told_from_an_application_that_may_not(
    halo_async, halo_emulator: Emulator
) -> None:
    halo_emulator.faults.add([Fault("F18", "GET /Client")])
    shown = halo_async("doctor", "--needs", "customers:read", HALO_SCOPE="all")
    assert shown.code == 4
    assert "the agent that the application logs in as may not read customers" in shown.out


def test_every_need_is_checked_also_after_one_that_fails(halo_async) -> None:
    shown = halo_async(
        "doctor", "--json", "--needs", "assets:read,tickets:read,kb:read", HALO_SCOPE="read:tickets"
    )
    steps = {step["name"]: step["ok"] for step in json.loads(shown.out)["steps"]}
    assert {name: ok for name, ok in steps.items() if ":" in name} == {
        "assets:read": False,
        "tickets:read": True,
        "kb:read": False,
    }


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("ticket:edit", "Did you mean 'tickets'?"),
        ("zzzz:read", "Use one of tickets, calendar"),
        ("tickets", "Use tickets:read or tickets:edit."),
        ("tickets:write", "Use tickets:read or tickets:edit."),
        (",", "--needs is empty"),
    ],
)
def test_an_unknown_need_is_a_usage_error_that_names_the_mend(halo_async, given: str, words: str) -> None:
    shown = halo_async("doctor", "--needs", given)
    assert shown.code == 2
    assert words in shown.err


def test_needs_are_read_in_any_case_and_each_once() -> None:
    assert parse_needs("Tickets:EDIT, tickets:edit,assets:read") == (
        Need("tickets", "edit"),
        Need("assets", "read"),
    )
    with pytest.raises(SettingsError):
        parse_needs("")
