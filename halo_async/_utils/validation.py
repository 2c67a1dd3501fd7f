"""Validation of user options; each error names the option and the fix."""

from __future__ import annotations

from typing import Any

from halo_async.errors import SettingsError


def check_whole_number(name: str, value: Any, *, least: int = 1) -> int:
    """Check an integer option.

    :raises SettingsError: it is not an integer, or is less than the minimum.
    """
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise SettingsError(f"{name} must be an integer of {least} or more, not {value!r}.")
    return value


def check_count(method: str, name: str, value: Any) -> None:
    """Check the one argument of a method.

    :raises TypeError: it is not an integer.
    :raises ValueError: it is less than 0.
    """
    if not hasattr(type(value), "__index__"):
        raise TypeError(f"{method}() takes an int, not {article(value)}.")
    if value < 0:
        raise ValueError(f"`{name}` must be 0 or more.")


def check_seconds(name: str, value: Any) -> float:
    """Check a positive number.

    :raises SettingsError: it is not a number above 0.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise SettingsError(f"{name} must be a number of seconds above 0, not {value!r}.")
    return float(value)


def names(what: str, given: Any) -> list[str]:
    """Names, of which one may come without a list around it.

    :raises SettingsError: they are something else.
    """
    if isinstance(given, str):
        return [given]
    try:
        found: list[Any] = list(given)
    except TypeError:
        found = [None]
    if wrong := [one for one in found if not isinstance(one, str)]:
        shown = article(given if wrong == [None] == found else wrong[0])
        raise SettingsError(f'{what} must be a list of names, for example ["tickets"], not {shown}.')
    return found


def has_lone_surrogate(text: str) -> bool:
    """Return whether a string contains a lone surrogate. A regex for it takes 5 ms to compile."""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def check_callable(name: str, value: Any) -> None:
    """Check a callable.

    :raises TypeError: it is not callable.
    """
    if not callable(value):
        raise TypeError(f"{name} must be callable, not {article(value)}.")


def article(value: Any) -> str:
    """Return the type of a value for error messages: `a str`, `an int`, `None`."""
    name = type(value).__name__
    return "None" if value is None else f"an {name}" if name[0].lower() in "aeiou" else f"a {name}"
