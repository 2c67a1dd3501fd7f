"""One question about an instance: what is assumed, and how it is measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

if TYPE_CHECKING:
    from halo_async.probing.requests import ProbeRequests


class NotMeasurable(Exception):
    """The instance does not show it; the reason has fixed words only."""


@attrs.frozen
class Finding:
    """One line of a probe's table.

    :ivar subject: the resource or proxy; empty for the instance as a whole.
    :ivar measured: None if it was not measured, for the `reason`.
    """

    question: str
    subject: str
    assumed: Any
    measured: Any = None
    differs: bool = False
    reason: str = ""


class Question(ABC):
    """A question, asked once per subject."""

    name: ClassVar[str]
    subjects: Sequence[str] = ("",)
    usual: ClassVar[Any]
    """The assumption of this client, if it is the same for all subjects."""

    async def prepare(self, requests: ProbeRequests) -> None:  # noqa: B027 - most need none
        """Do what has to be done before all other questions."""

    def assumed(self, subject: str) -> Any:
        """Return what this client assumes."""
        return self.usual

    @abstractmethod
    async def measure(self, requests: ProbeRequests, subject: str) -> Any:
        """Return what is so, as a plain JSON value.

        :raises NotMeasurable: the instance does not show it.
        :raises HaloError: a request failed.
        """

    def differs(self, subject: str, measured: Any) -> bool:
        """Return whether a measurement contradicts the assumption."""
        return bool(measured != self.assumed(subject))
