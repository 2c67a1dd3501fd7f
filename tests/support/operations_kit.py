"""Call operations with every parameter they have, and check what arrived at the emulator."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from halo_async._operations.operation import Operation, Parameter
from halo_async._operations.response_decoding import decode_as
from halo_async._utils.openapi_document import load_document
from halo_async._utils.openapi_releases import lifetimes
from halo_async.emulator import RecordedRequest
from halo_async.errors import ApiError, UnknownOutcomeError
from halo_async.pagination.pages import Pages
from halo_async.records.fields import declared

# What the paginator adds of its own accord.
PAGING = {"pageinate", "page_no", "page_size"}
Expected = tuple[dict[str, list[str]], dict[str, str], Any]


def newest_with(operation: Operation) -> str:
    """The newest release that has an operation."""
    own, _ = lifetimes(load_document()["paths"][operation.path][operation.method.lower()])
    return own.get("until", "newest")


def sample(parameter: Parameter) -> tuple[Any, list[str]]:
    """A value for a parameter, and the texts that must arrive for it."""
    kind = parameter.type.replace(" | None", "")
    known: dict[str, tuple[Any, list[str]]] = {
        "int": (7, ["7"]),
        "float": (1.5, ["1.5"]),
        "bool": (True, ["true"]),
        "str": ("a b&c", ["a b&c"]),
        "DateTime": ("2026-01-02T03:04:05Z", ["2026-01-02T03:04:05Z"]),
        "RangeStart": ("2026-01-02", ["2026-01-02T00:00:00Z"]),
        "RangeEnd": ("2026-01-02", ["2026-01-02T23:59:59.999Z"]),
        "Moment": ("2026-01-02T03:04:05Z", ["2026-01-02T03:04:05Z"]),
        "Many[int]": ([3, 4], ["3,4"]),
        "Many[str]": ({"b", "a"}, ["a,b"]),
        "Sequence[int]": ([3, 4], ["3", "4"]),
        "Sequence[Any]": (["x", "y"], ["x", "y"]),
        "Any": ("x", ["x"]),
    }
    return known["str" if kind.startswith("Literal[") else kind]


def body_for(operation: Operation) -> tuple[Any, Any]:
    """A body for an operation, and the JSON that must arrive for it."""
    name = operation.body_name
    kind = next(p.type for p in operation.parameters if p.python_name == name)
    one, two = ("1", "2") if _id_is_text(operation, kind) else (1, 2)
    if "Mapping[str, Any]" in kind and kind.startswith("Iterable["):
        return [{"id": one}, {"id": two}], [{"id": one}, {"id": two}]
    if kind.startswith("Sequence["):
        texts = kind == "Sequence[str]"
        return (["1", "2"], ["1", "2"]) if texts else ([1, 2], [1, 2])
    if kind in ("str", "int"):
        return ("text", "text") if kind == "str" else (1, 1)
    return {"id": one}, {"id": one}


def _id_is_text(operation: Operation, kind: str) -> bool:
    """Whether the records of a body have texts as ids."""
    name = re.search(r"models\.\w+", kind)
    if name is None:
        return False
    fields = {field: text for field, _, text in declared(decode_as(name[0], operation.stub.__module__))}
    return fields.get("id", "int").startswith("str")


def method_of(halo: Any, operation: Operation) -> Any:
    found: Any = halo
    for part in operation.name.split("."):
        found = getattr(found, part)
    return found


async def call(halo: Any, operation: Operation) -> Expected:
    """Call an operation with every parameter it has; what must arrive: query, path values, body."""
    query: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    arguments: dict[str, Any] = {}
    body = None
    for parameter in operation.parameters:
        if parameter.location == "body":
            arguments[parameter.python_name], body = body_for(operation)
            continue
        value, texts = sample(parameter)
        arguments[parameter.python_name] = value
        if parameter.location == "path":
            places[parameter.name] = texts[0]
        else:
            query[parameter.name] = texts
    response = method_of(halo, operation)(**arguments)
    try:
        await (
            response.first() if operation.kind == "proxy" and not isinstance(response, Pages) else response
        )
    except ApiError as error:
        # the values are made up: what the instance thinks of them is not the question here
        assert error.status in (302, 400, 403, 404), (operation.name, error)
    except UnknownOutcomeError as error:
        assert operation.kind == "upsert", (operation.name, error)
    return query, places, body


def expected_path(operation: Operation, places: dict[str, str]) -> str:
    path = operation.path
    for name, value in places.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path


def check(operation: Operation, arrived: RecordedRequest, expected: Expected) -> None:
    """Method, path, query and body are what the operation's signature and arguments say."""
    query, places, body = expected
    assert arrived.method == operation.method, operation.name
    assert arrived.path.removeprefix("/api") == expected_path(operation, places), operation.name
    got: dict[str, list[str]] = {}
    for name, value in arrived.query:
        got.setdefault(name, []).append(value)
    added = got.keys() - query.keys()
    assert added <= (PAGING if operation.kind == "list" else set()), operation.name
    assert {name: got[name] for name in query} == query, operation.name
    kind = {name.lower(): value for name, value in arrived.headers.items()}.get("content-type", "")
    if body is None:
        assert arrived.body == b"", operation.name
    elif operation.body == "multipart":
        assert kind.startswith("multipart/form-data"), operation.name
        assert b'name="id"' in arrived.body, operation.name
    else:
        assert json.loads(arrived.body) == body, operation.name
        assert kind.startswith("application/json"), operation.name
