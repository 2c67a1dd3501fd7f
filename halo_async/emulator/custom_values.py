"""Effect of a write on a row's custom fields.

Elements of `customfields` are written one by one, by id or by name (two public clients send names only),
and the others stay. An asset's `fields` are replaced as a whole: an instance was seen to clear those that
were not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async.emulator.data import asset_types
from halo_async.emulator.data.custom_fields import BY_ID, FIELDS, OF_PATH, entry
from halo_async.emulator.data.source import Row


def joined(path: str, old: Mapping[str, Any], fields: Row) -> Row:
    """Return the fields that a write sends, with the resulting custom fields."""
    written = dict(fields)
    if isinstance(fields.get("customfields"), list):
        written["customfields"] = _join_values(path, old.get("customfields") or [], fields["customfields"])
    if path == "/Asset" and isinstance(fields.get("fields"), list):
        written["fields"] = [_type_field(item) for item in fields["fields"]]
    return written


def _join_values(path: str, old: list[Row], given: list[Any]) -> list[Row]:
    kept = {field.get("id"): field for field in old}
    for field in given:
        if isinstance(field, dict):
            id = field.get("id", _find_field(path, field.get("name")))
            known = entry(id, None) if id in BY_ID else {}
            kept[id] = {**known, **kept.get(id, {}), **field, **({} if id is None else {"id": id})}
    return list(kept.values())


def _find_field(path: str, name: object) -> int | None:
    usage, wanted = OF_PATH.get(path), str(name).lower()
    found = (field.id for field in FIELDS if field.usage == usage and field.name.lower() == wanted)
    return next(found, None)


def _type_field(item: Any) -> Any:
    if not isinstance(item, dict):
        return item
    name = asset_types.FIELDS.get(item.get("id", 0))
    return item if name is None else {"name": name, **item}
