"""What new users get wrong works, or is one sentence with the mend."""

from __future__ import annotations

import copy
import gc
import inspect
import warnings
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from halo_async import ClientCredentials, Fleet, Halo, models
from halo_async._utils.names import did_you_mean
from halo_async._utils.validation import names
from halo_async.emulator import Emulator
from halo_async.errors import SettingsError

LOGIN = ClientCredentials("id", "canary-secret")
FORM = "ClientCredentials(client_id, client_secret)"


@pytest.fixture
def unopened() -> Halo:
    return Halo("acme.halopsa.com", LOGIN)


@pytest.mark.parametrize(
    ("args", "given", "mend"),
    [
        ((), {}, f"Halo(host, {FORM}), or Halo.from_env()"),
        (("acme.halopsa.com",), {}, f"Halo(host, {FORM}), or Halo.from_env()"),
        (("acme.halopsa.com", "id", "canary-secret"), {}, f"by position. Use Halo(host, {FORM})."),
        (("acme.halopsa.com", LOGIN), {"timeout": 30}, "Use deadline=30 for a whole call"),
        (("acme.halopsa.com", LOGIN), {"verify": False}, "certificates are always verified"),
        (("acme.halopsa.com", LOGIN), {"timout": 3}, "Did you mean 'timeouts'?"),
        (("acme.halopsa.com",), {"client_id": "id", "client_secret": "canary-secret"}, FORM),
        ((), {"host": "acme.halopsa.com", "credentials": LOGIN}, "Use instance"),
        (
            ("acme.halopsa.com", LOGIN),
            {"scope": ["read:tickets"]},
            'one string. Use scope="read:tickets edit',
        ),
        (("acme.halopsa.com", LOGIN), {"tenant": 5}, 'one string. Use tenant="acme"'),
    ],
)
def test_a_client_made_wrongly_names_the_right_way(args: Any, given: Any, mend: str) -> None:
    with pytest.raises(TypeError) as caught:
        Halo(*args, **given)
    assert mend in str(caught.value)
    assert "\n" not in str(caught.value)
    frames = caught.traceback[1:]
    assert not any("canary" in repr(frame.frame.f_locals) for frame in frames)


def test_a_class_with_a_constructor_of_its_own_is_left_alone() -> None:
    class Ours(Halo):
        def __init__(self, name: str) -> None:
            super().__init__(f"{name}.halopsa.com", LOGIN)

    assert "acme" in repr(Ours("acme"))


def test_a_plain_with_names_async_with(unopened: Halo) -> None:
    with pytest.raises(TypeError, match="Use `async with Halo"):
        unopened.__enter__()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("slip", "error", "mend"),
    [
        (lambda pages: len(pages), TypeError, "await pages.count()"),
        (lambda pages: pages[0], TypeError, "await pages.first()"),
        (lambda pages: pages[:5], TypeError, "await pages.all()"),
        (lambda pages: bool(pages), TypeError, "await pages.first() is not None"),
        (lambda pages: list(pages), TypeError, "Use 'async for'"),
        (lambda pages: 5 in pages, TypeError, "Use 'async for'"),
        (lambda pages: next(pages), TypeError, "Use 'await pages.first()', or 'async for'"),
        (lambda pages: pages.summary, AttributeError, "'async for row in pages'"),
        (lambda pages: pages.__enter__(), TypeError, "Leave out 'with'"),
    ],
)
def test_pages_taken_for_a_list_name_the_mend(unopened: Halo, slip: Any, error: Any, mend: str) -> None:
    with pytest.raises(error) as caught:
        slip(unopened.tickets.list())
    assert str(caught.value).startswith("tickets.list ")
    assert mend in str(caught.value)


async def test_pages_in_an_async_with_name_the_mend(unopened: Halo) -> None:
    with pytest.raises(TypeError, match="Leave out 'async with'"):
        async with unopened.tickets.list():  # type: ignore[attr-defined]
            pass


def test_pages_can_be_copied(unopened: Halo) -> None:
    assert repr(copy.copy(unopened.tickets.list())) == "<Pages of tickets.list>"


@pytest.mark.parametrize(
    ("slip", "error", "mend"),
    [
        (lambda halo: halo.tickts, AttributeError, "Did you mean 'tickets'?"),
        (lambda halo: halo.get, AttributeError, "has no attribute 'get'. Use one of its resources, such as"),
        (lambda halo: halo.upsert, AttributeError, "has no attribute 'upsert'. Use one of its resources"),
        (lambda halo: halo.tasks, AttributeError, "'tasks'. Find it with `halo-async operations tasks`."),
        (lambda halo: halo.tickets.search, AttributeError, "Use list()"),
        (lambda halo: halo.tickets.add, AttributeError, "Use create()"),
        (lambda halo: halo.tickets.patch, AttributeError, "Use update()"),
        (lambda halo: halo.tickets.updat, AttributeError, "Did you mean 'update'?"),
        (lambda halo: list(halo.tickets), TypeError, "`async for row in ….list()`"),
        (lambda halo: halo.tickets.__aiter__(), TypeError, "`async for row in ….list()`"),
        (lambda halo: halo.tickets[5], TypeError, "`await ….get(id)`"),
        (
            lambda halo: halo.tickets(),
            TypeError,
            "Tickets is not callable. Use one of its operations, such as `….list()`",
        ),
        (
            lambda halo: halo(),
            TypeError,
            "Halo is not callable. Use one of its resources, such as `….tickets`",
        ),
        (lambda halo: halo.tickets.list(timeout=3), TypeError, "Use with_options(timeout=…)"),
        (lambda halo: halo.tickets.list(limit=3), TypeError, "Use list(…).limit(…)"),
        (lambda halo: halo.tickets.list(page=1), TypeError, "page_no=…"),
    ],
)
def test_the_words_of_other_clients_name_what_is_meant(
    unopened: Halo, slip: Any, error: Any, mend: str
) -> None:
    with pytest.raises(error) as caught:
        slip(unopened)
    assert mend in str(caught.value)


@pytest.mark.parametrize(
    ("slip", "said"),
    [
        (lambda halo: halo.tickets.bulk_upsert(), "bulk_upsert() requires records. Call bulk_upsert(rows)."),
        (lambda halo: halo.tickets.bulk_upsert([], foo=3), "bulk_upsert() has no option 'foo'. Call bulk_up"),
        (lambda halo: halo.tickets.bulk_upsert([], jurnal="x"), "Did you mean 'journal'?"),
        (
            lambda halo: halo.tickets.bulk_upsert([], 5),
            "1 argument by position (records), not 2. Call bulk_u",
        ),
        (
            lambda halo: halo.tickets.with_options(tiemout=3),
            "has no option 'tiemout'. Did you mean 'timeout'?",
        ),
        (lambda halo: halo.with_options(tiemout=3), "Did you mean 'timeout'?"),
        (lambda halo: halo.tickets.with_options(3), "takes no arguments by position, not 1. Call with_opt"),
        (lambda halo: halo.request("/Tickets"), 'request() requires path. Call request("GET", "/Tickets").'),
        (lambda halo: halo.request(), "request() requires method, path. Call"),
        (lambda halo: halo.request("GET", "/Tickets", parms={}), "Did you mean 'params'?"),
        (lambda halo: halo.resolve("agent"), 'resolve() requires name. Call resolve("agent", "Jane Doe").'),
        (lambda halo: halo.resolve("agent", "a", "b"), "2 arguments by position (kind, name), not 3. Call"),
        (lambda halo: halo.export("tickets", "o", "csv"), "(resources, out), not 3. Call halo.export(["),
        (lambda halo: halo.export("tickets"), "export() requires out. Call halo.export("),
        (lambda halo: halo.export("tickets", "o", explode=1), "Did you mean 'flatten'?"),
        (lambda halo: halo.attachment.download(5), 'download() requires to. Call download(12, to="folder").'),
        (lambda halo: halo.attachment.upload(), "upload() requires file. Call upload("),
        (lambda halo: halo.report.run(), "run() requires id. Call run(12)."),
        (lambda halo: halo.report.sql("SELECT 1", 5), "sql() takes 1 argument by position (query), not 2."),
    ],
)
async def test_methods_called_with_the_wrong_arguments_name_the_mend(
    unopened: Halo, slip: Any, said: str
) -> None:
    with pytest.raises(TypeError) as caught:
        await slip(unopened)
    assert said in str(caught.value)


def test_a_method_that_names_the_mend_is_still_a_coroutine_function_with_its_signature(
    unopened: Halo,
) -> None:
    assert inspect.iscoroutinefunction(unopened.request)
    assert not inspect.iscoroutinefunction(unopened.tickets.bulk_upsert)
    assert list(inspect.signature(unopened.resolve).parameters) == [
        "kind",
        "name",
        "include_inactive",
        "filters",
    ]


@pytest.mark.parametrize("out", [None, 5, ["out"]])
async def test_an_export_to_what_is_not_a_folder_names_the_form(unopened: Halo, out: Any) -> None:
    with pytest.raises(
        SettingsError, match=r'out must be a folder or an address, for example "export", not '
    ):
        await unopened.export("tickets", out)


async def test_a_get_that_is_not_awaited_is_named(unopened: Halo) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        unopened.tickets.get(5)  # type: ignore[unused-coroutine]
        gc.collect()
    assert any("get' was never awaited" in str(item.message) for item in caught)


async def _read(rows: Any) -> None:
    async for _ in rows:
        pass


CALLS: dict[str, Any] = {
    "get": lambda halo, folder: halo.tickets.get(5),
    "open": lambda halo, folder: halo.__aenter__(),
    "list": lambda halo, folder: _read(halo.tickets.list()),
    "prefetch": lambda halo, folder: _read(halo.tickets.list().prefetch(2)),
    "bulk": lambda halo, folder: _read(halo.tickets.bulk_upsert([{"summary": "x"}])),
    "export": lambda halo, folder: halo.export(["tickets"], folder / "out"),
    "fleet": lambda halo, folder: Fleet({"a": halo}).__aenter__(),
    "map": lambda halo, folder: Fleet({"a": halo}).map(lambda halo: halo.tickets.get(1)),
    "download": lambda halo, folder: halo.attachment.download(1, to=folder),
    "resolve": lambda halo, folder: halo.resolve("status", "New"),
    "emulator": lambda halo, folder: Emulator(tickets=1).__aenter__(),
}
NO_LOOP = r"inside asyncio\.run\(main\(\)\)\. Under trio"


@pytest.mark.parametrize("call", CALLS)
def test_without_an_event_loop_of_asyncio_a_call_says_so(unopened: Halo, call: str, tmp_path: Path) -> None:
    coroutine = CALLS[call](unopened, tmp_path)
    with pytest.raises(RuntimeError, match=NO_LOOP):
        coroutine.send(None)


@pytest.mark.parametrize("call", CALLS)
def test_under_trio_a_call_says_so_and_closing_does_no_harm(
    unopened: Halo, call: str, tmp_path: Path
) -> None:
    pytest.importorskip("trio")

    async def main() -> None:
        with pytest.raises(RuntimeError, match=NO_LOOP):
            await CALLS[call](unopened, tmp_path)
        await unopened.aclose()

    anyio.run(main, backend="trio")


@pytest.mark.parametrize(
    ("slip", "mend"),
    [
        (lambda tickets: tickets.update(models.Ticket(id=5, summary="x")), "use save(record)"),
        (lambda tickets: tickets.update({"id": 5, "summary": "x"}), "update(5, summary=...)"),
        (lambda tickets: tickets.save({"id": 5}), "save() takes a record"),
        (lambda tickets: tickets.create(), "create(summary=...)"),
        (lambda tickets: tickets.create({"summary": "x"}, summary="y"), "create(summary=...)"),
        (lambda tickets: tickets.create([{"summary": "x"}]), "use upsert([...])"),
        (lambda tickets: tickets.create(sumary="x"), "Did you mean 'summary'?"),
        (lambda tickets: tickets.update(5, status=2), "Did you mean 'status_id'?"),
        (lambda tickets: tickets.update(5, client=2), "Did you mean 'client_id'?"),
        (lambda tickets: tickets.update(5, models.Ticket(summary="x")), "update(5, summary=...)"),
        (lambda tickets: tickets.update(5, {"summary": "x"}), "update(5, summary=...)"),
        (lambda tickets: tickets.update(id=5, summary="x"), "update(5, summary=...)"),
        (lambda tickets: tickets.update(), "update(5, summary=...)"),
        (lambda tickets: tickets.save(models.Ticket(id=5), summary="x"), "update(5, summary=...)"),
        (lambda tickets: tickets.save(), "save() takes a record"),
        (lambda tickets: tickets.create(record={"summary": "x"}), "Call create(Ticket(...))"),
        (lambda tickets: tickets.create(record=models.Ticket(summary="x")), "Call create(Ticket(...))"),
        (lambda tickets: tickets.upsert(summary="x"), "Use upsert([Ticket(summary=...)])."),
        (lambda tickets: tickets.upsert(5, summary="x"), "Use upsert([Ticket(summary=...)])."),
    ],
)
async def test_writes_with_the_wrong_arguments_name_the_mend(unopened: Halo, slip: Any, mend: str) -> None:
    with pytest.raises(TypeError) as caught:
        await slip(unopened.tickets)
    assert mend in str(caught.value)


@pytest.mark.parametrize("method", ["limit", "prefetch"])
@pytest.mark.parametrize("number", ["25", 2.5, None], ids=repr)
async def test_a_limit_that_is_no_number_is_refused_by_its_name(
    unopened: Halo, method: str, number: Any
) -> None:
    with pytest.raises(TypeError, match=rf"^{method}\(\) takes an int, not "):
        getattr(unopened.tickets.list(), method)(number)


async def test_a_record_is_created_of_its_fields(halo: Halo) -> None:
    made = await halo.tickets.create(summary="from fields", client_id=1, tickettype_id=1)
    assert (await halo.tickets.get(made.id)).summary == "from fields"


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        (lambda halo: halo.tickets.get(), "tickets.get() requires id. Call tickets.get(id)."),
        (lambda halo: halo.actions.delete(5), "requires ticket_id. Call actions.delete(id, ticket_id=...)."),
        (lambda halo: halo.tickets.upsert(), "requires records. Call tickets.upsert([Ticket(...)])."),
        (lambda halo: halo.actions.review(), "actions.review() requires body. Call actions.review(body)."),
    ],
)
async def test_an_operation_without_what_it_requires_names_the_call(
    unopened: Halo, call: Any, wrong: str
) -> None:
    with pytest.raises(TypeError) as caught:
        await call(unopened)
    assert str(caught.value).endswith(wrong)


@pytest.mark.parametrize("typed", ["get", "tasks", "task", "file", "close", "query"])
def test_a_short_name_that_is_only_partly_alike_is_not_suggested(typed: str) -> None:
    assert did_you_mean(typed, ["agent", "tags", "field", "cluster", "user"]) == ""


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("agnet", "agent"),
        ("agen", "agent"),
        ("agents", "agent"),
        ("agemt", "agent"),
        ("open", "open_only"),
        ("only", "open_only"),
    ],
)
def test_a_short_name_with_one_slip_or_a_part_of_a_name_is_suggested(typed: str, meant: str) -> None:
    assert did_you_mean(typed, ["agent", "open_only"]) == f". Did you mean {meant!r}?"


def test_the_id_of_what_was_said_comes_before_what_is_spelt_alike() -> None:
    assert did_you_mean("status", ["statusseq", "status_id", "stats"]) == ". Did you mean 'status_id'?"
    assert did_you_mean("sumary", ["summary"]) == ". Did you mean 'summary'?"


async def test_one_list_may_be_named_without_a_list_around_it(halo: Halo, tmp_path: Path) -> None:
    report = await halo.export("client", tmp_path / "o")
    assert [item.resource for item in report.resources] == ["client"]
    report = await halo.export("client", tmp_path / "c", format="csv", flatten="customfields")
    assert report.complete


@pytest.mark.parametrize(
    ("given", "shown"), [(5, "not a number"), ([5], "not a number"), (None, "not "), ([["a"]], "not a list")]
)
def test_names_that_are_none_are_refused_in_one_sentence(given: Any, shown: str) -> None:
    with pytest.raises(
        SettingsError, match=r"resources must be a list of names, for example \[\"tickets\"\], not "
    ):
        names("resources", given)


def test_a_tenant_may_be_named_without_a_list_around_it() -> None:
    emulator = Emulator(tickets=1, tenants="beta")
    assert emulator.tenants == {"beta"}
    emulator.tenants = "gamma"  # type: ignore[assignment]
    assert emulator.tenants == {"gamma"}


@pytest.mark.parametrize("faults", ["F27", ["F27"], [5]])
def test_faults_that_are_none_are_refused_with_the_form(faults: Any) -> None:
    emulator = Emulator(tickets=1)
    with pytest.raises(
        TypeError, match=r'A fault must be a Fault, for example Fault\("F27", .*, times=1\), not '
    ):
        emulator.faults.add(faults)


def test_libraries_are_not_told_that_pages_are_an_iterator_already(unopened: Halo) -> None:
    pages = unopened.tickets.list()
    assert isinstance(pages, AsyncIterable)
    assert not isinstance(pages, AsyncIterator)
