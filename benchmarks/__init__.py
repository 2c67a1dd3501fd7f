"""Benchmarks: `python -m benchmarks`, or `nox -s bench`. What is measured and how: docs/benchmarks.md."""
