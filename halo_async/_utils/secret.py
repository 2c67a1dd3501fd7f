"""A string that does not reveal itself."""

from __future__ import annotations

from typing import NoReturn, final


@final
class Secret:
    """Holds a password, key or token so that no repr, log, traceback or pickle prints it."""

    __slots__ = ("_value",)

    def __init__(self, value: str | Secret) -> None:
        self._value: str = value._value if isinstance(value, Secret) else value

    def reveal(self) -> str:
        """Return the string itself. Use it in the expression that sends it, not in a variable."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return self._value == other._value if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret cannot be pickled. Read it again where it is needed.")


_SECRETS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "privatekey",
    "private_key",
)


def is_secret(name: str) -> bool:
    """Return whether a field's name looks like that of a password, secret, token or key."""
    folded = name.lower()
    return any(word in folded for word in _SECRETS)
