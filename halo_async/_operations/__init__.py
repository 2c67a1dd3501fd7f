"""One OpenAPI operation as data: request, serialization, response.

The name has an underscore because the package exports the function `operations()`, which a room of that name would
replace as soon as it is imported.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
