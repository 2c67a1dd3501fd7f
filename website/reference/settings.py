"""The page of settings: the arguments of a client, and the variables that the environment has for them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from halo_async import Halo, RateLimit, Settings, Timeouts
from website.reference.text import PARAM, code, front_matter, marked, table

_VARIABLES = {
    "HALO_INSTANCE": "host or URL, with or without `/api`",
    "HALO_CLIENT_ID": "of the API application",
    "HALO_CLIENT_SECRET": "of the API application",
    "HALO_TENANT": "if the instance does not name its own",
    "HALO_SCOPE": "`all` by default",
    "HALO_AUTH_URL": "if the login is not found through the instance",
    "HALO_RATE_LIMIT": "`300/300` by default; `none` on premises",
}


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of the page."""
    missing = [name for name in _VARIABLES if name.lower().replace("halo_", "") not in _known()]
    assert not missing, f"{missing} are not read by Settings.from_env"
    parts = [
        front_matter("Settings", "Arguments of a client and the environment variables that set them"),
        "# Settings\n",
        "## Environment variables\n",
        "`Halo.from_env()` and `halo-async` read them.\n",
        "\n".join(
            ["| Variable | Meaning |", "|---|---|", *(f"| `{n}` | {m} |" for n, m in _VARIABLES.items())]
        )
        + "\n",
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
    source = inspect.getsource(Settings.from_env)
    return {name.lower() for name in re.findall(r"HALO_(\w+)", source)}


def _prose(cls: type) -> str:
    return " ".join(inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0].split()) + "\n"


def _arguments(cls: type) -> Iterator[tuple[str, str, str, str]]:
    docs = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{inspect.cleandoc(cls.__init__.__doc__ or '')}"
    said = {name: " ".join(text.split()) for name, text in PARAM.findall(docs)}
    for parameter in inspect.signature(cls).parameters.values():
        default = "" if parameter.default is parameter.empty else code(repr(parameter.default))
        annotation = "" if parameter.annotation is parameter.empty else code(str(parameter.annotation))
        yield code(parameter.name), annotation, default, marked(said.get(parameter.name, ""))
