from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.scripts import TYPED, TYPED_LIST
from tests.support.cli_kit import environment

MOST_OF_GET = 88
"""Modules of the package, with packages, for a first typed `get`: each is a dozen system calls at every start."""
ATTRS = {
    f"halo_async.settings.{name}"
    for name in ("ClientCredentials", "Instance", "RateLimit", "Settings", "Timeouts")
}
"""Classes that attrs makes on that way; it compiles the methods of each, which costs as much as three modules."""
RARELY = {
    "halo_async.coordination.options",
    "halo_async.auth.secret_login",
    "halo_async.measurements",
}
"""What few programs use."""
PROBE = """
import sys
import halo_async.transport, halo_async.auth.tokens
print(*sorted(name for name in {names} if name in sys.modules))
"""


def loaded(*names: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", PROBE.format(names=names)], capture_output=True, text=True, check=True
    )
    return set(out.stdout.split())


def test_the_transport_loads_without_aiohttp_and_other_weight() -> None:
    assert loaded("aiohttp", "anyio", "limits", "rich", "email.utils", "yarl") == set()


BUDGET = """
import sys
{script}
import inspect
own = sorted(name for name in sys.modules if name.partition(".")[0] == "halo_async")
compiled = sorted(
    f"{{name}}.{{cls.__name__}}"
    for name in own
    for cls in vars(sys.modules[name]).values()
    if inspect.isclass(cls) and cls.__module__ == name
    and any("attrs generated" in str(getattr(method, "__code__", "")) for method in vars(cls).values())
)
print(*own, "/", *compiled)
"""


@pytest.mark.parametrize(
    ("script", "most"), [(TYPED, MOST_OF_GET), (TYPED_LIST, MOST_OF_GET + 11)], ids=["get", "list"]
)
def test_a_first_call_loads_few_modules_and_has_attrs_make_few_classes(script: str, most: int) -> None:
    out = subprocess.run(
        [sys.executable, "-c", BUDGET.format(script=script)],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    modules, _, classes = out.partition("/")
    assert len(modules.split()) <= most, modules
    assert {*classes.split()} <= ATTRS, classes
    assert RARELY & {*modules.split()} == set()
