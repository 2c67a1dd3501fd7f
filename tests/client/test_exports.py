"""The names that `import halo_async` gives."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import halo_async
from halo_async import errors, webhooks
from halo_async.errors import HaloError

ROOT = Path(halo_async.__file__).parent
PACKAGES = [
    *(
        "halo_async",
        "halo_async.api",
        "halo_async.api.integration_data",
        "halo_async.export",
        "halo_async.fleet",
    ),
    *("halo_async.models", "halo_async.webhooks", "halo_async.writing"),
]


def static_names(package) -> set[str]:
    """What type checkers see: the imports below `if TYPE_CHECKING`, as they are exported, and own classes."""
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    blocks = [n for n in tree.body if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    imports = [n for block in blocks for n in block.body if isinstance(n, ast.ImportFrom)]
    exported = {alias.asname for node in imports for alias in node.names if alias.asname == alias.name}
    return exported | {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


@pytest.mark.parametrize("name", PACKAGES)
def test_type_checkers_see_the_names_that_there_are(name):
    package = import_module(name)
    assert static_names(package) == set(package.__all__) <= set(dir(package))


@pytest.mark.parametrize("name", PACKAGES)
def test_every_name_that_type_checkers_see_is_there_when_the_program_runs(name):
    package = import_module(name)
    for public in static_names(package):
        assert getattr(package, public) is not None


def lazy_packages() -> list[str]:
    """Every package whose names load when they are touched."""
    found = [path for path in ROOT.rglob("__init__.py") if "attach(" in path.read_text("utf-8")]
    return [".".join(path.parent.relative_to(ROOT.parent).parts) for path in found]


@pytest.mark.parametrize("name", sorted(lazy_packages()))
def test_no_lazy_package_lets_type_checkers_accept_a_name_that_is_not_there(name):
    """mypy and pyright take a visible module-level `__getattr__` for leave to accept any name."""
    tree = ast.parse(Path(import_module(name).__file__).read_text("utf-8"))
    seen = [node for node in tree.body if not isinstance(node, ast.If)]
    assert "__getattr__" not in "\n".join(map(ast.unparse, seen))
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = import_module(name).no_such_name
    assert not hasattr(import_module(name), "_no_such_name")
    assert not hasattr(import_module(name), "errors.nothing")


def submodules() -> list[str]:
    """Every module of a package that people import from, but those that need an extra, and a few of those generated."""
    folders = [path.parent for path in ROOT.rglob("__init__.py") if path.parent.parent in (ROOT, ROOT.parent)]
    public = [folder for folder in folders if folder.name != "cli" and not folder.name.startswith("_")]
    found = [path for folder in public for path in folder.glob("*.py") if not path.name.startswith("_")]
    names = [".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in found]
    generated = ("halo_async.api.", "halo_async.models.")
    needing = (".pytest_plugin", ".remote")
    own = [name for name in names if not name.startswith(generated) and not name.endswith(needing)]
    return [
        *sorted(own),
        "halo_async.api.tickets",
        "halo_async.models.ticket",
        "halo_async.api.integration_data",
    ]


def test_every_submodule_that_type_checkers_take_for_an_attribute_is_one():
    """`import halo_async; halo_async.models.Ticket` passes mypy, so it has to run, whatever was imported before."""
    script = """
import sys, halo_async
def attribute(name):
    found = halo_async
    for part in name.split(".")[1:]:
        vars(found).pop(part, None)  # as if nothing had imported it yet
        found = getattr(found, part)
    return found
print([name for name in sys.argv[1:] if attribute(name).__name__ != name], halo_async.models.Ticket.__name__)
"""
    command = [sys.executable, "-c", script, *submodules()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[] Ticket\n", "")


def test_a_submodule_that_fails_to_load_says_why(tmp_path, monkeypatch):
    (tmp_path / "brittle").mkdir()
    (tmp_path / "brittle" / "__init__.py").write_text(
        "from halo_async._utils.lazy_imports import attach\n__getattr__, __dir__ = attach(__name__, {})\n"
    )
    (tmp_path / "brittle" / "part.py").write_text("import a_package_that_nobody_has\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="a_package_that_nobody_has"):
        _ = import_module("brittle").part
    del sys.modules["brittle"]


def test_every_error_is_at_hand_and_in_one_hierarchy():
    classes = [value for value in vars(errors).values() if inspect.isclass(value)]
    own = [cls for cls in classes if cls.__module__ == errors.__name__ and issubclass(cls, Exception)]
    assert {cls.__name__ for cls in own} <= set(halo_async.__all__)
    page = (Path(__file__).parents[2] / "docs" / "client.md").read_text("utf-8")
    assert {f"`{cls.__name__}`" for cls in own} <= set(re.findall("`[A-Za-z]+`", page))
    assert all(issubclass(cls, HaloError) and cls.__doc__ for cls in own)


@pytest.mark.parametrize("name", sorted(halo_async.__all__))
def test_every_public_name_says_what_it_is(name):
    if name != "absent":  # a value, which has its type's
        assert inspect.getdoc(getattr(halo_async, name))


def test_a_star_imports_every_public_name():
    script = "from halo_async import *; print(Halo, Fleet, HaloError)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("<class 'halo_async.client.Halo'> <class 'halo_async.fleet.fleet.Fleet'>")


def test_what_webhooks_raise_is_the_same_class_everywhere():
    assert halo_async.WebhookError is webhooks.WebhookError is errors.WebhookError
