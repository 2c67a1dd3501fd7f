"""A value of the wrong type: what is wanted, what was given, and what to give instead."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


class Misfit(TypeError):
    """Raised by a check, which knows neither the name nor the owner of the value; see `told`.

    :ivar wanted: such as `an int`.
    :ivar value: what was given.
    :ivar mend: the imperative sentence that mends it.
    :ivar where: the way to the value from the one that has a name: `[2].client_id`.
    """

    def __init__(self, wanted: str, value: Any, mend: str, where: str = "") -> None:
        super().__init__(wanted)
        self.wanted, self.value, self.mend, self.where = wanted, value, mend, where

    def at(self, step: str) -> Misfit:
        """The same, one step further out."""
        return Misfit(self.wanted, self.value, self.mend, f"{step}{self.where}")


class WrongValueError(TypeError):
    """Public error of a `Misfit`; the command line does not treat it as a program error."""


def told(owner: str, name: str, misfit: Misfit) -> WrongValueError:
    """The error that users see. What may be a secret is not shown."""
    from halo_async._utils.secret import is_secret
    from halo_async._utils.validation import article
    from halo_async.records.repr import shorten

    where = f"{name}{misfit.where}"
    value = misfit.value
    if is_secret(where):
        return WrongValueError(f"{owner}: {where} takes {misfit.wanted}, not {article(value)}.")
    shown = "None" if value is None else f"{article(value)} {shorten(value)}"
    return WrongValueError(f"{owner}: {where} takes {misfit.wanted}, not {shown}. {misfit.mend}")


def whole_mend(value: Any) -> str:
    """Return what to give where an int is wanted."""
    if hasattr(type(value), "__halo_fields__"):
        return "Give its id: record.id."
    try:
        number = int(value) if isinstance(value, str) else value
        if (
            not isinstance(number, bool)
            and isinstance(number, int | float | Decimal)
            and number == int(number)
        ):
            return f"Give {int(number)}."
    except (ValueError, OverflowError, ArithmeticError):
        pass
    return "Give a number without a fraction, such as 12."


def truth_mend(value: Any) -> str:
    """Return what to give where a boolean is wanted."""
    word = str(value).strip().lower()
    if word in ("true", "yes", "y", "on", "1", "1.0"):
        return "Give True."
    return "Give False." if word in ("false", "no", "n", "off", "0", "0.0") else "Give True or False."
