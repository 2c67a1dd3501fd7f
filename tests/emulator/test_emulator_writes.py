"""POST and DELETE as live instances do them."""

from __future__ import annotations

import base64

PAGE = {"pageinate": "true", "page_no": 1, "page_size": 100}


async def test_an_array_of_one_returns_201_with_an_object(wire):
    response = await wire.post("/Tickets", [{"summary": "Toner", "client_id": 2}])
    assert response.status == 201
    ticket = response.json()
    assert (ticket["id"], ticket["summary"], ticket["status_name"]) == (301, "Toner", "New")
    assert (await wire.get("/Tickets/301")).json() == ticket


async def test_an_array_of_many_returns_201_with_an_array(wire):
    response = await wire.post("/Client", [{"name": "A"}, {"name": "B"}])
    assert response.status == 201
    assert [row["name"] for row in response.json()] == ["A", "B"]


async def test_an_id_updates_the_fields_given_and_no_other(wire):
    before = (await wire.get("/Tickets/5")).json()
    after = (await wire.post("/Tickets", [{"id": 5, "summary": "New words"}])).json()
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"summary", "last_update", "lastactiondate"}


async def test_forgetting_the_id_creates_a_duplicate(wire):
    before = (await wire.get("/Client", **PAGE)).json()["record_count"]
    await wire.post("/Client", [{"name": "Twice"}])
    await wire.post("/Client", [{"name": "Twice"}])
    assert (await wire.get("/Client", **PAGE)).json()["record_count"] == before + 2


async def test_an_unknown_id_is_400_with_a_serialised_exception(wire):
    response = await wire.post("/Tickets", [{"id": 9999, "summary": "x"}])
    assert response.status == 400
    assert response.json()["ClassName"] == "System.Exception"
    assert "9999" in response.json()["Message"]


async def test_a_wrong_type_is_400_with_the_index_of_the_element(wire):
    response = await wire.post("/Tickets", [{"summary": "fine"}, {"status_id": "soon"}])
    assert response.status == 400
    assert response.json() == {"[1].status_id": ["The value 'soon' is not valid."]}
    assert (await wire.get("/Tickets", **PAGE)).json()["record_count"] == 300


async def test_a_number_as_text_is_taken_and_stored_as_a_number(wire):
    ticket = (await wire.post("/Tickets", [{"summary": "x", "client_id": "4"}])).json()
    assert ticket["client_id"] == 4


async def test_one_object_and_a_post_to_its_path_are_taken_as_published_clients_send_them(wire):
    made = await wire.post("/Tickets", {"summary": "x"})
    assert (made.status, made.json()["summary"]) == (201, "x")
    changed = await wire.post("/Tickets/5", {"summary": "by path"})
    assert (changed.status, changed.json()["id"]) == (201, 5)
    assert (await wire.get("/Tickets/5")).json()["summary"] == "by path"


async def test_a_strict_instance_takes_neither(start):
    wire = await start(strict=True)
    assert (await wire.post("/Tickets", {"summary": "x"})).status == 400
    assert (await wire.post("/Tickets/5", {"summary": "x"})).status == 405


async def test_text_where_an_array_belongs_is_400(wire):
    assert (await wire.post("/Tickets", "x")).status == 400


async def test_a_body_that_is_no_json_is_400_and_another_content_type_415(wire):
    broken = await wire.call("POST", "/Tickets", data=b"[{", headers={"Content-Type": "application/json"})
    plain = await wire.call("POST", "/Tickets", data=b"[]", headers={"Content-Type": "text/plain"})
    assert (broken.status, plain.status) == (400, 415)


async def test_nulls_and_control_flags_do_not_come_back(wire):
    ticket = (await wire.post("/Tickets", [{"summary": "x", "details": None, "_novalidate": True}])).json()
    assert not {"details", "_novalidate"} & ticket.keys()


async def test_custom_fields_are_updated_one_by_one(wire):
    await wire.post("/Tickets", [{"id": 3, "customfields": [{"id": 200, "name": "CFNew", "value": "a"}]}])
    fields = (await wire.get("/Tickets/3")).json()["customfields"]
    assert {field["id"] for field in fields} == {157, 159, 160, 200}


async def test_closing_a_ticket_takes_it_out_of_open_only(wire):
    newest = (await wire.get("/Tickets", **PAGE, open_only="true")).json()
    id = newest["tickets"][0]["id"]
    closed = (await wire.post("/Tickets", [{"id": id, "status_id": 9}])).json()
    again = (await wire.get("/Tickets", **PAGE, open_only="true")).json()
    assert closed["hasbeenclosed"]
    assert closed["dateclosed"]
    assert again["record_count"] == newest["record_count"] - 1


async def test_a_written_ticket_comes_first_in_the_default_order(wire):
    await wire.post("/Tickets", [{"id": 17, "summary": "touched"}])
    assert (await wire.get("/Tickets", **PAGE)).json()["tickets"][0]["id"] == 17


async def test_delete_returns_the_object_and_then_it_is_404_with_an_empty_body(wire):
    whole = (await wire.get("/Client/3")).json()
    assert (await wire.delete("/Client/3")).json() == whole
    gone = await wire.get("/Client/3")
    assert (gone.status, gone.body) == (404, b"")
    assert (await wire.delete("/Client/3")).status == 404


async def test_deleted_tickets_are_listed_with_deleted_true_and_can_be_restored(wire):
    await wire.delete("/Tickets/8")
    assert (await wire.get("/Tickets", **PAGE)).json()["record_count"] == 299
    assert [row["id"] for row in (await wire.get("/Tickets", **PAGE, deleted="true")).json()["tickets"]] == [
        8
    ]
    assert (await wire.post("/Tickets", [{"id": 8, "_recover": True}])).status == 201
    assert (await wire.get("/Tickets", **PAGE)).json()["record_count"] == 300


async def test_a_new_action_takes_the_tickets_next_number(wire):
    before = (await wire.get("/Actions", ticket_id=6)).json()["record_count"]
    action = (await wire.post("/Actions", [{"ticket_id": 6, "note": "Called."}])).json()
    assert (action["ticket_id"], action["id"]) == (6, before + 1)
    assert (await wire.get("/Actions", ticket_id=6)).json()["actions"][0]["note"] == "Called."


async def test_deleting_an_action_needs_its_ticket(wire):
    assert (await wire.delete("/Actions/1")).status == 404
    assert (await wire.delete("/Actions/1", ticket_id=6)).json()["ticket_id"] == 6


async def test_an_action_on_no_ticket_is_400_with_a_json_string(wire):
    response = await wire.post("/Actions", [{"note": "lost"}])
    assert (response.status, response.json()) == (400, "Ticket does not exist")


async def test_an_attachment_goes_up_as_base64_and_comes_down_as_its_bytes(wire):
    data = base64.b64encode(b"\x00\xffraw").decode()
    row = (await wire.post("/Attachment", [{"filename": "a.bin", "data_base64": data}])).json()
    response = await wire.get(f"/Attachment/{row['id']}")
    assert response.body == b"\x00\xffraw"
    assert response.headers["Content-Disposition"] == 'attachment; filename="a.bin"'
