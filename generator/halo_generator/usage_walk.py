"""The state of a walk over one file, and what both its halves need of each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from halo_generator.diff_change import Use
from halo_generator.usage_names import Found, Known
from halo_generator.usage_values import Value


class Walk:
    """Names and their values at one place of a file."""

    def __init__(
        self,
        file: str,
        known: Known,
        found: Found,
        scope: dict[str, Value] | None = None,
        members: dict[str, dict[str, Value]] | None = None,
    ) -> None:
        self.file, self.known, self.found = file, known, found
        self.scope: dict[str, Value] = dict(scope or {})
        self.members: dict[str, dict[str, Value]] = members or {}
        self.owner = ""
        self.returned: Value | None = None
        self.about_halo = False

    def visit(self, node: ast.AST) -> None:
        """Look at a statement or an expression."""
        raise NotImplementedError

    def value(self, node: ast.expr) -> Value | None:
        """Return what an expression stands for, if it can be followed; note the uses in it."""
        raise NotImplementedError

    def bind(self, target: ast.expr, value: Value | None) -> None:
        """Give a value to a name, an attribute of `self`, or several names."""
        raise NotImplementedError

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Look at the inside of a function or a comprehension, whose names end with it."""
        before = self.scope
        self.scope = dict(before)
        try:
            yield
        finally:
            self.scope = before

    def use(self, uses: list[Use], node: ast.AST, *, sure: bool = True) -> None:
        """Note a use at a node."""
        use = Use(self.file, getattr(node, "lineno", 0), sure)
        if use not in uses:
            uses.append(use)
