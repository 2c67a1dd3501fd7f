"""What handwritten classes under generated resources need of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async.declaration import Operation
from halo_async.errors import InvalidRequestError

if TYPE_CHECKING:
    from halo_async.resource import Resource


def declaration_of(resource: Resource, method: str) -> Operation:
    """One of the resource's own operations.

    :raises InvalidRequestError: the document that it was generated from does not have it.
    """
    operation = getattr(getattr(type(resource), method, None), "declaration", None)
    if isinstance(operation, Operation):
        return operation
    raise InvalidRequestError(
        f"{type(resource).__name__} has no {method}(): the document that it was generated from lacks it"
    )
