#!/usr/bin/env bash
# pyarrow 26.0.1: the sum of a decimal128(38, 0) column wraps around without a word, and the mean follows it: of two
# numbers of 38 nines and a one the sum is negative and has 39 digits, which its own type cannot hold, and the mean of
# three positive numbers is negative. Series.sum() and Series.mean() of pandas 3.1.1 give the same for columns of Arrow.
# DuckDB 2.0.1 and polars 2.1.0 refuse the sum of the same column with an error that says "overflow".
# Expected: an error, or a sum in decimal256, to which pyarrow can cast.
# Seen: as said; cast to decimal256(76, 0) beforehand, the sum is right.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"${PYTHON:-python3}" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet pyarrow==26.0.1 pandas==3.1.1 duckdb==2.0.1 polars==2.1.0
cat >"$scratch/look.py" <<'PY'
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

column = pa.chunked_array([pa.array([Decimal("9" * 38)] * 2 + [Decimal(1)], pa.decimal128(38, 0))])
numbers = pa.table({"d": column})


def refusal(action):
    try:
        return action()
    except (duckdb.OutOfRangeException, pl.exceptions.ComputeError) as error:
        return "overflow" in str(error).lower()


print(f"pyarrow, sum: {pc.sum(column).as_py()} as {pc.sum(column).type}")
print(f"pyarrow, mean below zero: {pc.mean(column).as_py() < 0}")
series = numbers.to_pandas(types_mapper=pd.ArrowDtype)["d"]
print(f"pandas: {series.sum()}, mean below zero: {series.mean() < 0}")
print(f"polars says overflow: {refusal(lambda: pl.DataFrame(numbers)['d'].sum())}")
print(f"DuckDB says overflow: {refusal(lambda: duckdb.sql('select sum(d) from numbers').fetchall())}")
print(f"pyarrow, decimal256: {pc.sum(column.cast(pa.decimal256(76, 0))).as_py()}")
PY
seen=$("$scratch/venv/bin/python" "$scratch/look.py")
echo "$seen"
[ "$seen" = "pyarrow, sum: -140282366920938463463374607431768211457 as decimal128(38, 0)
pyarrow, mean below zero: True
pandas: -140282366920938463463374607431768211457, mean below zero: True
polars says overflow: True
DuckDB says overflow: True
pyarrow, decimal256: 199999999999999999999999999999999999999" ]
