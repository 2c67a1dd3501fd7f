"""Whether emitted modules are a package: they compile, import, and say what the document said."""

from __future__ import annotations

import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

from halo_async._operations.request_builder import expand_path
from halo_async._operations.resource import operations
from halo_async.settings import ClientCredentials
from halo_async.transport.urls import check_path
from halo_generator import canonical_json, emit, pipeline
from halo_generator.errors import GeneratorError, InternalError

NAME = "in_memory_package"
PLAIN = {"int", "str", "bytes", "float", "bool", "None"}


class _Sources(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = {path.removesuffix(".py"): source for path, source in sources.items()}

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        place = name.replace(".", "/").removeprefix(NAME).lstrip("/")
        if name.partition(".")[0] != NAME:
            return None
        package = f"{place}/__init__".lstrip("/")
        if package in self._sources:
            return importlib.util.spec_from_loader(name, self, origin=package, is_package=True)
        return importlib.util.spec_from_loader(name, self, origin=place) if place in self._sources else None

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        origin = str(module.__spec__.origin)
        exec(compile(self._sources[origin], f"<{origin}>", "exec"), vars(module))


@contextmanager
def imported(sources: Mapping[str, str]) -> Iterator[ModuleType]:
    """The package made of these modules, while it is in use."""
    finder = _Sources(sources)
    sys.meta_path.insert(0, finder)
    try:
        yield import_module(NAME)
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
            del sys.modules[name]


def sources_of(run: pipeline.Run) -> dict[str, str]:
    """Every module of the package that a run would write."""
    found = {**emit.modules(run.surface), **emit.package_modules(NAME)}
    canonical_json.dumps(run.document).encode()
    return {path: source for path, source in found.items() if path.endswith(".py")}


def check(run: pipeline.Run) -> None:
    """The package of a run compiles, imports, and has each operation and record once, under names that exist."""
    sources = sources_of(run)
    assert len({path.lower() for path in sources}) == len(sources)
    assert all(len(part.encode()) < 200 for path in sources for part in path.split("/"))
    for path, source in sources.items():
        source.encode()
        _check_names(ast.parse(source), path)
    with imported(sources) as package:
        assert package.Halo.__mro__[0] is package.Halo
        _check_operations(run)
        _check_aliases(package.Halo, run)
        models = import_module(f"{NAME}.models")
        assert set(models.RECORDS) == {record.name for record in run.surface.records}
        for record in run.surface.records:
            assert getattr(models, record.name).__name__ == record.name
        api = import_module(f"{NAME}.api")
        for name in _exported(sources["api/__init__.py"]):
            assert getattr(api, name).__name__ == name


def _check_operations(run: pipeline.Run) -> None:
    declared = list(operations(import_module(f"{NAME}.api").Resources))
    told = {(o.method, o.path): o for _, o in run.surface.operations}
    assert {(o.method, o.path) for o in declared} == told.keys()
    assert len(declared) == len(told)
    for operation in declared:
        surface = told[operation.method, operation.path]
        assert {operation.api_name(name) for name in operation.path_params} == {
            p.name for p in surface.positional
        }
        assert len(operation.parameters) == len(surface.parameters) + (surface.body is not None)
        assert {p.name for p in operation.parameters if p.location == "query"} == {
            p.name for p in surface.parameters if p.location == "query"
        }
        check_path(expand_path(operation, dict.fromkeys(operation.positional, "1")))


def _check_aliases(halo: type[Any], run: pipeline.Run) -> None:
    """A resource's other number is the same object, and no name of a resource, method or attribute is hidden."""
    client = halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    before = dir(client)
    for alias, name in run.surface.aliases.items():
        assert alias not in before
        assert getattr(client, alias) is getattr(client, name)
    assert dir(client) == before


def _exported(source: str) -> set[str]:
    imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname for node in imports for alias in node.names if alias.asname == alias.name and node.level
    }


def _check_names(tree: ast.Module, path: str) -> None:
    """Nothing is defined twice, and what annotations speak of is imported."""
    imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    known = {alias.asname or alias.name for node in imports for alias in node.names}
    known |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)} | PLAIN
    for cls in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
        members = [n.name for n in cls.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
        members += [
            n.target.id for n in cls.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
        ]
        assert not [name for name, count in Counter(members).items() if count > 1], (path, cls.name)
        assert not set(members) & (known & _spoken_of(cls)), (path, cls.name)
        assert _spoken_of(cls) <= known, (path, cls.name, _spoken_of(cls) - known)
    assert path == "api/__init__.py" or not {n.name for n in tree.body if isinstance(n, ast.ClassDef)} & {
        name for name in vars(builtins) if name.islower()
    }


def _spoken_of(cls: ast.ClassDef) -> set[str]:
    annotations = [
        n.annotation for n in ast.walk(cls) if isinstance(n, (ast.AnnAssign, ast.arg)) and n.annotation
    ]
    annotations += [
        n.returns
        for n in ast.walk(cls)
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)) and n.returns
    ]
    return {n.id for annotation in annotations for n in ast.walk(annotation) if isinstance(n, ast.Name)}


def package_or_sentence(document: Any) -> str:
    """`package` if a document gives a whole one, else the one sentence that says where it is wrong."""
    try:
        run = pipeline.made_of(document, descriptions=True)
    except InternalError:
        raise
    except GeneratorError as error:
        said = str(error)
        assert said.strip()
        assert "\n" not in said
        assert "#" in said, said
        said.encode()
        return said
    check(run)
    "\n".join(run.report.lines()).encode()
    return "package"
