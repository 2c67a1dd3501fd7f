"""Assignment of records to files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import attrs

from halo_generator.surface import RecordType

FEW = 4
"""Most owners of a part that is put into the file of one of them; what more of them share has its own file."""


def housed(records: tuple[RecordType, ...], spoken_of: set[str]) -> tuple[RecordType, ...]:
    """Move every record that no operation uses, and that is part of a few others, into the file of the first of them.

    Pages of a list (`X_View`), which no operation uses either, go into the file of the whole record. A file costs
    0.1 ms to import whatever it contains, and such parts are two fifths of all records.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    names = {record.schema: record.name for record in records}
    for record in records:
        for part in set().union(*(field.type.records() for field in record.fields)) - {record.name}:
            owners[part].add(record.name)
        base = names.get(record.schema.removesuffix("_View"), record.name)
        if base != record.name:
            owners[record.name].add(base)
    modules = {record.name: record.module for record in records}
    first = {
        part: min(found) for part, found in owners.items() if len(found) <= FEW and part not in spoken_of
    }
    hosts = _hosts(first)
    return tuple(
        attrs.evolve(record, module=modules[hosts.get(record.name, record.name)]) for record in records
    )


def _hosts(owner: Mapping[str, str]) -> dict[str, str]:
    """Return the outermost owners; of records that own each other in a circle, the first by name."""
    hosts: dict[str, str] = {}
    for name in owner:
        way: dict[str, int] = {}
        while name in owner and name not in hosts and name not in way:
            way[name] = len(way)
            name = owner[name]
        circle = [one for one, at in way.items() if name in way and at >= way[name]]
        host = min(circle) if circle else hosts.get(name, name)
        hosts |= dict.fromkeys(way, host)
    return hosts
