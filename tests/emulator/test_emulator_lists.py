"""List responses: caps, both shapes, paging that is honoured or ignored, order and filters."""

from __future__ import annotations

import msgspec
import pytest

PAGE = {"pageinate": "true", "page_no": 1}


async def test_a_page_holds_at_most_100_rows_and_record_count_is_the_total(wire):
    response = (await wire.get("/Tickets", **PAGE, page_size=1000)).json()
    assert len(response["tickets"]) == 100
    assert response["record_count"] == 300
    assert (response["page_no"], response["page_size"]) == (1, 1000)


async def test_a_page_of_assets_holds_at_most_50(wire):
    assert len((await wire.get("/Asset", **PAGE, page_size=1000)).json()["assets"]) == 50


async def test_the_cap_is_a_knob(start):
    wire = await start(page_cap=999)
    assert len((await wire.get("/Tickets", **PAGE, page_size=1000)).json()["tickets"]) == 300


async def test_pages_in_the_order_of_ids_hold_every_row_once(wire):
    ids = []
    for number in (1, 2, 3):
        response = (
            await wire.get("/Tickets", pageinate="true", page_no=number, page_size=100, order="id")
        ).json()
        ids += [row["id"] for row in response["tickets"]]
    assert ids == list(range(1, 301))


async def test_past_the_end_the_list_is_empty_and_record_count_is_0(wire):
    response = (await wire.get("/Tickets", pageinate="true", page_no=4, page_size=100)).json()
    assert response["tickets"] == []
    assert response["record_count"] == 0


async def test_without_pageinate_an_agents_default_of_50_rows_applies_and_count_overrides_it(wire):
    assert len((await wire.get("/Tickets", page_size=10, page_no=2)).json()["tickets"]) == 50
    assert len((await wire.get("/Tickets", count=7)).json()["tickets"]) == 7


async def test_pageinate_without_a_page_number_does_not_page(wire):
    assert len((await wire.get("/Tickets", pageinate="true", page_size=10)).json()["tickets"]) == 50


async def test_count_means_nothing_while_paging(wire):
    assert len((await wire.get("/Tickets", **PAGE, page_size=20, count=3)).json()["tickets"]) == 20


@pytest.mark.parametrize(
    "path", ["/Agent", "/Supplier", "/ClientContract", "/Appointment", "/KBArticle", "/BulkEmail"]
)
async def test_some_shapes_depend_on_pageinate(wire, path):
    assert isinstance((await wire.get(path)).json(), list)
    assert "record_count" in (await wire.get(path, **PAGE, page_size=2)).json()


@pytest.mark.parametrize(("path", "key"), [("/Appointment", "appointments"), ("/Agent", "results")])
async def test_some_envelopes_ignore_paging_and_return_everything(wire, path, key):
    response = (await wire.get(path, pageinate="true", page_no=2, page_size=1)).json()
    assert len(response[key]) == response["record_count"] > 1


async def test_bare_arrays_ignore_paging(wire):
    whole = (await wire.get("/Status")).json()
    assert (await wire.get("/Status", pageinate="true", page_no=2, page_size=1)).json() == whole


@pytest.mark.parametrize(
    ("path", "key"),
    [("/CRMNote", "actions"), ("/Projects", "tickets"), ("/TopLevel", "tree"), ("/Client", "clients")],
)
async def test_the_list_stands_under_its_irregular_key(wire, path, key):
    assert (await wire.get(path, **PAGE, page_size=5)).json()[key]


async def test_a_grid_carries_a_second_list_columns(wire):
    response = (await wire.get("/Client", **PAGE, page_size=5)).json()
    assert isinstance(response["columns"], list)
    assert {"columns_id", "columns_tilehtml"} <= response.keys()


async def test_attachments_carry_a_second_list_folders(wire):
    response = (await wire.get("/Attachment")).json()
    assert isinstance(response["folders"], list)
    assert isinstance(response["attachments"], list)


async def test_the_feed_gives_its_first_page_for_ever_and_moves_by_older_than_id(wire):
    first = (await wire.get("/Feed", pageinate="true", page_no=1, page_size=10)).json()["feed"]
    again = (await wire.get("/Feed", pageinate="true", page_no=2, page_size=10)).json()["feed"]
    older = (await wire.get("/Feed", older_than_id=first[-1]["id"], count=10)).json()["feed"]
    assert first == again
    assert older[0]["id"] < first[-1]["id"]


async def test_crm_notes_give_their_first_page_for_ever_and_more_by_count(wire):
    first = (await wire.get("/CRMNote", pageinate="true", page_no=1, page_size=10)).json()
    again = (await wire.get("/CRMNote", pageinate="true", page_no=2, page_size=10)).json()
    more = (await wire.get("/CRMNote", count=1000)).json()
    assert first == again
    assert len(first["actions"]) == 10
    assert len(more["actions"]) == first["record_count"] > 100


async def test_orderdesc_is_the_literal_true(wire):
    up = (await wire.get("/Tickets", **PAGE, order="id", orderdesc="1")).json()["tickets"]
    down = (await wire.get("/Tickets", **PAGE, order="id", orderdesc="true")).json()["tickets"]
    assert (up[0]["id"], down[0]["id"]) == (1, 300)


async def test_a_second_order_settles_what_the_first_leaves_equal(wire):
    query = {"order": "status_id", "order2": "id", "orderdesc2": "true", "page_size": 100}
    rows = (await wire.get("/Tickets", **PAGE, **query)).json()["tickets"]
    keys = [(row["status_id"], -row["id"]) for row in rows]
    assert keys == sorted(keys)


async def test_a_filter_selects_and_counts(wire):
    response = (await wire.get("/Tickets", **PAGE, page_size=100, client_id=3)).json()
    assert {row["client_id"] for row in response["tickets"]} == {3}
    assert response["record_count"] == len(response["tickets"])


async def test_open_only_leaves_out_closed_tickets(wire):
    rows = (await wire.get("/Tickets", **PAGE, page_size=100, open_only="true")).json()["tickets"]
    assert rows
    assert not any(row["hasbeenclosed"] for row in rows)


async def test_search_looks_into_the_summary(wire):
    rows = (await wire.get("/Tickets", **PAGE, page_size=100, search="PRINTER")).json()["tickets"]
    assert rows
    assert all("printer" in row["summary"].lower() for row in rows)


async def test_dates_select_by_the_field_that_datesearch_names(wire):
    query = {"datesearch": "dateoccurred", "startdate": "2024-01-01T00:00:00Z", "enddate": "2024-06-30"}
    rows = (await wire.get("/Tickets", **PAGE, page_size=100, **query)).json()["tickets"]
    assert rows
    assert all("2024-01-01" <= row["dateoccurred"][:10] <= "2024-06-30" for row in rows)


async def test_lastupdatefromdate_gives_what_changed_since(wire):
    await wire.post("/Tickets", [{"id": 5, "summary": "changed"}])
    rows = (await wire.get("/Tickets", **PAGE, lastupdatefromdate="2026-06-01T00:00:00Z")).json()["tickets"]
    assert [row["id"] for row in rows] == [5]


@pytest.mark.parametrize(
    ("kind", "value", "ids"),
    [(0, "3,5", [3, 5]), (2, "4", [4]), (7, "298", [299, 300]), (10, "2", [1, 2]), (9, "2", [1])],
)
async def test_advanced_search_compares_ids(wire, kind, value, ids):
    search = msgspec.json.encode([{"filter_name": "id", "filter_type": kind, "filter_value": value}]).decode()
    rows = (await wire.get("/Tickets", **PAGE, order="id", advanced_search=search)).json()["tickets"]
    assert [row["id"] for row in rows] == ids


async def test_idonly_gives_ids_and_nothing_else(wire):
    rows = (await wire.get("/Client", idonly="true")).json()["clients"]
    assert all(row.keys() == {"id"} for row in rows)


async def test_an_unknown_parameter_is_ignored_and_counted(wire):
    everything = (await wire.get("/Tickets", **PAGE)).json()["record_count"]
    response = (await wire.get("/Tickets", **PAGE, clientid=3)).json()
    assert response["record_count"] == everything
    assert wire.emulator.requests("GET /Tickets")[-1].unknown == ("clientid",)


async def test_names_of_parameters_and_paths_match_without_case(wire):
    response = (await wire.get("/TICKETS", PAGEINATE="true", Page_No=1, page_size=3)).json()
    assert len(response["tickets"]) == 3


async def test_required_filters_are_asked_for_in_a_json_string(wire):
    response = await wire.get("/Invoice/lines")
    assert (response.status, response.json()) == (400, "Parameter client_id must be included")


async def test_unfiltered_actions_of_a_large_desk_end_in_the_gateways_504(start):
    wire = await start(tickets=100_000)
    assert (await wire.get("/Actions")).status == 504
    assert (await wire.get("/Actions", ticket_id=99_999)).status == 200


@pytest.mark.parametrize("path", ["/Client", "/Site", "/Users", "/Asset", "/Projects", "/Opportunities"])
async def test_what_changed_since_a_moment_can_be_asked_of_every_collection_that_declares_it(wire, path):
    await wire.post(path, [{"id": 2}])
    response = await wire.get(path, **PAGE, lastupdatefromdate="2026-06-01T00:00:00Z")
    rows = next(
        value for name, value in response.json().items() if isinstance(value, list) and name != "columns"
    )
    assert [row["id"] for row in rows] == [2]


async def test_an_agent_who_left_and_one_of_an_application_are_listed_by_their_switches_alone(start):
    wire = await start()
    everybody = {"includedisabled": "true", "includeapiagents": "true"}

    async def ids(**query):
        found = (await wire.get("/Agent", **query)).json()
        listed = found if isinstance(found, list) else found["results"]
        return {row["id"]: (row["isdisabled"], row["isapiagent"]) for row in listed}

    active, disabled, api, all_of_them = (
        await ids(),
        await ids(includedisabled="true"),
        await ids(includeapiagents="true"),
        await ids(**everybody),
    )
    assert set(all_of_them) - set(disabled) - set(api) == set()
    assert [all_of_them[id] for id in set(disabled) - set(active)] == [(True, False)]
    assert [all_of_them[id] for id in set(api) - set(active)] == [(False, True)]
    (gone,) = set(disabled) - set(active)
    await wire.post("/Agent", [{"id": gone, "isdisabled": False}])
    assert gone in await ids()
