"""Types a page of the documentation on a machine that has Python and nothing else.

`python -m tests.support.typed_page dist docs/tutorial.md …`: each page in an empty folder, its files written and its
lines of a shell run in order, installations included; then its blocks of Python, as in `python -m asyncio`. Packages of
ours come from the folder of distributions. A page that starts no emulator gets the tutorial's first steps before, which
its reader has done.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.support.doc_pages import Block, addressed, blocks
from tests.support.shell import Shell

_FIRST_STEPS = """
python3 -m venv .venv
. .venv/bin/activate
pip install --quiet "halo-async[cli,duckdb,polars,pandas]"
halo-async emulator --rate-limit none > halo.env &
until grep -q SECRET halo.env; do sleep 1; done
set -a
. ./halo.env
set +a
"""
_PYTHON = """
import ast, asyncio, os, sys
from halo_async import Halo

async def main():
    names = {"halo": Halo.from_env(), "client_id": os.environ["HALO_CLIENT_ID"]}
    names["client_secret"] = os.environ["HALO_CLIENT_SECRET"]
    for source in open(sys.argv[1], encoding="utf-8").read().split("\\0"):
        result = eval(compile(source, sys.argv[1], "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if asyncio.iscoroutine(result):
            await result
    await names["halo"].aclose()

asyncio.run(main())
"""
_OWN = ("HALO_", "VIRTUAL_ENV", "PYTHON", "PIP_", "NOX")


def starts_emulator(found: list[Block]) -> bool:
    """Return whether a page makes its own instance, in an environment of its own."""
    return any(
        block.language == "sh" and block.rule != "fragment" and "halo-async emulator" in block.text
        for block in found
    )


def type_page(page: Path, distributions: Path) -> int:
    """Run a page, and return how many blocks were typed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    environment["PIP_FIND_LINKS"] = str(distributions.resolve())
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    typed = 0
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder), environment)
        found = blocks(page)
        try:
            if not starts_emulator(found):
                shell.run(_FIRST_STEPS)
            for block in found:
                if block.rule == "file":
                    target = Path(folder) / block.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(block.text, "utf-8")
                elif block.language == "sh" and block.rule != "fragment":
                    printed = shell.run(block.text)
                    print(f"--- {block.place}\n{block.text}{printed}", flush=True)
                    typed += 1
            typed += _type_python(shell, Path(folder), found)
        finally:
            shell.close()
    return typed


def _type_python(shell: Shell, folder: Path, found: list[Block]) -> int:
    """Run the blocks of Python one after another, with a client that is open, and return their number."""
    sources = [block for block in found if block.language == "python" and block.rule in ("", "setup")]
    if not sources:
        return 0
    url = shell.run('printf %s "$HALO_INSTANCE"')
    (folder / "typed.py").write_text(_PYTHON, "utf-8")
    (folder / "typed.txt").write_text("\0".join(addressed(block.text, url) for block in sources), "utf-8")
    print(shell.run("python typed.py typed.txt"), flush=True)
    return len(sources)


def main() -> None:
    """Type the pages that the arguments name."""
    distributions, *pages = map(Path, sys.argv[1:])
    for page in pages:
        print(f"{page}: {type_page(page, distributions)} blocks typed")


if __name__ == "__main__":
    main()
