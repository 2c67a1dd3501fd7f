"""What came of one instance."""

from __future__ import annotations

from typing import Generic, TypeVar, cast

from attr import frozen

T = TypeVar("T")


@frozen
class Result(Generic[T]):
    """A value, or the error in place of it."""

    name: str
    """Of the instance in its fleet."""
    value: T | None
    """What the function returned; None where it raised."""
    error: Exception | None
    """What it raised, a refused login included; None where it returned."""
    seconds: float
    """How long it took, its login included and waiting for its turn not."""

    @property
    def ok(self) -> bool:
        """Whether it returned."""
        return self.error is None

    def unwrap(self) -> T:
        """The value.

        :raises Exception: the error, where there is one.
        """
        if self.error is not None:
            raise self.error
        return cast(T, self.value)
