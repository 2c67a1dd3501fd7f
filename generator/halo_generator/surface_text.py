"""The public members of a surface as text, a line for each: what a review of a regeneration reads."""

from __future__ import annotations

from halo_generator.surface import Surface


def surface_lines(found: Surface) -> list[str]:
    """Return one line for each public member: operations with their signature, fields with their type."""
    lines = [
        f"{resource.name} has {m.module}:{m.name}" for resource in found.everything if (m := resource.mixin)
    ]
    lines += [f"{alias} is {name}" for alias, name in found.aliases.items()]
    for resource, operation in found.operations:
        owner = f"{resource.group}.{resource.name}" if resource.group else resource.name
        given = ", ".join(f"{p.python_name}: {p.type.annotation()}" for p in operation.parameters)
        returned = operation.result.annotation()
        lines.append(
            f"{owner}.{operation.method_name}({given}) -> {returned} = {operation.method} {operation.path}"
        )
        if "changes" in operation.facts:
            lines.append(f"{owner}.changed_since(when, overlap, as of {operation.method_name}) -> {returned}")
    for record in found.records:
        for field in record.fields:
            null = "?" if field.nullable else ""
            lines.append(f"{record.name}.{field.python_name}: {field.type.annotation()}{null}")
    return sorted(lines)
