"""What the model binder refuses, in queries and bodies; what it reads of a name that comes again."""

from __future__ import annotations

import pytest

PAGE = {"pageinate": "true", "page_no": 1}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("client_id", "abc"),
        ("client_id", "95.0"),
        ("client_id", "99999999999"),
        ("lastupdatefromdate", "last monday"),
        ("open_only", "yes"),
    ],
)
async def test_a_query_value_of_another_type_is_refused_by_name(wire, name, value):
    response = await wire.get("/Tickets", **PAGE, **{name: value})
    assert response.status == 400
    assert response.json() == {name: [f"The value '{value}' is not valid."]}


async def test_a_boolean_of_1_is_ignored(wire):
    everything = (await wire.get("/Tickets", **PAGE)).json()["record_count"]
    assert (await wire.get("/Tickets", **PAGE, open_only="1")).json()["record_count"] == everything
    assert (await wire.get("/Tickets", **PAGE, open_only="true")).json()["record_count"] < everything


@pytest.mark.parametrize("value", [95.0, 95.5, "95.0", "x", True, 2**31])
async def test_what_is_no_integer_is_refused_with_the_place_of_its_element(wire, value):
    response = await wire.post("/Tickets", [{"summary": "good"}, {"summary": "bad", "client_id": value}])
    assert response.status == 400
    assert list(response.json()) == ["[1].client_id"]
    assert (await wire.get("/Tickets", **PAGE)).json()["record_count"] == 300


async def test_a_path_takes_no_fraction(wire):
    response = await wire.get("/Tickets/95.0")
    assert (response.status, response.json()) == (400, {"id": ["The value '95.0' is not valid."]})


async def test_several_ids_are_one_text_and_of_a_repeated_name_the_first_counts(wire):
    async def count(query: str) -> int:
        return (await wire.call("GET", f"/Tickets?pageinate=true&page_no=1&{query}")).json()["record_count"]

    one, two = await count("client_id=1"), await count("client_id=2")
    assert min(one, two) > 0
    assert await count("client_ids=1,2") == one + two
    assert await count("client_ids=1&client_ids=2") == one
    assert await count("client_ids=2&client_ids=1") == two


async def test_a_day_is_its_first_moment_and_a_range_does_nothing_without_datesearch(wire):
    day = "2024-03-05"
    asked = {"startdate": day, "enddate": day}
    assert (await wire.get("/Tickets", **PAGE, **asked)).json()["record_count"] == 300
    found = await wire.get("/Tickets", **PAGE, **asked, datesearch="dateoccurred")
    assert all(row["dateoccurred"].startswith("2024-03-05T00:00:00") for row in found.json()["tickets"])
