"""Misunderstood requests: an order that is ignored, pages that never advance, caps that change."""

from __future__ import annotations

from collections.abc import Callable

from halo_async.emulator.faults.fault import Fault

Query = tuple[tuple[str, str], ...]
Ask = Callable[[Query, Fault], Query]


def _remove_parameters(query: Query, *prefixes: str) -> Query:
    return tuple((name, value) for name, value in query if not name.lower().startswith(prefixes))


def _ignored_order(query: Query, fault: Fault) -> Query:
    """Return the rows in an order of their own, that of their summaries."""
    return (*_remove_parameters(query, "order"), ("order", str(fault.option("order", "summary"))))


def _vague_order(query: Query, fault: Fault) -> Query:
    """Sort by a field whose value many rows share."""
    return (*_remove_parameters(query, "order"), ("order", str(fault.option("order", "status_id"))))


def _no_search(query: Query, fault: Fault) -> Query:
    """Ignore `advanced_search`, like any unknown parameter."""
    return _remove_parameters(query, "advanced_search")


def _smaller_pages(query: Query, fault: Fault) -> Query:
    return (*_remove_parameters(query, "page_size"), ("page_size", str(fault.option("cap", 50))))


def _everything(query: Query, fault: Fault) -> Query:
    return (*_remove_parameters(query, "page_no", "page_size", "count"), ("count", str(2**31 - 1)))


def _first_page(query: Query, fault: Fault) -> Query:
    return (*_remove_parameters(query, "page_no"), ("page_no", "1"))


FAULTS: dict[str, dict[str, Ask]] = {
    "F33": {"ignored": _ignored_order, "vague": _vague_order, "no_search": _no_search},
    "F34": {"cap": _smaller_pages},
    "F35": {"everything": _everything},
    "F36": {"first_page": _first_page},
}
