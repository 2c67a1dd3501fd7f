#!/usr/bin/env bash
# duckdb 2.0.1: rows of one TIMESTAMPTZ column come to Python as datetime, but as str where the moment, shown in the
# session's time zone, lies outside the years 1 to 9999. West of UTC that is the first day of year 1, east of it the last
# day of 9999: both stand for "never" in many systems.
# Expected: one type a column, or an error (OverflowError, as for the same column in pyarrow).
# Seen: str first in New York, str last in Tokyo, datetime in UTC.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet duckdb==2.0.1
cat >"$scratch/look.py" <<'PY'
import duckdb

QUERY = "from (values (timestamptz '0001-01-01 00:00:00+00'), (timestamptz '9999-12-31 23:59:59+00')) moments"
with duckdb.connect() as connection:
    for zone in ("UTC", "America/New_York", "Asia/Tokyo"):
        connection.execute(f"set timezone = '{zone}'")
        print(zone, *(type(moment).__name__ for (moment,) in connection.execute(QUERY).fetchall()))
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "UTC datetime datetime
America/New_York str datetime
Asia/Tokyo datetime str" ]
