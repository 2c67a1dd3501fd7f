"""GET requests that do more than read: they are treated as writes.

No document says which these are. The list goes by what a path or a parameter is called: `/LapSafe/Cancel` cancels, a
callback of another service reports an event, a link with a secret is used up when it is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._operations.operation import Operation

_OPERATIONS = frozenset(
    {
        "database_lookup_confirmation.get",
        "go_to_resolve.fetch_complete",
        "integration_data.beyond_trust.get_code",
        "integration_data.shopify_verify.get",
        "lap_safe.fetch_cancel",
        "lap_safe.fetch_complete",
        "license_info.fetch_password",
        "mcp.fetch",
        "mo.fetch_b",
        "mo.fetch_r",
        "secure_secret_link.fetch_validate",
        "secure_secret_link.get",
        "test1.fetch",
        "test3.fetch",
        "test4.fetch",
        "test_error.fetch",
        "virtual_agent.fetch_mcp",
    }
)
_RESOURCES = frozenset({"notify"})
"""Addresses that other services call."""
_PARAMETERS = frozenset(
    {
        "_test_access",
        "callbackurl",
        "clearcomment",
        "dodatabaselookup",
        "dodecrypt",
        "remove_existing",
        "reset_token",
        "update_shown",
    }
)
_OFF = (None, False, 0, "", "false", "0")


def changes_data(operation: Operation, arguments: Mapping[str, Any]) -> bool:
    """Return whether a call may change something on the instance or elsewhere."""
    if operation.method != "GET" or operation.name in _OPERATIONS or operation.resource in _RESOURCES:
        return True
    return any(
        operation.api_name(name).lower() in _PARAMETERS and value not in _OFF
        for name, value in arguments.items()
    )
