"""Shared tools of the benchmarks: figures, interleaved runs, child processes, results, and their output."""
