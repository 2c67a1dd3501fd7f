#!/usr/bin/env bash
# pyarrow 26.0.1 with pandas 3.1.1: the first Python value that becomes an Arrow value loads all of pandas, where that is
# installed: pa.scalar(1), pa.array([1], pa.int64()), pa.Table.from_pylist, and pc.equal(column, 1), whose 1 is a Python
# value too. About 400 modules, 0.15 s and 30 MB for a program that has no use for pandas. Reading files (pyarrow.json),
# arrays of nulls, functions of two columns and to_pylist() do not.
# Expected: pandas is loaded for values of pandas, or where sys.modules has it already.
# Seen: "loaded" for each of the first four, "not loaded" for each of the other four.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet pyarrow==26.0.1 pandas==3.1.1
cat >"$scratch/look.py" <<'PY'
import io
import sys

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

column = pa.nulls(2, pa.int64())
EXPRESSIONS = {
    "scalar": lambda: pa.scalar(1),
    "array": lambda: pa.array([1], pa.int64()),
    "from_pylist": lambda: pa.Table.from_pylist([{"a": 1}]),
    "equal to a number": lambda: pc.equal(column, 1),
    "equal to a column": lambda: pc.equal(column, column),
    "nulls": lambda: pa.nulls(2, pa.string()),
    "to_pylist": lambda: column.to_pylist(),
    "read_json": lambda: pyarrow.json.read_json(io.BytesIO(b'{"a": 1}')),
}
EXPRESSIONS[sys.argv[1]]()
print(f"{sys.argv[1]}: {'loaded' if 'pandas' in sys.modules else 'not loaded'}")
PY
seen=$(for name in scalar array from_pylist "equal to a number" "equal to a column" nulls to_pylist read_json; do
    "$scratch/venv/bin/python" "$scratch/look.py" "$name"
done)
echo "$seen"
[ "$seen" = "scalar: loaded
array: loaded
from_pylist: loaded
equal to a number: loaded
equal to a column: not loaded
nulls: not loaded
to_pylist: not loaded
read_json: not loaded" ]
