"""File name in a response (RFC 6266), made valid on every system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from urllib.parse import unquote_to_bytes

LONGEST = 180
"""Maximum bytes in UTF-8: systems allow 255, and a temporary suffix needs room too."""
_PARAMETER = re.compile(r';\s*([A-Za-z0-9_.!#$%&+^`|~\'*-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_EXTENDED = re.compile(r"(utf-8|iso-8859-1)'[A-Za-z0-9-]*'(.*)", re.IGNORECASE | re.DOTALL)
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.I | re.S)
_HIDDEN_KINDS = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, direction marks, lone surrogates: characters that can disguise a name."""
_OURS = re.compile(r"\.halo-part(\.json)?$", re.IGNORECASE)


def name_from_headers(disposition: str) -> str | None:
    """Return the intended file name of a Content-Disposition; None if there is none.

    `filename*` wins over `filename`. Non-standard forms are read too: plain UTF-8 or Latin-1,
    and encoded words.
    """
    parameters = dict(reversed(list(_split_parameters(disposition))))
    extended = _EXTENDED.fullmatch(parameters.get("filename*", ""))
    if extended:
        try:
            return unquote_to_bytes(extended[2]).decode(extended[1])
        except UnicodeDecodeError:
            pass
    plain = parameters.get("filename")
    return None if plain is None else _encoded_words(plain)


def safe_name(name: str | None, otherwise: str) -> str:
    """Return one path component that is valid on every system: no folders, no controls, not hidden,
    no device, not too long. Return `otherwise` if nothing is left of it.
    """
    text = unicodedata.normalize("NFC", name or "")
    text = "".join(character for character in text if unicodedata.category(character) not in _HIDDEN_KINDS)
    text = text.replace("\\", "/").rstrip("/").rpartition("/")[2]
    text = _shortened(_bare(_FORBIDDEN.sub("_", text)))
    if _DEVICES.fullmatch(text) or _OURS.search(text):
        text = f"_{text}_" if _OURS.search(text) else f"_{text}"
    return text or otherwise


def _bare(text: str) -> str:
    """Strip what Windows drops at the end and what hides a file at the beginning."""
    while (bare := text.strip().lstrip(".").rstrip(". ")) != text:
        text = bare
    return text


def _shortened(text: str) -> str:
    if len(text.encode()) <= LONGEST:
        return text
    stem, dot, ending = text.rpartition(".")
    tail = dot + ending if stem and len(ending.encode()) <= 16 else ""
    kept = (stem if tail else text).encode()[: LONGEST - len(tail.encode())]
    return _bare(kept.decode("utf-8", "ignore")) + tail


def _split_parameters(disposition: str) -> Iterator[tuple[str, str]]:
    for name, value in _PARAMETER.findall(
        f";{disposition}" if "=" in disposition.partition(";")[0] else disposition
    ):
        yield name.lower(), _as_meant(_unquoted(value.strip()))


def _unquoted(value: str) -> str:
    """Unescape only what must be escaped: servers write Windows paths with single backslashes."""
    if len(value) < 2 or not (value.startswith('"') and value.endswith('"')):
        return value
    return re.sub(r'\\(["\\])', r"\1", value[1:-1])


def _as_meant(value: str) -> str:
    """Decode bytes that are not UTF-8, received as lone surrogates, as Latin-1."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def _encoded_words(value: str) -> str:
    if not value.startswith("=?"):
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return value
