"""Get the document: from an instance's address, or from a file."""

from __future__ import annotations

import codecs
import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from halo_generator.errors import SourceError

DOCUMENT_PATH = "/api/swagger/v2/swagger.json"
MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def load(source: str) -> dict[str, Any]:
    """The document at ``source`` as plain JSON values.

    ``source`` is a file, or an instance: a host (``acme.halopsa.com``) or a URL, with or without ``/api`` or the
    document's own path. :raises SourceError: it cannot be read, is too large, or is no OpenAPI 3 document.
    """
    path = Path(source)
    if _is_file(path):
        return parse(_read(path), str(path))
    if "://" not in source and ("/" in source or source.endswith((".json", ".yaml", ".yml"))):
        raise SourceError(
            f"{source}: no such file; give the path of an OpenAPI document or an instance's address."
        )
    return parse(_fetch(document_url(source)), source)


def _is_file(path: Path) -> bool:
    try:
        if path.is_dir():
            raise SourceError(f"{path} is a folder; give the OpenAPI document itself.")
        return path.is_file()
    except (OSError, ValueError):
        return False


def document_url(instance: str) -> str:
    """The address of an instance's document, whatever form of the instance's address was given."""
    parts = urllib.parse.urlsplit(instance if "://" in instance else f"https://{instance}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SourceError(f"{instance!r} is neither a file nor an address such as https://acme.halopsa.com.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SourceError(f"{instance!r}: plain http is for this machine only; use https.")
    if parts.username or parts.password:
        raise SourceError("The address must carry no user name or password; the document needs no login.")
    if parts.path.endswith(".json"):
        return urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path, parts.query, ""))
    return f"{parts.scheme}://{parts.netloc}{DOCUMENT_PATH}"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SourceError(f"{path} is larger than {MAX_BYTES >> 20} MiB; a Halo document has 4.")
        return path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None  # an instance serves its document itself: whoever redirects is somebody else


def _fetch(url: str) -> bytes:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310  http(s) only, checked
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=60) as answer:
            body: bytes = answer.read(MAX_BYTES + 1)
    except urllib.error.HTTPError as error:
        raise SourceError(f"{url} answered {error.code}; is this a Halo instance?") from error
    except (urllib.error.URLError, TimeoutError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceError(f"{url} cannot be reached: {reason}.") from error
    if len(body) > MAX_BYTES:
        raise SourceError(f"{url} sent more than {MAX_BYTES >> 20} MiB; a Halo document has 4.")
    return body


def parse(body: bytes, name: str) -> dict[str, Any]:
    """An OpenAPI 3 document from its bytes: UTF-8 or UTF-16, with or without a byte order mark."""
    text = _decode(body, name)
    try:
        document = json.loads(text)
    except RecursionError:
        raise SourceError(f"{name} is nested too deeply to be an OpenAPI document.") from None
    except json.JSONDecodeError as error:
        kind = (
            "an HTML page" if text.lstrip()[:1] == "<" else f"not JSON ({error.msg} at line {error.lineno})"
        )
        raise SourceError(f"{name} is {kind}, not an OpenAPI document.") from None
    return _checked(document, name)


def _decode(body: bytes, name: str) -> str:
    encoding = "utf-8-sig"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(f"{name} is neither UTF-8 nor UTF-16 text (byte {error.start}).") from None


def _checked(document: Any, name: str) -> dict[str, Any]:
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise SourceError(f"{name} is JSON, but no OpenAPI document: it has no `paths`.")
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3."):
        found = f"Swagger {document['swagger']}" if "swagger" in document else f"openapi: {version!r}"
        raise SourceError(f"{name} is not OpenAPI 3 ({found}).")
    if not document["paths"]:
        raise SourceError(f"{name} is an OpenAPI document without a single path.")
    _check_depth(document, name)
    return document


def _check_depth(document: Any, name: str) -> None:
    level = [document]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    raise SourceError(f"{name} is nested deeper than {MAX_DEPTH} levels.")


def _children(node: Any) -> list[Any]:
    values = node.values() if isinstance(node, dict) else node
    return [value for value in values if isinstance(value, (dict, list))]
