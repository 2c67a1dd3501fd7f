"""Conversion of the options of `halo-async emulator` to the parameters of an `Emulator`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Literal, TypedDict

from halo_async._utils import openapi_document
from halo_async._utils.names import did_you_mean
from halo_async._utils.openapi_document import Document
from halo_async.cli.errors import UsageError
from halo_async.emulator import Behind, Churn, Fault
from halo_async.emulator.faults import known
from halo_async.emulator.proxies import SPELLINGS
from halo_async.emulator.routes import Routes
from halo_async.settings import RateLimit

SECRET = "HALO_EMULATOR_SECRET"  # noqa: S105 - the variable's name; not HALO_CLIENT_SECRET, which may open more
OPTIONS = frozenset(
    {"at", "by", "bytes", "cap", "count", "delay", "depth", "fields", "id"}
    | {"key", "location", "now", "order", "reason", "retry_after", "rows", "seconds", "status", "value"}
)
"""Parameters of the fault variants (a test compares them with the faults themselves)."""

_OUTSIDE = ("/auth/token", "/auth/authorize", "/api/authinfo", "/api/swagger/v2/swagger.json")
"""Parts of an instance besides its operations."""
_METHODS = ("*", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


class EmulatorOptions(TypedDict):
    """Return the arguments of `Emulator`, except the clock."""

    port: int
    seed: int
    tickets: int
    rate_limit: RateLimit | None
    tenant: str | None
    tenants: Sequence[str]
    client_id: str | None
    client_secret: str | None
    token_lifetime: float
    rotate_refresh_tokens: bool
    revoke_on_reuse: bool
    separate_auth: bool
    presigned: bool
    page_cap: int
    page_caps: Mapping[str, int]
    strict: bool
    faults: Sequence[Fault]
    churn: Churn | None
    proxies: Mapping[str, Behind]
    dialect: Literal["2024", "2026"]
    bom: bool
    drift: int
    document: Document | None


def secret() -> str | None:
    """Return the secret that the emulator is to accept, if one was set."""
    return os.environ.get(SECRET, "").strip() or None


def tenant(text: str) -> str | None:
    """Return a tenant's name, None for `none`."""
    return None if text.strip().lower() in ("none", "") else text.strip()


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Return names given with commas, or by repeating the option."""
    return tuple(dict.fromkeys(name.strip() for text in texts for name in text.split(",") if name.strip()))


def document(path: Path | None) -> Document | None:
    """Return a document in canonical form.

    :raises UsageError: it cannot be read, or is something else.
    """
    import msgspec

    if path is None:
        return None
    try:
        found: Any = openapi_document.read_document(path)
    except OSError as error:
        raise UsageError(f"--document {path}: {(error.strerror or 'cannot be read').lower()}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"--document {path} is not valid JSON") from None
    if not _normal(found):
        raise UsageError(
            f"--document {path} is not a canonical document: `halo-async generate {path} --out DIR` writes"
            " DIR/spec/halo.openapi.json, which is"
        )
    return dict(found)


def _normal(found: Any) -> bool:
    """Return whether each operation has `x-halo`, as in canonical form; a vendor's document has none."""
    try:
        items = [item for path in found["paths"].values() for item in path.values()]
        marked = [item for item in items if isinstance(item, dict) and "responses" in item]
        return bool(marked) and all("kind" in item["x-halo"] for item in marked) and "components" in found
    except (KeyError, TypeError, AttributeError):
        return False


def page_caps(texts: Iterable[str], shown: Document | None) -> dict[str, int]:
    """Parse `/Asset=50`, by path as the document spells it.

    :raises UsageError: it is not a list's path, or not a number from 1 up.
    """
    caps = {}
    for text in texts:
        path, _, number = text.partition("=")
        caps[_collection("--page-caps", path, shown)] = _whole("--page-caps", path, number, 1)
    return caps


def fault(text: str, shown: Document | None = None) -> Fault:
    """Parse `F05:GET /Tickets:times=1` as a fault.

    :raises UsageError: there is no such fault or path, or a value is malformed.
    """
    head, given = _parts("--faults", text)
    number, _, on = head.partition(":")
    number = number.strip().upper()
    variant = given.pop("variant", None)
    _check_known(number, variant)
    counts = {
        name: _whole("--faults", name, given.pop(name), least)
        for name, least in (("times", 1), ("after", 0), ("every", 1))
        if name in given
    }
    chance = _number("--faults", "probability", given.pop("probability", "1"), 1.0)
    options = {_known("--faults", name, OPTIONS): _plain(value) for name, value in given.items()}
    return Fault(number, _place(on, shown), variant, probability=chance, options=options, **counts)


def _check_known(number: str, variant: str | None) -> None:
    variants = known().get(number)
    if variants is None:
        raise UsageError(f"--faults: there is no fault {number!r}; there are {', '.join(known())}")
    if variant is not None and variant not in variants:
        raise UsageError(f"--faults: {number} has no variant {variant!r}; it has {', '.join(variants)}")


def _place(text: str, shown: Document | None) -> str:
    method, _, path = (text.strip() or "* *").partition(" ")
    method, path = method.upper(), path.strip()
    if method not in _METHODS or not (path.startswith("/") or path == "*"):
        raise UsageError(f"--faults: {text!r} is not METHOD /PATH, such as GET /Tickets or * *")
    if path.lower().startswith("/api/") and path.lower() not in _OUTSIDE:
        path = path[len("/api") :]
    if path != "*" and path.lower() not in _OUTSIDE:
        _check_path(method, path, shown or openapi_document.load_document())
    return f"{method} {path}"


def _check_path(method: str, path: str, shown: Document) -> None:
    """Check the path of a fault: on a misspelt path it would never occur."""
    found = Routes(shown).find(path, method)
    if found is None:
        raise UsageError(f"--faults: there is no path {path!r}{did_you_mean(path, shown['paths'])}")
    if method not in ("*", *(name.upper() for name in found.methods)):
        offered = ", ".join(name.upper() for name in found.methods)
        raise UsageError(f"--faults: {found.path} has no {method}; it has {offered}")


def churn(text: str | None, shown: Document | None) -> Churn | None:
    """Parse `insert=0.5:delete=0.3`, or the same after `/Client:`.

    :raises UsageError: a rate is malformed, or the path is not a list's.
    """
    if text is None:
        return None
    path, given = _parts("--churn", text)
    rates = {
        _known("--churn", name, ("insert", "delete", "update", "reenter")): _number("--churn", name, value)
        for name, value in given.items()
    }
    if not rates:
        raise UsageError(f"--churn {text!r} has no rate: write NAME=RATE, such as insert=0.5:delete=0.3")
    return Churn(_collection("--churn", path or "/Tickets", shown), **rates)


def proxies(texts: Iterable[str]) -> dict[str, Behind]:
    """Parse `NinjaRMM:rows=250:page=100`, by the last part of a proxy's path; unnamed for all others.

    :raises UsageError: a value is malformed.
    """
    return dict(map(_proxy, texts))


def _proxy(text: str) -> tuple[str, Behind]:
    name, given = _parts("--proxies", text)
    for item in given:
        _known("--proxies", item, ("rows", "page", "under", "key"))
    under = _known("--proxies", given.get("under", "request"), ("request", "none", *SPELLINGS))
    key = given.get("key", "data")
    rows = _whole("--proxies", "rows", given.get("rows", "25"), 0)
    page = _whole("--proxies", "page", given.get("page", "10"), 1)
    return name.strip() or "*", Behind(rows, page, under, None if key == "none" else key)


def _parts(option: str, text: str) -> tuple[str, dict[str, str]]:
    """Split off the part before the first NAME=VALUE, and return the pairs; values may contain colons."""
    head, *rest = re.split(r"(?:^|:)(?=[a-z_]+=)", text.strip())
    given = dict(item.split("=", 1) for item in rest)
    if "=" in head or len(given) != len(rest):
        raise UsageError(f"{option} {text!r}: write each NAME=VALUE once, with colons between")
    return head, given


def _known(option: str, name: str, allowed: Iterable[str]) -> str:
    if name not in allowed:
        near = did_you_mean(name, allowed) or f"; it takes {', '.join(sorted(allowed))}"
        raise UsageError(f"{option} does not know {name!r}{near}")
    return name


def _collection(option: str, path: str, shown: Document | None) -> str:
    paths = (shown or openapi_document.load_document())["paths"]
    lists = {name.lower(): name for name, item in paths.items() if _kind(item) == "list"}
    if path.strip().lower() not in lists:
        near = did_you_mean(path, lists.values()) or ", such as /Tickets"
        raise UsageError(f"{option}: {path!r} is not the path of a list{near}")
    found: str = lists[path.strip().lower()]
    return found


def _kind(item: Mapping[str, Any]) -> str:
    return str(item.get("get", {}).get("x-halo", {}).get("kind", ""))


def _whole(option: str, name: str, text: str, least: int) -> int:
    return int(_checked(option, name, text, int, f"a whole number from {least} up", least, float("inf")))


def _number(option: str, name: str, text: str, most: float = 1000.0) -> float:
    return _checked(option, name, text, float, f"a number from 0 to {most:g}", 0, most)


def _checked(
    option: str, name: str, text: str, convert: Callable[[str], float], wanted: str, least: float, most: float
) -> float:
    try:
        value = convert(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value) or not least <= value <= most:
        raise UsageError(f"{option}: {name} must be {wanted}, not {text!r}")
    return value


def _plain(text: str) -> Any:
    """Parse a number, true, false or null; anything else stays a string."""
    import msgspec

    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
    return text if isinstance(value, dict | list | str) else value
