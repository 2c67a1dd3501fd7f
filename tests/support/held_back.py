"""A document that nobody made rules from: that of a release with seeded changes, and paths and schemas renamed.

`python -m tests.support.held_back FOLDER` generates a package from the document of each release alone, as an emulated
instance serves it, and from one held back; type checkers are run on them.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from halo_async._utils.openapi_document import Document
from halo_async.emulator import Emulator
from halo_async.emulator.documents import load
from halo_async.emulator.drift import drifted
from halo_generator.__main__ import main as generate

RELEASES = ("2024-09", "2025-03", "2026-09")
CHANGES, RENAMED = 200, 40


def held_back(seed: int, release: str = "2025-03") -> Document:
    """The document of a release in which parts are added, removed and retyped, and others renamed."""
    document: Any = drifted(load(None, release), seed, CHANGES)[0]
    dice = Random(seed)
    schemas = dice.sample(sorted(document["components"]["schemas"]), RENAMED)
    text = msgspec.json.encode(document).decode()
    for name in schemas:
        text = text.replace(f'schemas/{name}"', f'schemas/Other{name}"')
    document = msgspec.json.decode(text)
    named = document["components"]["schemas"]
    for name in schemas:
        named[f"Other{name}"] = named.pop(name)
    for path in dice.sample(sorted(document["paths"]), RENAMED):
        document["paths"][f"/Other{path[1:]}"] = document["paths"].pop(path)
    return dict(document)


async def _generate(folder: Path) -> int:
    instances: dict[str, dict[str, Any]] = {
        f"release_{name.replace('-', '_')}": {"as_of": name} for name in RELEASES
    }
    instances["held_back"] = {"document": held_back(7)}
    codes = []
    for name, options in instances.items():
        async with Emulator(tickets=5, **options) as emulator:
            codes.append(await asyncio.to_thread(generate, [emulator.url, "--out", str(folder / name)]))
    return max(codes)


if __name__ == "__main__":
    sys.exit(asyncio.run(_generate(Path(sys.argv[1]))))
