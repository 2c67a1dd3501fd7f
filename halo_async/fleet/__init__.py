"""Many instances at once: `Fleet`, and a `Result` for each of them."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.errors import UnknownInstanceError as UnknownInstanceError
    from halo_async.fleet.fleet import Fleet as Fleet
    from halo_async.fleet.result import Result as Result

__all__ = ["Fleet", "Result", "UnknownInstanceError"]

_TABLE = {
    "Fleet": "halo_async.fleet.fleet",
    "Result": "halo_async.fleet.result",
    "UnknownInstanceError": "halo_async.errors",
}

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    __getattr__, __dir__ = attach(__name__, _TABLE)
