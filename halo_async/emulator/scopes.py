"""Permissions of a token's scopes.

A request beyond its scopes is a 401 with an empty body, as for a missing permission.
"""

from __future__ import annotations

from halo_async.auth.scope_areas import AREAS, EVERYTHING, scopes_for

_AREA_OF = {name.lower(): area for area, names in AREAS.items() for name in names}


def allowed(scopes: frozenset[str], method: str, path: str) -> bool:
    """Return whether a token with these scopes permits a request."""
    if scopes & EVERYTHING:
        return True
    area = _AREA_OF.get(path.split("/")[1].lower())
    if area is None:
        # Configuration: any scope may read it, since every screen needs it (guess).
        return "admin" in scopes or (method == "GET" and bool(scopes))
    return bool(scopes.intersection(scopes_for(area, editing=method != "GET")))
