"""The value that was given is the value that arrives, in every form of a write, or is refused in all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest

from halo_async import Halo, models, wrap


class Marked(str):
    """As `markupsafe.Markup` and others are, but that it shows itself otherwise."""

    def __str__(self) -> str:
        return "shown"


async def _create_mapping(halo: Halo, name: str, value: Any) -> None:
    await halo.tickets.create({name: value})


async def _create_record(halo: Halo, name: str, value: Any) -> None:
    ticket = models.Ticket()
    ticket[name] = value
    await halo.tickets.create(ticket)


async def _update(halo: Halo, name: str, value: Any) -> None:
    await halo.tickets.update(5, **{name: value})


async def _save(halo: Halo, name: str, value: Any) -> None:
    ticket = wrap(models.Ticket, {"id": 5})
    ticket[name] = value
    await halo.tickets.save(ticket)


async def _upsert(halo: Halo, name: str, value: Any) -> None:
    await halo.tickets.upsert([{"id": 5, name: value}])


async def _bulk(halo: Halo, name: str, value: Any) -> None:
    async for result in halo.tickets.bulk_upsert([{"id": 5, name: value}], on_error="continue"):
        if result.error is not None:
            raise TypeError(str(result.error))


async def _bulk_records(halo: Halo, name: str, value: Any) -> None:
    ticket = wrap(models.Ticket, {"id": 5})
    ticket[name] = value
    async for result in halo.tickets.bulk_upsert([ticket], on_error="continue"):
        if result.error is not None:
            raise TypeError(str(result.error))


async def _request(halo: Halo, name: str, value: Any) -> None:
    await halo.request("POST", "/Tickets", json=[{"id": 5, name: value}])


FORMS: list[Callable[[Halo, str, Any], Awaitable[None]]] = [
    _create_mapping, _create_record, _update, _save, _upsert, _bulk, _bulk_records, _request
]  # fmt: skip


async def arrived(halo: Halo, form: Any, name: str, value: Any) -> Any:
    with halo.dry_run() as prepared:
        await form(halo, name, value)
    (row,) = prepared[0].json()
    return row[name]


def counting() -> Iterator[int]:
    yield from (1, 2)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("name", "make", "wanted"),
    [
        ("_apply_ai_suggestions", counting, [1, 2]),
        ("_apply_ai_suggestions", lambda: map(int, "12"), [1, 2]),
        ("_apply_ai_suggestions", lambda: frozenset([1]), [1]),
        ("_apply_ai_suggestions", lambda: {5: "x"}.keys(), [5]),
        ("customfields", lambda: iter([{"id": 1, "value": counting()}]), [{"id": 1, "value": [1, 2]}]),
        ("any_new_field", counting, [1, 2]),
        ("any_new_field", lambda: {"a": [(counting(), {"b": counting()})]}, {"a": [[[1, 2], {"b": [1, 2]}]]}),
        ("estimate", lambda: Fraction(5, 2), 2.5),
        ("any_new_field", lambda: [Fraction(1, 4)], [0.25]),
        ("summary", lambda: Marked("meant"), "meant"),
        ("any_new_field", lambda: {"a": Marked("meant")}, {"a": "meant"}),
    ],
)
async def test_a_value_is_the_same_in_every_form(
    halo: Halo, form: Any, name: str, make: Callable[[], Any], wanted: Any
) -> None:
    if form is _update and name == "any_new_field":
        return  # an update by name takes fields that documents know
    assert await arrived(halo, form, name, make()) == wanted


@pytest.mark.parametrize("form", FORMS)
async def test_values_of_numpy_are_those_of_python(halo: Halo, form: Any) -> None:
    np = pytest.importorskip("numpy")
    for name, value, wanted in (
        ("estimate", np.float32(2.5), 2.5),
        ("client_id", np.int64(3), 3),
        ("summary", np.str_("x"), "x"),
        ("_apply_ai_suggestions", np.array([1, 2]), [1, 2]),
        ("customfields", [{"id": 1, "value": np.bool_(True)}], [{"id": 1, "value": True}]),
        ("customfields", [{"id": 1, "value": np.array([[1.5], [2]])}], [{"id": 1, "value": [[1.5], [2.0]]}]),
        ("customfields", [{"id": 1, "value": np.float16(0.5)}], [{"id": 1, "value": 0.5}]),
    ):
        assert await arrived(halo, form, name, value) == wanted


@pytest.mark.parametrize("form", FORMS)
async def test_what_numpy_has_and_json_has_not_is_refused(halo: Halo, form: Any) -> None:
    np = pytest.importorskip("numpy")
    for value in (np.datetime64("2026-01-01"), np.timedelta64(1, "s"), np.complex64(1), np.float32("nan")):
        with pytest.raises((TypeError, ValueError)):
            await arrived(halo, form, "customfields", [{"id": 1, "value": value}])


async def test_a_row_of_a_bulk_write_that_holds_itself_costs_itself_alone(halo: Halo) -> None:
    endless: list[Any] = []
    endless.append(endless)
    rows = [{"summary": "a"}, {"summary": "b", "any_new_field": endless}, {"summary": "c"}]
    results = [result async for result in halo.tickets.bulk_upsert(rows, on_error="continue")]
    assert [result.outcome for result in results] == ["written", "refused", "written"]
