"""TLS check of an instance on its own: whether a connection works, and when its certificate expires."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from halo_async.errors import AttemptTimeoutError, CertificateError, ConnectionFailedError, HaloError
from halo_async.settings import Instance

WAIT = 10.0
EXPIRY_WARNING_DAYS = 14.0
"""Days before a certificate's expiry from which on it is reported."""


class TlsInfo(NamedTuple):
    """Result of a handshake."""

    version: str
    """TLS version, such as `TLSv1.3`."""
    issuer: str
    """Issuer of the certificate; empty if not available."""
    expires: float | None
    """Expiry, in seconds since 1970."""


async def handshake(instance: Instance, context: ssl.SSLContext | None = None) -> TlsInfo:
    """Connect once, verified like calls are, and disconnect.

    :raises CertificateError: the certificate is not valid for this host.
    :raises ConnectionFailedError: the connection was refused, or the server does not use TLS.
    :raises AttemptTimeoutError: nothing was received within 10 s.
    """
    try:
        async with asyncio.timeout(WAIT):
            return await _shake(instance, context or ssl.create_default_context())
    except (OSError, TimeoutError) as error:
        raise _worded(instance, error) from error


async def _shake(instance: Instance, context: ssl.SSLContext) -> TlsInfo:
    _, writer = await asyncio.open_connection(
        instance.host, instance.port, ssl=context, server_hostname=instance.host
    )
    spoken = _spoken(writer.get_extra_info("ssl_object"))
    writer.transport.abort()  # nothing was requested, so nothing is lost
    with suppress(OSError):
        await writer.wait_closed()
    return spoken


def _spoken(talk: ssl.SSLObject) -> TlsInfo:
    shown: dict[str, Any] = talk.getpeercert() or {}
    ends = shown.get("notAfter")
    issuer = {name: value for part in shown.get("issuer", ()) for name, value in part}
    return TlsInfo(
        talk.version() or "TLS",
        issuer.get("organizationName") or issuer.get("commonName") or "",
        ssl.cert_time_to_seconds(ends) if ends else None,
    )


def _way_to_trust() -> str:
    named = os.environ.get("SSL_CERT_FILE", "")
    if named and not Path(named).is_file():  # OpenSSL says nothing about it
        return f"SSL_CERT_FILE names {named}, which is not a file: correct it."
    return "To trust a private authority, use ssl=, or SSL_CERT_FILE for the command."


def _worded(instance: Instance, error: OSError) -> HaloError:
    place = f"{instance.host}:{instance.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        wrong = (error.verify_message or "it does not verify").rstrip(".")
        return CertificateError(
            f"The TLS certificate of {instance.host} is not valid: {wrong}. Check the host name. {_way_to_trust()}"
        )
    if isinstance(error, ssl.SSLError):
        return ConnectionFailedError(f"{place} does not speak TLS. Check the address and the port.")
    if isinstance(error, TimeoutError):
        return AttemptTimeoutError(
            f"{place} did not respond within {WAIT:.0f} s. Check the network, or a firewall."
        )
    if isinstance(error, ConnectionRefusedError):
        return ConnectionFailedError(f"Connection refused: nothing listens at {place}.")
    if isinstance(error, ConnectionError):
        return ConnectionFailedError(
            f"{place} closed the connection during the TLS handshake. Check the port, or a firewall."
        )
    return ConnectionFailedError(
        f"{place} cannot be connected to: {(error.strerror or 'no connection').lower()}."
    )
