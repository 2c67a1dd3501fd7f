"""Fields of one record as a write sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from halo_async.writing.record_keys import record_class

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource


async def fields_to_send(
    resource: Resource, fields: dict[str, Any], key: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the fields of one record as they are sent: custom fields set by name with their ids.

    :param key: identifies the record, if it is not among the fields.
    """
    from halo_async.custom_fields.naming import with_ids

    key = key or {}
    (row,) = await with_ids(resource.sender, record_class(type(resource)), [{**key, **fields}])
    return {name: value for name, value in row.items() if name not in key}
