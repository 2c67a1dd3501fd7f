"""Result of one instance."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

import attrs

T = TypeVar("T")


@attrs.frozen
class Result(Generic[T]):
    """A value, or the error in place of it."""

    name: str
    """Name of the instance in its fleet."""
    value: T | None
    """Return value of the function; None if it raised."""
    error: Exception | None
    """Exception that was raised, including a refused login; None if the function returned."""
    seconds: float
    """Duration, including the login but not the wait for a free slot."""

    @property
    def ok(self) -> bool:
        """True if the function returned."""
        return self.error is None

    def unwrap(self) -> T:
        """Return the value.

        :raises Exception: the error, if there is one.
        """
        if self.error is not None:
            raise self.error
        return cast(T, self.value)
