"""Values of fields that are named like secrets, which no result shows."""

from __future__ import annotations

from typing import Any

from halo_async._utils.secret import is_secret
from halo_async.transport.prepared_request import MASK

_ENDINGS = ("_key", "authorization", "cookie", "connectionstring", "connection_string", "totp", "otp")


def is_hidden(name: str) -> bool:
    """Return whether a field's value is not shown, by the field's name."""
    folded = name.lower().replace("-", "_")
    return is_secret(folded) or folded.endswith(_ENDINGS)


def mask_secrets(value: Any) -> Any:
    """Return plain JSON with `***` for each text under the name of a secret, however deep."""
    if isinstance(value, dict):
        return {
            name: _masked(item) if is_hidden(name) else mask_secrets(item) for name, item in value.items()
        }
    return [mask_secrets(item) for item in value] if isinstance(value, list) else value


def _masked(value: Any) -> Any:
    """A flag, a number and null tell no secret, and an assistant may need them: `has_password`."""
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return MASK if isinstance(value, str) and value else value
