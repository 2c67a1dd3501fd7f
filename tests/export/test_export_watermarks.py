"""From which moment on the next run asks for changes: never behind rows that did not come."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from halo_async.export.names import resolve_names
from halo_async.export.options import ExportOptions
from halo_async.export.progress import State
from halo_async.export.report import Report, ResourceReport
from halo_async.export.watermarks import BEGINNING, next_moment, next_moments, next_watermarks, rows_before

BEFORE, ASKED = "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00"
OVERLAPPED = "2025-12-31T23:50:00Z"


def reported(resource: str = "tickets", **values: Any) -> ResourceReport:
    item = ResourceReport(
        resource=resource,
        path=f"/{resource}",
        file=f"{resource}.jsonl",
        state=State.DONE,
        rows=10,
        distinct_ids=10,
        duplicates_removed=0,
        record_count=None,
        requests=1,
        retries=0,
        answers_429=0,
        bytes=0,
        seconds=0.0,
        consistency="keyset",
        ids_ascending=True,
        asked_at=ASKED,
    )
    return attrs.evolve(item, **values)


def last_run(**stamps: str) -> Report:
    return Report("https://acme.halopsa.com", BEFORE, 1.0, (), stamps=stamps)


@pytest.mark.parametrize(
    ("item", "before", "moment"),
    [
        (reported(), BEFORE, ASKED),
        (reported(), None, ASKED),
        (reported(changed=3), BEFORE, ASKED),
        (reported(changed=0), BEFORE, BEFORE),
        (reported(rows=0), BEFORE, BEFORE),
        (reported(rows=0, since="2025-05-05T00:00:00Z"), None, "2025-05-05T00:00:00Z"),
        (reported(rows=0), None, BEGINNING),
        (reported(asked_at=None), BEFORE, BEFORE),
    ],
)
def test_the_moment_moves_only_behind_rows_that_were_received(
    item: ResourceReport, before: str | None, moment: str
) -> None:
    assert next_moment(item, before) == moment


def test_a_list_that_is_not_complete_keeps_its_moment() -> None:
    items = [reported(state=State.INCOMPLETE), reported("users", state=State.FAILED)]
    assert next_moments(items, {"tickets": BEFORE}) == {"tickets": BEFORE}


def test_a_list_without_new_rows_or_a_time_keeps_its_moment_or_has_none() -> None:
    assert next_moments([reported(changed=0)], {"tickets": BEFORE}) == {"tickets": BEFORE}
    assert next_moments([reported(asked_at=None)], {}) == {}


def test_children_have_the_moment_of_their_parents() -> None:
    later = "2026-02-01T00:00:09+00:00"
    items = [reported(), reported("actions", asked_at=later), reported("attachment", asked_at=later)]
    assert next_moments(items, {}) == {"tickets": ASKED, "actions": ASKED, "attachment": later}
    assert next_moments(items[1:2], {}) == {}


def asked_for(names: list[str], before: Report | None, **options: Any) -> dict[str, str]:
    return next_watermarks(resolve_names(names), ExportOptions(since="last", **options), before)


def test_changes_are_asked_for_from_a_little_before_the_moment_on() -> None:
    assert asked_for(["tickets"], last_run(tickets=BEFORE)) == {"tickets": OVERLAPPED}


def test_what_the_last_run_did_not_have_is_asked_for_whole() -> None:
    assert asked_for(["tickets"], None) == {}
    assert asked_for(["tickets"], last_run(users=BEFORE)) == {}
    assert asked_for(["agent"], last_run(agent=BEFORE)) == {}


def test_a_file_that_is_gone_or_cannot_be_merged_is_made_anew() -> None:
    operations, before = resolve_names(["tickets"]), last_run(tickets=BEFORE)
    assert next_watermarks(operations, ExportOptions(since="last"), before, lambda name: False) == {}
    assert asked_for(["tickets"], before, columns={"tickets": ("summary",)}) == {}


def test_parents_and_children_are_asked_for_since_the_earlier_of_their_moments() -> None:
    earlier, later = BEFORE, ASKED
    both = asked_for(["actions"], last_run(tickets=later, actions=earlier))
    assert both == {"tickets": OVERLAPPED, "actions": OVERLAPPED}
    both = asked_for(["actions"], last_run(tickets=earlier, actions=later))
    assert both == {"tickets": OVERLAPPED, "actions": OVERLAPPED}


def test_children_of_filtered_parents_are_asked_for_whole() -> None:
    before = last_run(tickets=BEFORE, actions=BEFORE)
    found = asked_for(["actions"], before, filters={"tickets": (("open_only", "true"),)})
    assert found == {"tickets": OVERLAPPED}


def test_a_time_that_is_given_is_that_of_each_list_that_can_be_asked_for_changes() -> None:
    operations, before = resolve_names(["tickets", "agent"]), last_run(tickets=BEFORE)
    assert next_watermarks(operations, ExportOptions(since=ASKED), before) == {"tickets": ASKED}
    assert next_watermarks(operations, ExportOptions(), before) == {}


def test_children_whose_file_is_gone_are_asked_for_whole() -> None:
    found = next_watermarks(
        resolve_names(["actions"]),
        ExportOptions(since="last"),
        last_run(tickets=BEFORE, actions=BEFORE),
        lambda name: name != "actions",
    )
    assert found == {"tickets": OVERLAPPED}


def test_only_complete_files_are_compared_with_what_replaces_them() -> None:
    before = attrs.evolve(
        last_run(),
        resources=(reported(), reported("users", state=State.INCOMPLETE), reported("agent", rows=3)),
    )
    assert rows_before(before) == {"tickets": 10, "agent": 3}
    assert rows_before(None) == {}
