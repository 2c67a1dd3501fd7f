"""Handwritten classes as bases of generated resources: the table `[mixins]` of an overlay.

The generator never imports them: it only checks that the names are importable, and writes them out.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

import attrs

from halo_generator.errors import OverlayError
from halo_generator.names import MODULE_WORDS
from halo_generator.report import CanonicalReport
from halo_generator.surface import Mixin, Surface, SurfaceResource

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_DOTTED = re.compile(rf"({_NAME}(?:\.{_NAME})*):({_NAME})", re.ASCII)
_TAKEN = MODULE_WORDS | {"OnIncomplete", "ResourceGroup", "TimeDelta"}


def read(table: Mapping[str, object]) -> dict[str, Mixin]:
    """Return the mixins by path. :raises OverlayError: a path or a class is not valid."""
    return {path: _mixin(path, told) for path, told in table.items()}


def put_under(surface: Surface, table: Mapping[str, object], report: CanonicalReport) -> Surface:
    """Return the surface with each mixin attached to the resource of its path.

    A path that is missing from the document is only noted in the report: instances differ.

    :raises OverlayError: as `read`; two classes for one resource, or one whose name the module needs
    itself.
    """
    chosen = _Chosen(read(table))
    resources = tuple(map(chosen.under, surface.resources))
    groups = {name: tuple(map(chosen.under, members)) for name, members in surface.groups.items()}
    for path in sorted(chosen.mixins.keys() - chosen.used):
        report.unused.append(f"[mixins] {path}: the document has no such path")
    return attrs.evolve(surface, resources=resources, groups=groups)


@attrs.frozen
class _Chosen:
    mixins: Mapping[str, Mixin]
    used: set[str] = attrs.field(factory=set)

    def under(self, resource: SurfaceResource) -> SurfaceResource:
        paths = {_collection(operation.path) for operation in resource.operations}
        found = {path: mixin for path, mixin in self.mixins.items() if path.lower() in paths}
        self.used.update(found)
        if len(set(found.values())) > 1:
            raise OverlayError(
                f"{resource.name} can have one class, and [mixins] names several: {_join_paths(found)}. Keep one."
            )
        return attrs.evolve(resource, mixin=_choose_mixin(resource, *found.items())) if found else resource


def _collection(path: str) -> str:
    return path.partition("/{")[0].lower()


def _join_paths(paths: Mapping[str, Mixin]) -> str:
    return " and ".join(sorted(paths))


def _choose_mixin(resource: SurfaceResource, *found: tuple[str, Mixin]) -> Mixin:
    path, mixin = found[0]
    if mixin.name == resource.class_name or mixin.name in _TAKEN:
        raise OverlayError(
            f"The module of {resource.name} has another {mixin.name} than [mixins] {path}. Rename the class."
        )
    return mixin


def _mixin(path: str, told: object) -> Mixin:
    if not path.startswith("/") or "{" in path:
        raise OverlayError(f"[mixins] {path!r} is not the path of a resource, such as '/Attachment'.")
    found = _DOTTED.fullmatch(told) if isinstance(told, str) else None
    if found is None or any(map(keyword.iskeyword, re.split(r"[.:]", found[0]))):
        raise OverlayError(f"[mixins] {path}: {told!r} is not a class. Write it as 'package.module:Class'.")
    return Mixin(found[1], found[2])
