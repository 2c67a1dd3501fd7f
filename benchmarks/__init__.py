"""Benchmarks: `python -m benchmarks`, or `nox -s bench`. Subjects and method: docs/benchmarks.md."""
