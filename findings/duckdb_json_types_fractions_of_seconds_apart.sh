#!/usr/bin/env bash
# duckdb 2.0.1, read_json: "2026-10-03T06:24:10" is typed TIMESTAMP and "2026-10-03T06:24:10.967" VARCHAR, whereas read_csv
# types both TIMESTAMP. So a file whose first fraction of a second comes after the sample (20,480 rows) ends the query at
# that line, and one whose fractions come early has text.
# Expected: the same type for both spellings of ISO 8601, as in read_csv.
# Seen: TIMESTAMP, VARCHAR, TIMESTAMP; InvalidInputException for the fraction behind the sample.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet duckdb==2.0.1
cat >"$scratch/look.py" <<'PY'
from pathlib import Path

import duckdb

WHOLE, FRACTION = "2026-10-03T06:24:10", "2026-10-03T06:24:10.967"
Path("whole.jsonl").write_text(f'{{"moment": "{WHOLE}"}}\n')
Path("fraction.jsonl").write_text(f'{{"moment": "{FRACTION}"}}\n')
Path("fraction.csv").write_text(f"moment\n{FRACTION}\n")
Path("late.jsonl").write_text(f'{{"moment": "{WHOLE}"}}\n' * 30_000 + f'{{"moment": "{FRACTION}"}}\n')
with duckdb.connect() as connection:
    for source in ("read_json('whole.jsonl')", "read_json('fraction.jsonl')", "read_csv('fraction.csv')"):
        print(*connection.execute(f"select typeof(moment) from {source}").fetchone())
    try:
        print(connection.execute("select max(moment) from read_json('late.jsonl')").fetchone())
    except duckdb.Error as error:
        print(type(error).__name__)
PY
seen=$(cd "$scratch" && venv/bin/python look.py)
echo "$seen"
[ "$seen" = "TIMESTAMP
VARCHAR
TIMESTAMP
InvalidInputException" ]
