"""Ids by name: `await halo.resolve("status", "In Progress")`.

- `kinds`: the kinds that can be looked up, and the list of each.
- `candidates`: the rows of such a list, reduced to ids and names.
- `resolve`: one name to one id.
- `wording`: messages for unknown and ambiguous names.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
