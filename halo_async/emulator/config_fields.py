"""Fields of the classes that are read from plain values: each with its rule, and how it is written as text.

The rules are attrs validators, so that they hold for Python code, JSON, TOML and the command line alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from math import isfinite
from typing import Any, TypeVar

import attrs

from halo_async._utils.names import did_you_mean

T = TypeVar("T", bound=attrs.AttrsInstance)
_FROM_TEXT, _OPEN, _READ, _NONE = "from_text", "open", "read", "none"
_PAIR = re.compile(r"(?:^|[:,])(?=[a-z_-]+=)")
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


class ConfigError(ValueError):
    """A key or a value is not valid; the message names the key and the fix."""


def whole(default: int | None, least: int, most: int | None = None) -> Any:
    """Declare a field for an integer; None is allowed if it is the default."""
    limit = f"from {least} up" if most is None else f"from {least} to {most}"
    return _declare_field(
        default,
        f"an integer {limit}",
        lambda value: type(value) is int and least <= value and (most is None or value <= most),
        int,
    )


def number(default: float, most: float | None = None, *, above_zero: bool = False) -> Any:
    """Declare a field for a number from 0 up, or above 0."""
    limit = "above 0" if above_zero else "from 0 up" if most is None else f"from 0 to {most:g}"

    def fits(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            return False
        return (value > 0 if above_zero else value >= 0) and (most is None or value <= most)

    return _declare_field(default, f"a number {limit}", fits, float)


def text(
    default: Any = attrs.NOTHING,
    *,
    none: bool = False,
    allowed: Collection[str] = (),
    converter: Callable[[str], str] | None = None,
) -> Any:
    """Declare a field for a string.

    :param none: the word `none` stands for None.
    :param allowed: the only strings that are accepted.
    :param converter: applied to strings before they are checked.
    """
    wanted = f"one of {', '.join(map(repr, allowed))}" if allowed else "a string"

    def convert(value: str) -> Any:
        return converter(value) if converter is not None and isinstance(value, str) else value

    return _declare_field(
        default,
        wanted,
        lambda value: isinstance(value, str) and (not allowed or value in allowed),
        str,
        optional=none or default is None,
        none=none,
        converter=None if converter is None else convert,
    )


def flag(default: bool) -> Any:
    """Declare a field for true or false."""
    return _declare_field(
        default, "true or false", lambda value: isinstance(value, bool), lambda word: _WORDS[word.lower()]
    )


def nested(default: Any, read: Callable[[Any, str], Any]) -> Any:
    """Declare a field that has keys or items of its own.

    :param read: returns the field's value from a plain one and the key that names it in errors.
    """
    return attrs.field(default=default, metadata={_READ: read})


def open_field(names: Collection[str]) -> Any:
    """Declare a mapping whose known keys may also stand beside the other fields."""
    return attrs.field(factory=dict, metadata={_OPEN: frozenset(names)})


def _declare_field(
    default: Any,
    wanted: str,
    fits: Callable[[Any], bool],
    from_text: Callable[[str], Any],
    *,
    optional: bool = False,
    none: bool = False,
    converter: Callable[[Any], Any] | None = None,
) -> Any:
    optional = optional or default is None

    def check(owner: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not (fits(value) or (optional and value is None)):
            raise ConfigError(f"{attribute.name} must be {wanted}, not {value!r:.60}.")

    return attrs.field(
        default=default, validator=check, converter=converter, metadata={_FROM_TEXT: from_text, _NONE: none}
    )


def read_object(cls: type[T], values: Any, key: str = "") -> T:
    """Return an object from plain values, as JSON, TOML or an option of the command line has them.

    :param cls: a class with fields of this module.
    :param key: the key of the object itself, such as `faults[0]`.
    :raises ConfigError: a key is unknown, missing, or has a value that does not fit.
    """
    if isinstance(values, cls):
        return values
    if not isinstance(values, Mapping):
        raise ConfigError(f"{key or 'the content'} must be a table of keys and values, not {values!r:.60}.")
    start = f"{key}." if key else ""
    fields = attrs.fields_dict(cls)
    given: dict[str, Any] = {}
    for written, value in values.items():
        name = str(written).replace("-", "_")
        owner = _open_field(fields, name)
        if owner is not None:
            given[owner] = {**given.get(owner, {}), name: value}
        elif name in fields:
            given[name] = _read_value(fields[name], value, start + name, given)
        else:
            known = _list_keys(fields)
            hint = did_you_mean(name, known) or f". Use {', '.join(sorted(known))}."
            raise ConfigError(f"{start}{written} is not a known key{hint}")
    for name, field in fields.items():
        if field.default is attrs.NOTHING and name not in given:
            raise ConfigError(f"{start}{name} is missing. Add it.")
    try:
        return cls(**given)
    except ConfigError as error:
        raise ConfigError(f"{start}{error}") from None


def _read_value(field: attrs.Attribute[Any], value: Any, key: str, given: Mapping[str, Any]) -> Any:
    read = field.metadata.get(_READ)
    if read is not None:
        return read(value, key)
    if field.metadata.get(_NONE) and value == "none":
        return None
    if _OPEN not in field.metadata:
        return value
    if not isinstance(value, Mapping):
        raise ConfigError(f"{key} must be a table of keys and values, not {value!r:.60}.")
    allowed = field.metadata[_OPEN]
    for name in value:
        if name not in allowed:
            hint = did_you_mean(str(name), allowed) or f". Use {', '.join(sorted(allowed))}."
            raise ConfigError(f"{key}.{name} is not a known key{hint}")
    return {**value, **given.get(field.name, {})}


def _open_field(fields: Mapping[str, attrs.Attribute[Any]], name: str) -> str | None:
    """Return the open field that a key belongs to."""
    return next((own for own, field in fields.items() if name in field.metadata.get(_OPEN, ())), None)


def _list_keys(fields: Mapping[str, attrs.Attribute[Any]]) -> set[str]:
    return set(fields).union(*(field.metadata.get(_OPEN, ()) for field in fields.values()))


def read_text(cls: type[T], given: str, head: Sequence[str] = (), key: str = "") -> T:
    """Return an object from `HEAD:HEAD:key=value:key=value`; commas may stand between the pairs, too.

    :param head: the fields whose values come first, without their names.
    :raises ConfigError: as `read_object`.
    """
    first, pairs = split_pairs(given)
    values = {
        name: part for name, part in zip(head, first.split(":", max(len(head) - 1, 0)), strict=False) if part
    }
    doubled = values.keys() & pairs.keys()
    if doubled or (first and not head):
        raise ConfigError(f"{given!r} is not a list of key=value pairs. Write each key once.")
    fields = attrs.fields_dict(cls)
    values |= {name: _from_text(fields.get(name.replace("-", "_")), value) for name, value in pairs.items()}
    return read_object(cls, values, key)


def split_pairs(given: str) -> tuple[str, dict[str, str]]:
    """Return the part before the first `key=value`, and the pairs; values may contain colons and commas.

    :raises ConfigError: a key is written twice, or a pair is malformed.
    """
    first, *rest = _PAIR.split(given.strip())
    pairs = dict(item.split("=", 1) for item in rest)
    if "=" in first or len(pairs) != len(rest):
        raise ConfigError(
            f"{given!r} is not a list of key=value pairs. Write each key once, with : between pairs."
        )
    return first.strip(), pairs


def _from_text(field: attrs.Attribute[Any] | None, value: str) -> Any:
    """Return a value of the field's type; the text itself if it is not one, which the field's rule then names."""
    convert = _parse_plain if field is None else field.metadata.get(_FROM_TEXT, _parse_plain)
    try:
        return convert(value)
    except (ValueError, KeyError):
        return value


def _parse_plain(value: str) -> Any:
    """Return a number, true, false or null; anything else is a string."""
    import msgspec

    try:
        found = msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
    return value if isinstance(found, dict | list | str) else found
