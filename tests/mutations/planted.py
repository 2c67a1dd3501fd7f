"""Planted faults as the `.toml` files beside this module list them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import attrs

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]


@attrs.frozen
class PlantedChange:
    """One edit of a file: `text` is there once, and is replaced."""

    file: str
    text: str
    replacement: str

    def problem(self, root: Path = ROOT) -> str | None:
        """Return why it cannot be planted below `root`; None if it can."""
        path = root / self.file
        if not path.is_file():
            return f"{self.file} does not exist."
        count = path.read_text(encoding="utf-8").count(self.text)
        return None if count == 1 else f"{self.file} has the text {count} times: {self.text.strip()[:60]!r}"

    def plant(self, root: Path) -> str:
        """Write the file with the fault; return what it was."""
        path = root / self.file
        before = path.read_text(encoding="utf-8")
        path.write_text(before.replace(self.text, self.replacement), encoding="utf-8")
        return before


@attrs.frozen
class Mutation:
    """A fault of several edits, each of which may be harmless by itself because another line guards against it."""

    name: str
    breaks: str
    """The promise of the library that it breaks, in one sentence."""
    tests: tuple[str, ...]
    """Tests of which at least one has to fail."""
    changes: tuple[PlantedChange, ...]

    def problems(self) -> list[str]:
        """Return why it does not fit the code, or the tests."""
        found = [problem for change in self.changes if (problem := change.problem())]
        for test in self.tests:
            file, _, function = test.partition("::")
            path = ROOT / file
            name = function.partition("[")[0].rpartition("::")[2]
            if not path.is_file():
                found.append(f"{file} does not exist.")
            elif f"def {name}(" not in path.read_text(encoding="utf-8"):
                found.append(f"{file} has no test {name!r}.")
        return found


def mutations() -> list[Mutation]:
    """Return every planted fault, in the order of the files and in them."""
    return [
        Mutation(
            f"{path.stem}/{each['name']}",
            each["breaks"],
            tuple(each["tests"]),
            tuple(PlantedChange(**change) for change in each["change"]),
        )
        for path in sorted(FOLDER.glob("*.toml"))
        for each in tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    ]
