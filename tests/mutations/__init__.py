"""Planted faults, and the tests that have to see each of them: `nox -s mutations`."""
