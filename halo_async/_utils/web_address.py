"""Web addresses that people type or paste: scheme, host and port, with a sentence on what is wrong."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from halo_async.errors import SettingsError

DEFAULT_PORTS = {"http": 80, "https": 443}
_NOT_VALID = "The instance is not a valid address. Use its host name, for example acme.halopsa.com."


def is_loopback(host: str) -> bool:
    """Return whether a host name or address can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def split_address(text: str) -> SplitResult:
    """Return the parts of a URL, or of a host name, which means https.

    :raises SettingsError: it is not an address, or contains a password.
    """
    text = text.strip()
    if not text:
        raise SettingsError("The instance is empty. Use its host name, for example acme.halopsa.com.")
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in text):
        raise SettingsError(
            "The instance contains a space, backslash or control character. Use its host name."
        )
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError as error:
        raise SettingsError(_NOT_VALID) from error
    if not parts.scheme:
        raise SettingsError(_NOT_VALID)
    if parts.scheme not in DEFAULT_PORTS:
        raise SettingsError(f"{parts.scheme}:// is not a web address. Use https://<host>.")
    if "@" in parts.netloc:
        raise SettingsError("The instance contains a user name or password. Use the host name alone.")
    return parts


def host_of(parts: SplitResult, text: str) -> str:
    """Return the host name, in ASCII.

    :raises SettingsError: there is none, or it is not valid.
    """
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise SettingsError(
                f"{host} is not a valid host name. Use one such as acme.halopsa.com."
            ) from error
    if not host or not all(character.isalnum() or character in "-._:" for character in host):
        raise SettingsError(
            f"{text.strip()[:80]!r} has no valid host name. Use one such as acme.halopsa.com."
        )
    return host


def port_of(parts: SplitResult, host: str) -> int:
    """Return the port, or that of the scheme.

    :raises SettingsError: it is not a number from 1 to 65535.
    """
    try:
        return parts.port or DEFAULT_PORTS[parts.scheme]
    except ValueError as error:
        raise SettingsError(f"The port of {host} must be a number from 1 to 65535.") from error
