#!/usr/bin/env bash
# rich 15.0.0 with attrs 26.1.0: a class that is told to have no generated repr and defines its own is printed by rich
# (pretty printing, tracebacks with locals) field by field if it is an attrs class, and by its own __repr__ if it is a
# dataclass. A field with repr=False is left out of both.
# Expected: the same for both; what a class hides by its own __repr__ stays hidden.
# Seen: attrs "Account(name='ada')", dataclass "<account>".
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet rich==15.0.0 attrs==26.1.0
cat >"$scratch/look.py" <<'PY'
import dataclasses

import attrs
from rich.pretty import pretty_repr


@attrs.frozen(repr=False)
class Account:
    name: str = "ada"

    def __repr__(self):
        return "<account>"


@dataclasses.dataclass(repr=False)
class Other:
    name: str = "ada"

    def __repr__(self):
        return "<account>"


print("attrs", repr(Account()), pretty_repr(Account()))
print("dataclass", repr(Other()), pretty_repr(Other()))
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "$(printf "attrs <account> Account(name='ada')\ndataclass <account> <account>")" ]
