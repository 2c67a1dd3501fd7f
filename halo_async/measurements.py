"""Measured behaviour of an instance, as the small JSON that `halo-async doctor --probe` writes.

It has numbers and words of a fixed vocabulary, under names of resources; no hosts, ids, texts or names of people.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.cursor_spellings import SPELLINGS
from halo_async.errors import SettingsError

__all__ = ["Measurements"]

VERSION = 1
SUMMER_TIME = 60
"""Minutes by which dates of a zone may be behind those of the day on which it was measured."""
_MARK = "halo_measurements"
_EARLIER_MARK = "halo_profile"
"""Name of the mark in files that an earlier state of this version wrote."""
_SUBJECT = re.compile(r"[a-z][a-z0-9_.]{0,60}").fullmatch
_MOST = 64 * 1024
_HEADER = re.compile(r"(?:x-)?rate-?limit(?:-[a-z]+){1,2}|retry-after").fullmatch

WORDS: Mapping[str, frozenset[str]] = {
    "id_lists": frozenset({"commas", "repeats", "both", "neither"}),
    "paging_flag": frozenset({"required", "optional", "ignored"}),
    "inactive_rows": frozenset({"left out", "shown"}),
    "ordering": frozenset({"honoured", "ignored", "refused"}),
    "id_filter": frozenset({"honoured", "ignored", "refused", "empty"}),
    "past_the_end": frozenset({"zero", "total", "uncounted", "last page", "first page", "refused"}),
    "unknown_parameters": frozenset({"ignored", "refused", "applied"}),
    "encodings": frozenset({"gzip", "br", "zstd"}),
    "date_zone": frozenset({"ahead"}),
}
"""The words that a measurement may be, by question."""
KEYS = (
    "own name",
    "rows",
    *SPELLINGS,
    "bookmark",
    "marker",
    "scrollid",
    "resumetoken",
    "pagetoken",
    "skiptoken",
    "startafter",
    "lastkey",
)
"""The measurements of a proxy: its cursor is under the request's own name, or under one of these in lower case
without punctuation; `rows` for one that needs no cursor."""
SWITCHES: Mapping[str, tuple[str, str, str]] = {
    "agent": ("agent", "includedisabled", "isdisabled"),
    "agent.api": ("agent", "includeapiagents", "isapiagent"),
    **{name: (name, "includeinactive", "inactive") for name in ("client", "site", "users", "asset")},
}
"""By subject of `inactive_rows`: the resource, the switch, and the field of the rows that it brings."""
_QUESTIONS = frozenset({*WORDS, "page_size", "rate_limit_headers", "proxies"})


@attrs.frozen
class Measurements:
    """Measured behaviour of one instance. Hand it to `Halo(..., measurements=...)`, and the client acts on it.

    :ivar measured: by question, and for most questions by resource.
    """

    measured: Mapping[str, Any] = attrs.field(factory=dict)

    def __attrs_post_init__(self) -> None:
        for question, value in self.measured.items():
            _check_finding(question, value)

    @classmethod
    def from_json(cls, value: Any) -> Measurements:
        """Return the measurements from the content of its file.

        :param value: decoded JSON.
        :raises SettingsError: it is not such a file, or has values that a probe does not write.
        """
        if not isinstance(value, Mapping) or VERSION not in map(value.get, (_MARK, _EARLIER_MARK)):
            raise SettingsError(
                f"This is not a file of measurements of version {VERSION}. Write one with `doctor --probe`."
            )
        measured = value.get("measured")
        if not isinstance(measured, Mapping):
            raise SettingsError(
                "The file of measurements has no table `measured`. Write it with `doctor --probe`."
            )
        return cls(measured)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Measurements:
        """Return the measurements in a file.

        :param path: written by `halo-async doctor --probe --out`.
        :raises SettingsError: it cannot be read, or has no measurements.
        """
        import msgspec

        try:
            with Path(path).open("rb") as file:
                content = file.read(_MOST + 1)
            if len(content) > _MOST:
                raise SettingsError(
                    f"{path} is too large for a file of measurements. Write it with `doctor --probe`."
                )
            return cls.from_json(msgspec.json.decode(content))
        except OSError as error:
            raise SettingsError(f"{path}: {(error.strerror or 'it cannot be read').lower()}") from None
        except (msgspec.DecodeError, RecursionError):
            raise SettingsError(f"{path} is not JSON. Write it with `doctor --probe`.") from None

    def as_json(self) -> dict[str, Any]:
        """Return the content of its file."""
        return {_MARK: VERSION, "measured": dict(self.measured)}

    def of(self, question: str, subject: str) -> Any:
        """Return the measurement of a resource; None if there is none.

        :param question: its name, such as `page_size`.
        :param subject: a resource such as `tickets`, or a proxy such as `integration_data.snow`.
        """
        values = self.measured.get(question)
        return values.get(subject) if isinstance(values, Mapping) else None

    def page_size(self, resource: str) -> int | None:
        """Return the maximum number of rows per page of a list; None if it was not measured.

        :param resource: such as `tickets`.
        """
        found: int | None = self.of("page_size", resource)
        return found

    def repeats(self, resource: str) -> bool:
        """Return whether several ids have to be sent by repeating the name, since commas are not understood.

        A resource that was not measured is like those that were, if these agree.

        :param resource: such as `tickets`.
        """
        known = self.measured.get("id_lists", {})
        found = known.get(resource)
        return found == "repeats" if found else bool(known) and set(known.values()) == {"repeats"}

    def shows_without(self, resource: str, switch: str) -> bool:
        """Return whether a list was measured to show the rows that a switch brings without it, too.

        :param resource: such as `agent`.
        :param switch: the query parameter, such as `includedisabled`.
        """
        return any(
            (resource, switch) == told[:2] and self.of("inactive_rows", subject) == "shown"
            for subject, told in SWITCHES.items()
        )

    @property
    def encodings(self) -> tuple[str, ...] | None:
        """Compressions that the instance was seen to send where they are accepted; None if it was not measured."""
        found = self.measured.get("encodings")
        return None if found is None else tuple(found)

    def cursor_key(self, proxy: str) -> str | None:
        """Return the spelling under which a proxy's response has the cursor; None for its own name or unknown.

        :param proxy: such as `integration_data.snow`.
        """
        found: str | None = self.of("proxies", proxy)
        return None if found in ("own name", "rows") else found

    @property
    def remaining_header(self) -> str | None:
        """Response header that tells how many requests of the quota are left; None if none was seen."""
        seen = self.measured.get("rate_limit_headers", ())
        return next((name for name in seen if name.endswith("-remaining")), None)

    @property
    def utc_offset(self) -> int:
        """Minutes between the dates in rows and UTC; 0 if it was not measured."""
        found = self.measured.get("date_zone")
        return found if isinstance(found, int) else 0

    @property
    def behind_utc(self) -> int:
        """Minutes by which dates in rows can be earlier than UTC: in a zone with an hour of summer time, one more."""
        return max(0, SUMMER_TIME - self.utc_offset) if self.utc_offset else 0


def _check_finding(question: str, value: Any) -> None:
    if question not in _QUESTIONS:
        raise SettingsError("The measurements have an unknown question. Write it with `doctor --probe`.")
    by_subject = isinstance(value, Mapping)
    items = value.items() if isinstance(value, Mapping) else [("all", value)]
    for subject, item in items:
        if not (
            isinstance(subject, str) and _SUBJECT(subject) and _fits_question(question, item, by_subject)
        ):
            raise SettingsError(
                f"A probe does not write this value of {question}. Write the file with `doctor --probe`."
            )


def _fits_question(question: str, value: Any, by_subject: bool) -> bool:
    alone = question in ("date_zone", "encodings", "rate_limit_headers", "unknown_parameters")
    if alone == by_subject:
        return False
    match question:
        case "page_size":
            return type(value) is int and 1 <= value <= 100_000
        case "date_zone":
            return value == "ahead" or (type(value) is int and abs(value) <= 14 * 60)
        case "encodings":
            return isinstance(value, list | tuple) and set(value) <= WORDS[question]
        case "rate_limit_headers":
            return isinstance(value, list | tuple) and all(
                isinstance(item, str) and _HEADER(item) for item in value
            )
        case "proxies":
            return value in KEYS
        case _:
            return isinstance(value, str) and value in WORDS[question]
