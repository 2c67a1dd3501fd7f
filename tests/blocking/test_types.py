"""What type checkers are told is what there is."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import halo_async
from halo_async import api, blocking
from halo_async._operations.resource import member_class, operations
from halo_async.blocking.facade import facade_class
from halo_async.client import Halo
from halo_async.pagination.pages import Pages
from halo_async.resources.reports.rows import ReportRows

API = Path(blocking.__file__).parent / "api"
NAMES = {"aclose": "close"}


def stub_classes(path: Path) -> Iterator[tuple[str, set[str]]]:
    """Each class of a stub, with the members that it has of its own."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            methods = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
            targets = {each.target.id for each in node.body if isinstance(each, ast.AnnAssign)}  # type: ignore[union-attr]
            yield node.name, {*methods, *targets}


@pytest.mark.parametrize("path", sorted(API.glob("*.pyi")), ids=lambda path: path.stem)
def test_each_class_and_method_of_a_stub_is_there(path: Path) -> None:
    stem = "" if path.stem == "__init__" else f".{path.stem}"
    module: ModuleType = import_module(f"halo_async.blocking.api{stem}")
    for name, members in stub_classes(path):
        if name == "Resources":  # attributes of a client
            assert members >= set(api.Resources._members)
            continue
        if name in ("Tabular", "AttachmentFiles", "ReportQueries", "Watchable"):  # bases of what is there
            continue
        made = getattr(module, name)
        groups = set(getattr(made._asynchronous, "_members", ()))
        assert {member for member in members if not hasattr(made, member)} <= groups, name


def test_each_operation_is_in_a_stub() -> None:
    told = {
        ("" if path.stem == "__init__" else path.stem, name): members
        for path in API.glob("*.pyi")
        for name, members in stub_classes(path)
    }
    for operation in operations():
        _, _, group = (
            operation.stub.__module__.removeprefix("halo_async.api").rpartition(".")[0].rpartition(".")
        )
        name = operation.stub.__qualname__.split(".")[0]
        group = "" if ("", name) in told and operation.stub.__name__ in told["", name] else group
        assert operation.stub.__name__ in told[group, name]


def test_each_handwritten_method_of_the_client_is_in_a_stub() -> None:
    told = dict(stub_classes(API / "_bases.pyi"))
    members = [member_class(api.Resources, name) for name in api.Resources._members]
    handwritten = {
        base
        for cls in [*members, Halo, Pages, ReportRows]
        for base in cls.__mro__
        if base.__module__.startswith("halo_async.") and ".api" not in base.__module__
    }
    assert {base.__name__ for base in handwritten} >= {"Writable", "Client", "Tabular", "AttachmentFiles"}
    for base in handwritten:
        public = {
            NAMES.get(name, name)
            for name, value in vars(base).items()
            if name in NAMES or (inspect.isfunction(value) and not name.startswith("_"))
        }
        assert public <= told.get(base.__name__, set()), base


def test_no_method_returns_what_has_to_be_awaited() -> None:
    for name in api.Resources._members:
        made = facade_class(member_class(api.Resources, name))
        assert made is not None
        for each in dir(made):
            method = inspect.getattr_static(made, each)
            awaited = inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method)
            assert each.startswith("_") or not awaited
    assert facade_class(Halo) is blocking.Halo
    assert facade_class(int) is facade_class(halo_async.Page) is None
