#!/usr/bin/env bash
# polars 2.1.0: read_csv guesses Int128 for a column of whole numbers of 39 digits or more, and then ends with a
# ComputeError at the first of them, though each row of the file was among those that it guessed from
# (infer_schema_length=None changes nothing). With 38 digits all is well. read_ndjson refuses such a number as invalid.
# DuckDB 2.0.1 makes the same column BIGNUM and keeps each digit.
# Expected: the type that is guessed holds the values it was guessed from; text, where no integer type does.
# Seen: as said. infer_schema=False reads the column as text.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet polars==2.1.0 duckdb==2.0.1
cat >"$scratch/look.py" <<'PY'
import sys
from pathlib import Path

import duckdb
import polars

folder = Path(sys.argv[1])


def told(read):
    try:
        frame = read()
    except Exception as error:
        return type(error).__name__
    return f"{frame.dtypes[0]}, {len(frame)} rows"


for digits in (38, 39, 60):
    table, lines = folder / "numbers.csv", folder / "numbers.jsonl"
    table.write_text("id\n" + f"{'7' * digits}\n" * 3)
    lines.write_text(f'{{"id": {"7" * digits}}}\n' * 3)
    print(digits, "read_csv:", told(lambda: polars.read_csv(table)))
    print(digits, "read_csv, all rows looked at:", told(lambda: polars.read_csv(table, infer_schema_length=None)))
    print(digits, "read_csv, nothing guessed:", told(lambda: polars.read_csv(table, infer_schema=False)))
    print(digits, "read_ndjson:", told(lambda: polars.read_ndjson(lines)))
    kind, value = duckdb.sql(f"SELECT typeof(id), CAST(id AS VARCHAR) FROM read_csv('{table}')").fetchall()[0]
    print(digits, "DuckDB:", kind, value == "7" * digits)
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py" "$scratch")
echo "$seen"
[ "$seen" = "38 read_csv: Int128, 3 rows
38 read_csv, all rows looked at: Int128, 3 rows
38 read_csv, nothing guessed: String, 3 rows
38 read_ndjson: Int128, 3 rows
38 DuckDB: HUGEINT True
39 read_csv: ComputeError
39 read_csv, all rows looked at: ComputeError
39 read_csv, nothing guessed: String, 3 rows
39 read_ndjson: ComputeError
39 DuckDB: BIGNUM True
60 read_csv: ComputeError
60 read_csv, all rows looked at: ComputeError
60 read_csv, nothing guessed: String, 3 rows
60 read_ndjson: ComputeError
60 DuckDB: BIGNUM True" ]
