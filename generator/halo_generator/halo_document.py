"""Recognition of Halo's own documents."""

from __future__ import annotations

from halo_generator.overlay import Overlay
from halo_generator.traversal import Json

MANY_PATHS, MANY_RECORDS = 40, 10


def is_halo(document: Json, overlay: Overlay) -> bool:
    """Return whether a document is Halo's: by its title and a Halo path, or by many path and schema names.

    ``overlay``: what is known of Halo's documents. Names such as `/Users` and `Device` are not enough by
    themselves.
    """
    info = document.get("info")
    title = info.get("title") if isinstance(info, dict) else None
    collections = {f"/{path.split('/')[1]}" for path in document["paths"] if path.startswith("/")}
    paths = sum(path in overlay.lists for path in collections)
    if isinstance(title, str) and title.startswith("Halo API"):
        return paths > 0 or "/IntegrationData" in collections
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    names = sum(name in overlay.records for name in schemas) if isinstance(schemas, dict) else 0
    return paths >= MANY_PATHS and names >= MANY_RECORDS
