"""What can be exported, under which names."""

from __future__ import annotations

import pytest

from halo_async.errors import SettingsError
from halo_async.export.names import all_resources, list_operations, resolve_names


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("tickets", "/Tickets"),
        ("Tickets", "/Tickets"),
        ("/Tickets", "/Tickets"),
        ("tickets.list", "/Tickets"),
        ("client_contract", "/ClientContract"),
        ("ClientContract", "/ClientContract"),
        ("Site/StockBins", "/Site/StockBins"),
    ],
)
def test_a_list_is_found_under_its_python_name_and_its_path(given: str, path: str) -> None:
    (operation,) = resolve_names([given])
    assert operation.path == path


def test_a_list_named_twice_is_exported_once() -> None:
    assert [operation.path for operation in resolve_names(["Tickets", "client", "tickets"])] == [
        "/Tickets",
        "/Client",
    ]


def test_a_misspelt_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match="did you mean 'tickets'"):
        resolve_names(["client", "tickts"])


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least one"):
        resolve_names([])


def test_every_exportable_name_means_itself() -> None:
    known = list_operations()
    assert len(known) > 250
    assert [resolve_names([name])[-1] for name in known] == list(known.values())


def test_what_is_asked_for_by_parent_brings_its_parent_along() -> None:
    assert [operation.path for operation in resolve_names(["actions", "client"])] == [
        "/Tickets",
        "/Actions",
        "/Client",
    ]


def test_all_means_every_list_that_can_be_asked_for_without_a_filter() -> None:
    names = all_resources()
    assert {"tickets", "client", "agent", "team"} <= set(names)
    assert not {"actions", "attachment", "asset_change", "feed", "timesheet.list_mine"} & set(names)
    assert len(names) > 180
