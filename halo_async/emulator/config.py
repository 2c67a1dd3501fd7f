"""Configuration of an emulator: the objects that `/_emulator/`, the file of `--config` and the options share."""

# ruff: noqa: RUF009 - the calls declare fields

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs

from halo_async._utils.names import did_you_mean
from halo_async._utils.openapi_document import Document
from halo_async.emulator.behaviour import Behaviour
from halo_async.emulator.churn import Churn
from halo_async.emulator.config_fields import (
    ConfigError,
    flag,
    nested,
    number,
    read_object,
    read_text,
    split_pairs,
    text,
    whole,
)
from halo_async.emulator.documents import NEWEST, Dialect, as_of
from halo_async.emulator.faults import Fault, check_fault
from halo_async.emulator.lists import CAP
from halo_async.emulator.login import LIFETIME
from halo_async.emulator.proxies import Behind
from halo_async.emulator.routes import Routes
from halo_async.errors import SettingsError
from halo_async.settings import RateLimit

T = TypeVar("T", bound=attrs.AttrsInstance)
_OUTSIDE = ("/auth/token", "/auth/authorize", "/api/authinfo", "/api/swagger/v2/swagger.json")
"""Parts of an instance besides its operations."""
_METHODS = ("*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


@attrs.frozen
class LimitConfig:
    """A rolling rate limit."""

    requests: int = whole(300, 1)
    seconds: float = number(300.0, above_zero=True)

    @property
    def limit(self) -> RateLimit:
        """The limit as the emulator takes it."""
        return RateLimit(self.requests, self.seconds)


def _read_one(cls: type[T]) -> Any:
    return lambda value, key: read_object(cls, value, key)


def _many(cls: type[T]) -> Any:
    def read(value: Any, key: str) -> tuple[T, ...]:
        if not isinstance(value, Sequence) or isinstance(value, str):
            raise ConfigError(f"{key} must be a list of tables, not {value!r:.60}.")
        return tuple(read_object(cls, item, f"{key}[{place}]") for place, item in enumerate(value))

    return read


def _by_name(read: Any) -> Any:
    def read_all(value: Any, key: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ConfigError(f"{key} must be a table of keys and values, not {value!r:.60}.")
        return {name: read(item, f"{key}.{name}") for name, item in value.items()}

    return read_all


def _limit(value: Any, key: str) -> RateLimit | None:
    if isinstance(value, str):
        try:
            return RateLimit.parse(value)
        except SettingsError:
            raise ConfigError(
                f"{key} must be REQUESTS/SECONDS, such as 300/300, or none, not {value!r}."
            ) from None
    return read_object(LimitConfig, value, key).limit


def _cap(value: Any, key: str) -> int:
    if type(value) is not int or value < 1:
        raise ConfigError(f"{key} must be an integer from 1 up, not {value!r:.60}.")
    return value


def _read_names(value: Any, key: str) -> tuple[str, ...]:
    if (
        isinstance(value, str)
        or not isinstance(value, Sequence)
        or not all(isinstance(one, str) for one in value)
    ):
        raise ConfigError(f"{key} must be a list of strings, not {value!r:.60}.")
    return tuple(value)


@attrs.frozen
class DataConfig:
    """Size and seed of the data, and the release; None for those that the emulator has."""

    seed: int | None = whole(None, 0)
    tickets: int | None = whole(None, 0)
    as_of: str | None = text(None)


@attrs.frozen
class FaultsConfig:
    """Faults to add to those that are armed."""

    faults: tuple[Fault, ...] = nested((), _many(Fault))
    clear: bool = flag(False)
    """True to disarm all others first."""


@attrs.frozen
class ClockConfig:
    """Change of the time."""

    advance: float = number(0.0)


@attrs.frozen
class EmulatorConfig:
    """The options of `halo_async.emulator.Emulator`, except its clock and its secret."""

    seed: int = whole(1, 0)
    tickets: int = whole(1000, 0)
    port: int = whole(0, 0, 65535)
    rate_limit: RateLimit | None = nested(RateLimit(300, 300), _limit)
    tenant: str | None = text("emulator", none=True)
    tenants: tuple[str, ...] = nested((), _read_names)
    client_id: str | None = text(None)
    token_lifetime: float = number(LIFETIME, above_zero=True)
    rotate_refresh_tokens: bool = flag(True)
    revoke_on_reuse: bool = flag(False)
    separate_auth: bool = flag(False)
    presigned: bool = flag(False)
    page_cap: int = whole(CAP, 1)
    page_caps: Mapping[str, int] = nested(attrs.Factory(dict), _by_name(_cap))
    strict: bool = flag(False)
    faults: tuple[Fault, ...] = nested((), _many(Fault))
    churn: Churn | None = nested(None, _read_one(Churn))
    behaviour: Behaviour | None = nested(None, _read_one(Behaviour))
    proxies: Mapping[str, Behind] = nested(attrs.Factory(dict), _by_name(_read_one(Behind)))
    as_of: str = text(NEWEST)
    dialect: Dialect | None = text(None, allowed=("2024", "2026"))
    bom: bool = flag(False)
    drift: int = whole(0, 0, 500)
    document: Path | None = nested(None, lambda value, key: Path(str(value)))

    def checked(self, document: Document) -> EmulatorConfig:
        """Return it with each path as the document spells it.

        :param document: of one release or several.
        :raises ConfigError: the document lacks the release or a path, or a fault does not exist.
        """
        document = as_of(document, self.as_of)
        caps = {collection(path, document, "page_caps"): cap for path, cap in self.page_caps.items()}
        return attrs.evolve(
            self,
            faults=checked_faults(self.faults, document, "faults"),
            churn=checked_churn(self.churn, document, "churn."),
            page_caps=caps,
        )


def fault_from_text(given: str) -> Fault:
    """Return the fault of `F10:GET /Tickets:after=3:times=1`, not checked against a document.

    :raises ConfigError: a key or value is not valid.
    """
    return read_text(Fault, given, ("number", "on"))


def churn_from_text(given: str) -> Churn:
    """Return the churn of `insert=0.5,delete=0.3`.

    :raises ConfigError: a key or value is not valid.
    """
    return read_text(Churn, given, ("path",))


def behaviour_from_text(given: str) -> Behaviour:
    """Return the behaviour of `order=ignored,utc_offset=60,encodings=br+gzip`.

    :raises ConfigError: a key or value is not valid.
    """
    return read_text(Behaviour, given)


def proxy_from_text(given: str) -> tuple[str, Behind]:
    """Return the name and the third party of `NinjaRMM:rows=250`; without a name it is that of all others.

    :raises ConfigError: a key or value is not valid.
    """
    name, _ = split_pairs(given)
    return name or "*", read_text(Behind, given.strip()[len(name) :])


def cap_from_text(given: str, document: Document) -> tuple[str, int]:
    """Return the path and the cap of `/Asset=50`.

    :raises ConfigError: it is not a list's path, or not a number from 1 up.
    """
    path, _, cap = given.partition("=")
    return collection(path, document, "the path"), _cap(int(cap) if cap.isdecimal() else cap, path)


def checked_faults(faults: Iterable[Fault], document: Document, key: str = "") -> tuple[Fault, ...]:
    """Return the faults with each path as the document spells it.

    :param key: of the list, named in errors.
    :raises ConfigError: a fault does not exist, or its path is not in the document, so that it would never occur.
    """
    found = []
    for place, fault in enumerate(faults):
        try:
            check_fault(fault)
            found.append(attrs.evolve(fault, on=_parse_place(fault.on, document)))
        except ConfigError as error:
            raise ConfigError(f"{key}[{place}].{error}" if key else str(error)) from None
    return tuple(found)


def _parse_place(on: str, document: Document) -> str:
    method, _, path = (on.strip() or "* *").partition(" ")
    method, path = method.upper(), path.strip()
    if method not in _METHODS or not (path.startswith("/") or path == "*"):
        raise ConfigError(f"on must be METHOD /PATH, such as GET /Tickets or * *, not {on!r}.")
    if path.lower().startswith("/api/") and path.lower() not in _OUTSIDE:
        path = path[len("/api") :]
    if path != "*" and path.lower() not in _OUTSIDE:
        _check_operation(method, path, document)
    return f"{method} {path}"


def _check_operation(method: str, path: str, document: Document) -> None:
    found = Routes(document).find(path, method)
    if found is None:
        near = did_you_mean(path, document["paths"]) or "."
        raise ConfigError(f"on must have a path of the document, not {path!r}{near}")
    offered = [name.upper() for name in found.methods]
    if method not in ("*", *offered):
        raise ConfigError(f"on must have a method of {found.path}. Use one of {', '.join(offered)}.")


def checked_churn(churn: Churn | None, document: Document, key: str = "") -> Churn | None:
    """Return the churn with its path as the document spells it.

    :raises ConfigError: it is not the path of a list.
    """
    return None if churn is None else attrs.evolve(churn, path=collection(churn.path, document, f"{key}path"))


def collection(path: str, document: Document, key: str) -> str:
    """Return the path of a list as the document spells it.

    :raises ConfigError: it is not one.
    """
    lists: dict[str, str] = {
        name.lower(): name for name, item in document["paths"].items() if _get_kind(item) == "list"
    }
    found = lists.get(path.strip().lower())
    if found is None:
        near = did_you_mean(path, lists.values()) or ". Use a path such as /Tickets."
        raise ConfigError(f"{key} {path!r} is not the path of a list{near}")
    return found


def _get_kind(item: Mapping[str, Any]) -> str:
    return str(item.get("get", {}).get("x-halo", {}).get("kind", ""))
