"""Types a page of the documentation on a machine that has Python and nothing else.

`python -m tests.support.typed_page dist docs/tutorial.md …`: each page in an empty folder, its files written and its
lines of a shell run in order, installations included. Packages of ours come from the folder of distributions.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from tests.support.doc_pages import blocks
from tests.support.shell import Shell

_OWN = ("HALO_", "VIRTUAL_ENV", "PYTHON", "PIP_", "NOX")


def type_page(page: Path, distributions: Path) -> int:
    """Run a page, and return how many blocks were typed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    environment["PIP_FIND_LINKS"] = str(distributions.resolve())
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    typed = 0
    with tempfile.TemporaryDirectory() as folder:
        shell = Shell(Path(folder), environment)
        try:
            for block in blocks(page):
                if block.rule == "file":
                    target = Path(folder) / block.name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_text(block.text, "utf-8")
                elif block.language == "sh" and block.rule != "fragment":
                    printed = shell.run(block.text)
                    print(f"--- {block.place}\n{block.text}{printed}", flush=True)
                    typed += 1
                elif block.rule == "output":
                    assert block.text == printed, f"{block.place}: the program prints\n{printed}"
        finally:
            shell.close()
    return typed


def main() -> None:
    """Type the pages that the arguments name."""
    distributions, *pages = map(Path, sys.argv[1:])
    for page in pages:
        print(f"{page}: {type_page(page, distributions)} blocks typed")


if __name__ == "__main__":
    main()
