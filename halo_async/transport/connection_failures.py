"""From aiohttp's exceptions to failures. Loaded with the session, when aiohttp is already loaded."""

from __future__ import annotations

import asyncio
import os

import aiohttp

from halo_async.errors import AttemptTimeoutError, CertificateError, ConnectionFailedError, TransportError
from halo_async.transport.retry_policy import Failure, FailureKind

_NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG", "HTTP_REQUEST"}
)
"""OpenSSL's messages, by version, for a response that does not start like TLS."""

_AT_PROXY = (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)


def failure_of(error: Exception, host: str) -> Failure:
    """Return the failure for an exception of aiohttp, in words that quote nothing of it."""
    condition, outcome = _judged(error)
    told = isinstance(error, _AT_PROXY)
    elsewhere = isinstance(error, aiohttp.ClientConnectorError) and not host.startswith(error.host)
    if elsewhere and not told:
        outcome += " at the proxy"
    failure = _class_of(condition, error)(f"{outcome[0].upper()}{outcome[1:]} ({host}).")
    if isinstance(failure, ConnectionFailedError):
        failure.at_proxy = elsewhere or told
    failure.__cause__ = _harmless(error)
    return Failure(condition, failure, outcome)


def _class_of(condition: FailureKind, error: Exception) -> type[TransportError]:
    if condition is FailureKind.UNTRUSTED:
        return CertificateError
    return AttemptTimeoutError if isinstance(error, asyncio.TimeoutError) else ConnectionFailedError


def _judged(error: Exception) -> tuple[FailureKind, str]:
    """Return its category and description, not in aiohttp's words: they may quote headers or a password."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return FailureKind.UNTRUSTED, f"the TLS certificate is not valid: {_certificate_problem(error)}"
        case aiohttp.ClientHttpProxyError():
            return FailureKind.FINAL, f"the proxy refused the connection ({error.status})"
        case aiohttp.ClientProxyConnectionError():
            return FailureKind.NOT_SENT, "the proxy cannot be reached"
        case aiohttp.ClientConnectorDNSError():
            return FailureKind.NOT_SENT, "no such host name"
        case aiohttp.ClientConnectorSSLError():
            return FailureKind.NOT_SENT, f"no TLS connection could be made{_not_tls(error)}"
        case aiohttp.ClientConnectorError():
            return FailureKind.NOT_SENT, _system_words(error.os_error, "no connection")
        case aiohttp.ConnectionTimeoutError():
            return FailureKind.NOT_SENT, "no connection in time"
        case asyncio.TimeoutError():
            return FailureKind.NO_RESPONSE, "no response in time"
        case aiohttp.ClientPayloadError():
            return FailureKind.NO_RESPONSE, "the response was cut short"
        case aiohttp.ClientResponseError():
            return FailureKind.NO_RESPONSE, "the response was not valid HTTP"
        case aiohttp.ServerDisconnectedError():
            return FailureKind.NO_RESPONSE, "the connection was closed before the response"
        case OSError():
            return FailureKind.NO_RESPONSE, _system_words(error, "the connection broke")
        case ValueError() if "AUTH" in str(error):
            return FailureKind.FINAL, (
                "the session's own login (auth=, or a .netrc with trust_env=True) leaves no place for the token"
            )
        case ValueError():  # before anything is sent: aiohttp validates its arguments first
            return FailureKind.FINAL, "the request cannot be sent as it stands"
        case _:
            return FailureKind.NO_RESPONSE, "the exchange failed"


def _system_words(error: OSError, otherwise: str) -> str:
    """Return the system's short message for an error number; asyncio's own message repeats the address."""
    return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else otherwise


def _not_tls(error: aiohttp.ClientConnectorSSLError) -> str:
    """Return whether the received data was not TLS at all, such as plain http."""
    reason = str(getattr(error.os_error, "reason", ""))
    return ": the port does not speak TLS" if reason in _NOT_TLS else ""


def _certificate_problem(error: aiohttp.ClientConnectorCertificateError) -> str:
    said = str(getattr(error.certificate_error, "verify_message", ""))
    return said.rstrip(".") or "verification failed"


def _harmless(error: Exception) -> BaseException:
    """Return a cause to chain: no frames, no request, no header text, no proxy."""
    if isinstance(error, aiohttp.ClientConnectorError):
        system = error.os_error
        return OSError(system.errno, system.strerror)
    if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientError):
        return type(error)(*error.args)
    return ConnectionError(type(error).__name__)
