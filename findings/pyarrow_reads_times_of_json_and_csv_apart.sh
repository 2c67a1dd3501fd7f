#!/usr/bin/env bash
# pyarrow 26.0.1: read_json and read_csv, given the same column type for the same text, do not read the same times.
# A text with an offset for timestamp[us]: JSON shifts it to UTC and forgets the offset, CSV refuses it. A text without
# one for timestamp[us, tz=Europe/Berlin]: JSON takes it for UTC, so that a local midnight reads as one o'clock, and CSV
# refuses it and says how it would be meant. date32, date64 and time32: JSON takes the number of days, milliseconds or
# seconds alone and says of a text that the column "changed from number to string"; CSV takes the text alone.
# Expected: one type reads one text one way, and a time whose zone is not known is refused by both.
# Seen: as said, with explicit_schema and column_types.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet pyarrow==26.0.1 tzdata==2026.6
cat >"$scratch/look.py" <<'PY'
import io

import pyarrow as pa
import pyarrow.csv
import pyarrow.json


def of_json(text, type_):
    options = pa.json.ParseOptions(explicit_schema=pa.schema([("a", type_)]))
    return pa.json.read_json(io.BytesIO(f'{{"a": {text}}}\n'.encode()), parse_options=options)


def of_csv(text, type_):
    options = pa.csv.ConvertOptions(column_types={"a": type_})
    return pa.csv.read_csv(io.BytesIO(f"a\n{text}\n".encode()), convert_options=options)


def seen(read, text, type_):
    try:
        return str(read(text, type_).column(0)[0].as_py())
    except pa.ArrowInvalid:
        return "refused"


for text, type_ in [
    ('"2026-01-01T00:00:00+02:00"', pa.timestamp("us")),
    ('"2026-01-01T00:00:00"', pa.timestamp("us", "Europe/Berlin")),
    ('"2026-01-01"', pa.date32()),
    ("20454", pa.date32()),
    ('"10:00:00"', pa.time32("s")),
    ("36000", pa.time32("s")),
]:
    print(f"{text} as {type_}: JSON {seen(of_json, text, type_)}, CSV {seen(of_csv, text, type_)}")
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = '"2026-01-01T00:00:00+02:00" as timestamp[us]: JSON 2025-12-31 22:00:00, CSV refused
"2026-01-01T00:00:00" as timestamp[us, tz=Europe/Berlin]: JSON 2026-01-01 01:00:00+01:00, CSV refused
"2026-01-01" as date32[day]: JSON refused, CSV 2026-01-01
20454 as date32[day]: JSON 2026-01-01, CSV refused
"10:00:00" as time32[s]: JSON refused, CSV 10:00:00
36000 as time32[s]: JSON 10:00:00, CSV refused' ]
