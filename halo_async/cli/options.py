"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

InstanceOption = Annotated[
    str | None,
    typer.Option(
        "--instance", metavar="HOST", envvar="HALO_INSTANCE", help="Host name or URL: acme.halopsa.com."
    ),
]
ClientIdOption = Annotated[
    str | None,
    typer.Option(
        "--client-id", metavar="ID", envvar="HALO_CLIENT_ID", help="Client ID of the API application."
    ),
]
SecretFileOption = Annotated[
    Path | None,
    typer.Option(
        "--client-secret-file",
        metavar="FILE",
        help="File that holds the secret; else HALO_CLIENT_SECRET.",
    ),
]
TenantOption = Annotated[
    str | None,
    typer.Option(
        "--tenant", metavar="NAME", envvar="HALO_TENANT", help="Where the instance names none itself."
    ),
]
ScopeOption = Annotated[
    str | None,
    typer.Option("--scope", metavar="SCOPE", envvar="HALO_SCOPE", help="Default: all."),
]
RateLimitOption = Annotated[
    str | None,
    typer.Option(
        "--rate-limit",
        metavar="REQUESTS/SECONDS|none",
        envvar="HALO_RATE_LIMIT",
        help="Default: 300/300, as hosted instances have it.",
    ),
]
StoreOption = Annotated[
    Path | None,
    typer.Option("--store", metavar="FILE", help="Kept login. Default: ~/.config/halo-async/login.json."),
]
