"""Structs with fields that no traceback shows.

The values on the way of every call are structs of msgspec: attrs compiles the methods of a class while it is imported,
which takes thirty times as long and was a third of what a program waited for its first call.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec


class PrivateStruct(msgspec.Struct, frozen=True):
    """A struct whose repr has only the fields that it names: others may hold personal data or a secret."""

    shown: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        fields = (f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({', '.join(fields)})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Return the same fields for rich, which shows locals in tracebacks."""
        return [(name, getattr(self, name)) for name in self.shown]
