"""One change between two documents, and where a user's code meets it."""

from __future__ import annotations

import attrs


@attrs.frozen(order=True)
class Use:
    """A place in a user's code. ``sure`` is false where only the name of the field matches."""

    file: str
    line: int
    sure: bool = True


@attrs.frozen(order=True)
class Change:
    """One change.

    ``kind`` is ``operation``, ``parameter``, ``body``, ``response``, ``record`` or ``field``, then ``added``,
    ``removed``, ``retyped``, ``renamed``, ``required`` or ``values``; for responses also ``key`` and ``status``.
    ``where`` is ``GET /Path`` or a schema's name, ``name`` the parameter or field in it. ``was`` and ``now`` are types,
    names or values. ``breaking``: code that was written for the old document may fail.
    """

    where: str
    kind: str
    name: str = ""
    was: str = ""
    now: str = ""
    breaking: bool = False
    python: str = attrs.field(default="", eq=False, order=False)
    """The name in code: ``tickets.list``, ``Ticket``."""
    resources: frozenset[str] = attrs.field(default=frozenset(), eq=False, order=False)
    since: str = attrs.field(default="", eq=False, order=False)
    """The first release of Halo that has what changed, if that is known and it is not the oldest."""
    until: str = attrs.field(default="", eq=False, order=False)
    """The last release that has it, if that is known and it is not the newest."""
    uses: tuple[Use, ...] = attrs.field(default=(), eq=False, order=False)
    also: str = attrs.field(default="", eq=False, order=False)
    """The name of a parameter or field in code."""
    lost: tuple[str, ...] = attrs.field(default=(), eq=False, order=False)
    """The fields that are no longer there, where one record takes the place of another."""


@attrs.frozen
class Comparison:
    """The changes, and the records that have only another name: the old class with the new one."""

    changes: list[Change]
    renamed: dict[str, str]
