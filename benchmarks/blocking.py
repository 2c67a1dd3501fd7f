"""Cost of small calls without `await`, next to the same calls awaited."""

from __future__ import annotations

if __name__ == "__main__":  # before the imports: a file run as a script has no parent package on its path
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.command import main

    sys.exit(main(only="blocking"))

from contextlib import ExitStack
from functools import partial

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, server
from benchmarks.core.explain import explained
from benchmarks.core.figures import missing, of_runs, ratios
from benchmarks.core.lines import Line, judged
from benchmarks.core.results import Subject, Table
from benchmarks.core.turns import interleaved

AWAITED, WAITED_FOR = "awaited", "blocking"
CALLS = 1000
MOST = 1.25

METHOD = """One thousand calls of `tickets.get`, one after the other, to an emulator in a process of its own on the same
machine, each way in a warm process of its own that is logged in. A call without `await` goes to the thread of the event
loop and back: what that takes is the same for each call, and these are the smallest."""


def measure(bench: Bench) -> Subject:
    """See `METHOD`."""
    calls = bench.pick(CALLS, 200)
    with server("benchmarks.emulator_server", "1000") as (url, id, secret), ExitStack() as stack:
        children = {
            name: stack.enter_context(
                Child("calling:ready", {"url": url, "id": id, "secret": secret, "calls": calls, "way": name})
            )
            for name in (AWAITED, WAITED_FOR)
        }
        turns = interleaved({name: child.run for name, child in children.items()}, bench.pick(15, 5))
        rows = {
            name: tuple(
                of_runs(turns.of(name, kind), "s")
                if name not in turns.failed
                else missing(turns.failed[name])
                for kind in ("wall", "cpu")
            )
            for name in children
        }
        awaited, blocking = turns.pair(AWAITED, WAITED_FOR, "wall")
        share = missing("; ".join(turns.failed.values())) if turns.failed else ratios(blocking, awaited, "x")
        line = Line(f"{calls:,} small calls without await, against awaited ones", "at most", MOST, share)
        lines = [judged(line, partial(explained, children[WAITED_FOR], names=("the client", "")))]
    table = Table(f"{calls:,} calls of tickets.get", ("wall", "CPU of the client"), rows)
    return Subject("Without await", METHOD, [table], lines)
