"""What can be exported, under which names."""

from __future__ import annotations

import pytest

from halo_async.api._aliases import ALIASES
from halo_async.errors import SettingsError
from halo_async.export.names import all_resources, list_operations, resolve_names
from halo_async.export.spec import parse_spec


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
        ("ticket", "/Tickets"),
        ("clients", "/Client"),
        ("clients.list", "/Client"),
        ("ClientContracts", "/ClientContract"),
        ("client_contracts", "/ClientContract"),
        ("/Statuses", "/Status"),
        ("sites.list_stock_bins", "/Site/StockBins"),
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
    with pytest.raises(SettingsError, match="Did you mean 'tickets'"):
        resolve_names(["client", "tickts"])


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least one"):
        resolve_names([])


def test_every_exportable_name_means_itself() -> None:
    known = list_operations()
    assert len(known) > 250
    assert [resolve_names([name])[-1] for name in known] == list(known.values())


def test_every_other_number_means_the_list_of_its_resource_and_no_other() -> None:
    known = list_operations()
    spellings = {
        operation.path.strip("/").replace("_", "").lower(): name for name, operation in known.items()
    }
    for alias, name in ALIASES.items():
        if name in known:
            assert resolve_names([alias])[-1] is known[name]
            assert spellings.get(alias.replace("_", ""), name) == name


def test_a_child_named_in_the_other_number_brings_its_parent_along() -> None:
    assert [operation.path for operation in resolve_names(["action", "ticket"])] == ["/Tickets", "/Actions"]


@pytest.mark.parametrize("name", ["ticket", "tickets", "Tickets"])
def test_a_filter_is_for_the_list_that_its_name_means(name: str) -> None:
    spec = parse_spec(["ticket"], None, filters={name: {"client_id": 3}})
    assert spec.options.filters == {"tickets": (("client_id", "3"),)}


def test_filters_under_two_names_of_one_list_are_refused() -> None:
    with pytest.raises(SettingsError, match="'ticket' is another name of 'tickets'"):
        parse_spec(["tickets"], None, filters={"tickets": {"client_id": 3}, "ticket": {"client_id": 4}})


def test_a_filter_for_a_list_that_is_not_exported_is_refused_under_the_name_given() -> None:
    with pytest.raises(SettingsError, match="a filter for 'clients', which is not exported"):
        parse_spec(["tickets"], None, filters={"clients": {"search": "a"}})


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
