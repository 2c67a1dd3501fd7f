#!/usr/bin/env bash
# pyright 1.1.414 with msgspec 0.23.0: json.Decoder(list[row]) and json.decode(body, type=list[row]), where `row: Any` is
# a class made by defstruct, are the error "Variable not allowed in type expression"; with msgspec 0.22.0 they were none.
# Since 0.23 the stubs have an overload with `type: TypeForm[T]` before the one with `type: Any`. The argument fits the
# second, and is an error of the first all the same. mypy 2.4.1 has no error with either version.
# Expected: what a later overload takes is not an error, as for other arguments.
# Seen: as said; json.Decoder(row), without a list around it, is taken, and so is types.GenericAlias(list, (row,)), which
# is what list[row] gives.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat >"$scratch/look.py" <<'PY'
from types import GenericAlias
from typing import Any

import msgspec

row: Any = msgspec.defstruct("Row", [("id", int)])
a = msgspec.json.Decoder(list[row])
b = msgspec.json.Decoder(row)
c = msgspec.json.decode(b"[]", type=list[row])
d = msgspec.json.Decoder(GenericAlias(list, (row,)))
print(a.decode(b'[{"id": 1}]')[0].id, b.decode(b'{"id": 2}').id, c, d.decode(b"[]"))
PY
seen=$(for version in 0.22.0 0.23.0; do
    "${PYTHON:-python3}" -m venv "$scratch/$version"
    "$scratch/$version/bin/pip" install --quiet "msgspec==$version" "pyright[nodejs]==1.1.414" mypy==2.4.1
    echo "msgspec $version runs: $("$scratch/$version/bin/python" "$scratch/look.py")"
    { "$scratch/$version/bin/pyright" --pythonpath "$scratch/$version/bin/python" "$scratch/look.py" || true; } |
        sed -nE 's/.*look.py:([0-9]+):[0-9]+ - error: .*\((.*)\)/pyright, line \1: \2/p'
    "$scratch/$version/bin/mypy" --strict "$scratch/look.py" | sed -n 's/^Success.*/mypy: no error/p; s/.*look.py:\([0-9]*\): error.*/mypy, line \1/p'
done)
echo "$seen"
[ "$seen" = "msgspec 0.22.0 runs: 1 2 [] []
mypy: no error
msgspec 0.23.0 runs: 1 2 [] []
pyright, line 7: reportInvalidTypeForm
pyright, line 9: reportInvalidTypeForm
mypy: no error" ]
