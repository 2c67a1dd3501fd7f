"""The page of settings: the arguments of a client, and the variables that the environment has for them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import halo_async
from halo_async import Halo, RateLimit, Timeouts
from website.reference.text import PARAM, code, front_matter, marked, table

_VARIABLE = re.compile(r"\bHALO_[A-Z_]+\b")
_VARIABLES = {
    "HALO_INSTANCE": "host or URL, with or without `/api`",
    "HALO_CLIENT_ID": "of the API application",
    "HALO_CLIENT_SECRET": "of the API application",
    "HALO_TENANT": "if the instance does not name its own",
    "HALO_SCOPE": "`all` by default",
    "HALO_AUTH_URL": "if the login is not found through the instance",
    "HALO_RATE_LIMIT": "`300/300` by default; `none` on premises",
    "HALO_PROFILE": "the named login to use: see [Profiles](../profiles.md)",
    "HALO_COORDINATION": "address of a Redis server for [one quota of many processes](../coordination.md), or `none`",
    "HALO_COORDINATION_KEY": "the key that stored tokens are encrypted with there",
    "HALO_OVERLAY": "a file that [`doctor --probe`](../probe.md) wrote: act on what was measured",
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of the page."""
    missing = sorted(_VARIABLES.keys() - _known())
    assert not missing, f"{missing} are not read anywhere"
    parts = [
        front_matter("Settings", "Arguments of a client and the environment variables that set them"),
        "# Settings\n",
        "## Environment variables\n",
        "`Halo.from_env()` and `halo-async` read them.\n",
        "\n".join(
            ["| Variable | Meaning |", "|---|---|", *(f"| `{n}` | {m} |" for n, m in _VARIABLES.items())]
        )
        + "\n",
        "`SSL_CERT_FILE` names the authorities to trust. The command goes through the proxy of `HTTPS_PROXY`, but for "
        "the instances of `NO_PROXY`; a program does with `trust_env=True`. See "
        "[Private CAs and proxies](../how-to/private-networks.md).\n",
        "## Arguments of Halo\n",
        table(("Argument", "Type", "Default", "Meaning"), _arguments(Halo)),
    ]
    for cls in (RateLimit, Timeouts):
        parts += [
            f"## {cls.__name__}\n",
            _prose(cls),
            table(("Argument", "Type", "Default", "Meaning"), _arguments(cls)),
        ]
    yield "reference/settings.md", "\n".join(parts)


def _known() -> set[str]:
    """Return the variables that the package names anywhere."""
    folder = Path(halo_async.__file__).parent
    return {name for path in folder.rglob("*.py") for name in _VARIABLE.findall(path.read_text("utf-8"))}


def _prose(cls: type) -> str:
    return " ".join(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].split()) + "\n"


def _arguments(cls: type) -> Iterator[tuple[str, str, str, str]]:
    docs = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{inspect.cleandoc(cls.__init__.__doc__ or '')}"
    said = {name: " ".join(text.split()) for name, text in PARAM.findall(docs)}
    for parameter in inspect.signature(cls).parameters.values():
        default = "" if parameter.default is parameter.empty else code(repr(parameter.default))
        annotation = "" if parameter.annotation is parameter.empty else code(str(parameter.annotation))
        yield code(parameter.name), annotation, default, marked(said.get(parameter.name, ""))
