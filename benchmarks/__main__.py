"""`python -m benchmarks`: all subjects, or some of them. Options and exit codes: `benchmarks.command`."""

from __future__ import annotations

import sys

from benchmarks.command import main

if __name__ == "__main__":
    sys.exit(main())
