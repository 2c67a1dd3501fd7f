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

PACKAGES = ["halo_async", "halo_async.fleet", "halo_async.webhooks"]


def static_names(package) -> set[str]:
    """What type checkers see: the imports below `if TYPE_CHECKING`."""
    tree = ast.parse(Path(package.__file__).read_text("utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    return {alias.asname for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names}


@pytest.mark.parametrize("name", PACKAGES)
def test_type_checkers_see_the_names_that_there_are(name):
    package = import_module(name)
    assert static_names(package) == set(package.__all__) <= set(dir(package))


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
