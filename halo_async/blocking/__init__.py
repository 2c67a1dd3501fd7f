"""The client without `await`, for scripts, notebooks and threads: `from halo_async.blocking import Halo`.

The names are those of `halo_async`: what is awaited there returns its result here, and lists are read by plain `for`.
Each client has an event loop in a thread of its own, and may be used from any number of threads.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.blocking.api import Resources
    from halo_async.blocking.api._bases import Client as Client
    from halo_async.blocking.api._bases import Pages as Pages
    from halo_async.blocking.api._bases import ReportRows as ReportRows
    from halo_async.blocking.fleet import Fleet as Fleet

    class Halo(Client, Resources):
        """A Halo instance without `await`: `with Halo("acme.halopsa.com", ClientCredentials(id, secret)) as halo`."""

else:  # a visible __getattr__ would let type checkers accept any name
    _PLACES = {"Client": "client", "Fleet": "fleet", "Halo": "client", "Pages": "rows", "ReportRows": "rows"}
    __getattr__, __dir__ = attach(
        __name__, {name: f"halo_async.blocking.{place}" for name, place in _PLACES.items()}
    )
