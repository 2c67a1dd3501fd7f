"""Ids by name: `await halo.resolve("status", "In Progress")`.

- `kinds`: what can be looked up, and where an instance lists it.
- `candidates`: the rows of such a list, reduced to ids and names.
- `resolve`: one name to one id.
- `wording`: what is said when a name means nothing, or several things.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers take them for
    __getattr__, __dir__ = attach(__name__, {})
