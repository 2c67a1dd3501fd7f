"""From options and the environment to a client."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from attrs import frozen

from halo_async.cli.errors import UsageError
from halo_async.client import Halo
from halo_async.secret import Secret
from halo_async.settings import ClientCredentials, RateLimit

_LARGEST_SECRET = 4096


@frozen
class Connection:
    """What the shared options of a command said."""

    instance: str | None
    client_id: str | None
    secret_file: Path | None
    tenant: str | None
    scope: str | None
    rate_limit: str | None

    def open(self) -> Halo:
        """A client, not yet logged in.

        :raises UsageError: something is missing or cannot be read.
        :raises SettingsError: something cannot work.
        """
        missing = [
            f"{option} (or {variable})"
            for value, option, variable in (
                (self.instance, "--instance", "HALO_INSTANCE"),
                (self.client_id, "--client-id", "HALO_CLIENT_ID"),
            )
            if not (value or "").strip()
        ]
        if missing:
            raise UsageError(f"give {' and '.join(missing)}; `halo-async demo` needs neither")
        limit = parse_rate_limit(self.rate_limit)
        return Halo(
            (self.instance or "").strip(),
            ClientCredentials((self.client_id or "").strip(), self._secret()),
            tenant=(self.tenant or "").strip() or None,
            scope=(self.scope or "").strip() or "all",
            rate_limit=limit,
        )

    def _secret(self) -> Secret:
        if self.secret_file is not None:
            return _from_file(self.secret_file)
        if os.environ.get("HALO_CLIENT_SECRET", "").strip():
            return Secret(os.environ["HALO_CLIENT_SECRET"].strip())
        if sys.stdin is not None and sys.stdin.isatty():
            return _from_prompt()
        raise UsageError("set HALO_CLIENT_SECRET or give --client-secret-file FILE")


def _from_file(path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            secret = Secret(file.read(_LARGEST_SECRET).decode().strip())
    except OSError as error:
        raise UsageError(f"{path}: the secret cannot be read: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError:
        raise UsageError(f"{path} holds no text: put the secret alone into it") from None
    return _checked(secret, str(path))


def _from_prompt() -> Secret:
    from getpass import getpass

    try:
        return _checked(Secret(getpass("Client secret: ").strip()), "the answer")
    except EOFError:
        raise UsageError("no secret was given: set HALO_CLIENT_SECRET or use --client-secret-file") from None


def _checked(secret: Secret, where: str) -> Secret:
    if not secret or len(secret.reveal().split()) != 1:
        raise UsageError(f"{where} must hold the secret alone, on one line")
    return secret


def parse_rate_limit(text: str | None) -> RateLimit | None:
    """`300/300` (requests/seconds), `none` for no limit; nothing for the default.

    :raises UsageError: it is neither.
    """
    if text is None or not text.strip():
        return RateLimit()
    if text.strip().lower() == "none":
        return None
    requests, slash, seconds = text.partition("/")
    try:
        limit = (int(requests), float(seconds)) if slash else (0, 0.0)
    except ValueError:
        limit = (0, 0.0)
    if not (limit[0] > 0 and 0 < limit[1] < float("inf")):
        raise UsageError(f"--rate-limit {text!r}: write REQUESTS/SECONDS, such as 300/300, or none")
    return RateLimit(*limit)
