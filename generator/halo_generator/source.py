"""Loading of the document from an instance's address or from a file."""

from __future__ import annotations

import codecs
import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from halo_generator import plain, yaml_source
from halo_generator.errors import SourceError
from halo_generator.plain import OddNumber
from halo_generator.report import pointer

DOCUMENT_PATH = "/api/swagger/v2/swagger.json"
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def load(source: str) -> dict[str, Any]:
    """Return the document at ``source`` as plain JSON values.

    ``source`` is a file, or an instance: a host (``acme.halopsa.com``) or a URL, with or without ``/api``
    or the document's own path. :raises SourceError: it cannot be read, is too large, or is not an OpenAPI 3
    document.
    """
    path = Path(source)
    if _is_file(path):
        return parse(_read_file(path), str(path))
    if "://" not in source and ("/" in source or source.endswith((".json", ".yaml", ".yml"))):
        raise SourceError(
            f"{source} does not exist. Give the path of an OpenAPI document or an instance's address."
        )
    return parse(fetch(document_url(source)), source)


def _is_file(path: Path) -> bool:
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder. Give the OpenAPI document itself.")
        return path.is_file()
    except (OSError, ValueError):
        return False


def document_url(instance: str) -> str:
    """Return the URL of an instance's document, for any form of the instance's address."""
    parts = urllib.parse.urlsplit(instance if "://" in instance else f"https://{instance}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError(f"{instance!r} is neither a file nor an address such as https://acme.halopsa.com.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SourceError(f"{instance!r}: plain http is for this machine only. Use https.")
    if parts.username or parts.password:
        raise SourceError(
            "The address contains a user name or password. Leave them out, since the document needs no login."
        )
    if parts.path.endswith(".json"):
        return urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))
    return f"{parts.scheme}://{parts.netloc}{DOCUMENT_PATH}"


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(
                f"{path} is larger than {MAX_BYTES >> 20} MiB, and a Halo document has 4. Give another file."
            )
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None  # an instance serves its document itself: a redirect means another server


def fetch(url: str) -> bytes:
    """Return what an instance serves at the address of its document.

    :raises SourceError: it cannot be reached, or sends something else than a document of Halo's size.
    """
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  http(s) only, checked
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=60) as response:
            body: bytes = response.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise SourceError(
            f"{url} returned {error.code}. Check that it is the address of a Halo instance."
        ) from error
    except (urllib.error.URLError, TimeoutError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceError(f"{url} cannot be reached: {reason}.") from error
    if len(body) > MAX_BYTES:
        raise SourceError(
            f"{url} sent more than {MAX_BYTES >> 20} MiB, and a Halo document has 4. Check the address."
        )
    return body


def parse(body: bytes, name: str) -> dict[str, Any]:
    """Parse an OpenAPI 3 document: JSON or YAML in UTF-8 or UTF-16, with or without a byte order mark."""
    text = _decode(body, name)
    try:
        if text.lstrip()[:1] not in ("{", "[", "<", ""):
            return _check_document(yaml_source.read(text, name), name)
        document = json.loads(
            text, parse_int=plain.whole, parse_float=plain.fraction, parse_constant=OddNumber
        )
    except RecursionError:
        raise SourceError(f"{name} is nested too deeply to be an OpenAPI document.") from None
    except json.JSONDecodeError as error:
        kind = (
            "an HTML page" if text.lstrip()[:1] == "<" else f"not JSON ({error.msg} at line {error.lineno})"
        )
        raise SourceError(f"{name} is {kind}, not an OpenAPI document.") from None
    return _check_document(document, name)


def _decode(body: bytes, name: str) -> str:
    encoding = "utf-8-sig"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is neither UTF-8 nor UTF-16 text (byte {error.start}).") from None


def _check_document(document: Any, name: str) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise SourceError(
            f"{name} is not an OpenAPI document: at # it has {_name_kind(document)} in place of an object."
        )
    _check_depth(document, name)
    version = document.get("openapi")
    version = str(version) if isinstance(version, float) else version  # YAML parses 3.1 as a number
    if not isinstance(version, str) or not version.startswith("3."):
        is_older = isinstance(document.get("swagger"), str)
        place = "#/swagger" if is_older else "#/openapi"
        found = (
            f"Swagger {_shorten_value(document['swagger'])}"
            if is_older
            else f"openapi: {_shorten_value(version)}"
        )
        raise SourceError(
            f"{name} is not an OpenAPI 3 document: {place} has {found}. Convert it to OpenAPI 3 first."
        )
    if not isinstance(document.get("paths"), dict):
        raise SourceError(f"{name} is not an OpenAPI document that can be used: it has no `paths` (#/paths).")
    if not document["paths"]:
        raise SourceError(f"{name} is an OpenAPI document without a single path (#/paths).")
    return document


def _shorten_value(value: Any) -> str:
    text = str(value)[:20]
    return text if text.isascii() and text.isprintable() else ascii(text)


def _name_kind(value: Any) -> str:
    kinds = {list: "a list", str: "a text", bool: "a truth value", int: "a number", float: "a number"}
    return kinds.get(type(value), "nothing")


def _check_depth(document: Any, name: str) -> None:
    level: list[tuple[Any, Any]] = [(document, None)]
    for _ in range(MAX_DEPTH):
        level = [(child, way) for way in level for child in _children(way[0])]
        if not level:
            return
    raise SourceError(f"{name} is nested deeper than {MAX_DEPTH} levels at {_beginning(level[0])}.")


def _children(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node
    return [value for value in values if isinstance(value, (dict, list))]


def _beginning(way: tuple[Any, Any]) -> str:
    """Return the JSON pointer of a value nested too deeply, up to its first five parts."""
    parts: list[str | int] = []
    while way[1] is not None:
        child, way = way[0], way[1]
        held = way[0].items() if isinstance(way[0], dict) else enumerate(way[0])
        parts.append(next(key for key, value in held if value is child))
    return pointer(*parts[:-6:-1])
