"""Processes of their own: measured ones (`Child`), interpreters that run a script, and servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

from attrs import frozen

ROOT = Path(__file__).resolve().parent.parent.parent


class NotMeasured(Exception):
    """A child said why it measured nothing; a text for a table."""


@frozen
class Taken:
    """What one run took."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of all threads."""
    peak: float
    """The most memory the process held up to now, in MB."""
    before: float
    """What it held when the run began, in MB."""
    value: Any = None
    """What the run returned."""
    shares: Mapping[str, float] | None = None
    """Where the CPU time went, by place, if that was asked for."""


class Child:
    """One measured process, with one task loaded. It stays until closed, so that runs are warm."""

    def __init__(self, task: str, args: Mapping[str, Any], *, paths: tuple[Path, ...] = ()) -> None:
        """`task`: `module:function` of `benchmarks.tasks`; `paths`: where else to find modules.

        :raises NotMeasured: the task cannot get ready, for instance for want of a package.
        """
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.core.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(*paths),
            text=True,
        )
        try:
            self.load(task, args)
        except NotMeasured:
            self.close()
            raise

    def load(self, task: str, args: Mapping[str, Any]) -> None:
        """Get another task ready, in the same process.

        :raises NotMeasured: it cannot get ready.
        """
        self._tell({"load": f"benchmarks.tasks.{task}", "args": dict(args)})
        self._answer()

    def run(self, *, sampled: bool = False) -> Taken:
        """Run the task once.

        :raises NotMeasured: it failed.
        """
        self._tell({"run": True, "sampled": sampled})
        return Taken(**self._answer())

    def start(self) -> None:
        """Begin a run whose end nobody waits for."""
        self._tell({"run": True})

    def kill(self) -> None:
        """SIGKILL, as a power cut would end it."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _tell(self, command: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except OSError:
            raise NotMeasured("not measured: the process died") from None

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotMeasured("not measured: the process died")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise NotMeasured(answer["error"])
        return answer


def environment(*paths: Path) -> dict[str, str]:
    """This one's, without what Python itself reads (bytecode must be written), the project's folders on its path.

    The folder that the command was called in is not: `stock` is the stock generator's package, not benchmarks/stock.py.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    folders = (*paths, ROOT, ROOT / "generator")
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONSAFEPATH": "1"}


def once(task: str, args: Mapping[str, Any], *, paths: tuple[Path, ...] = ()) -> Taken:
    """One run in a process of its own."""
    with Child(task, args, paths=paths) as child:
        return child.run()


def interpreter(script: str, *paths: Path) -> Taken:
    """A fresh interpreter that runs a script and ends: the whole process is measured.

    :raises NotMeasured: the script failed, for instance for want of a package.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", script + _TELL_MEMORY],
        env=environment(*paths),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        said, complaint = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = complaint.strip().rpartition("\n")[2]
        raise NotMeasured(f"not measured: {last[:200]}")
    wall = time.perf_counter() - began
    return Taken(wall, usage.ru_utime + usage.ru_stime, int(said.split()[-1]) * 1024 / 1e6, 0.0)


_TELL_MEMORY = """
with open("/proc/self/status") as _status:
    print(*[line.split()[1] for line in _status if line.startswith("VmHWM")])
"""


@contextmanager
def server(module: str, *args: str) -> Iterator[tuple[str, ...]]:
    """A server in a process of its own, which prints its port and perhaps more: its URL, and that."""
    command = [sys.executable, "-m", module, *args]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment(), text=True, stdin=pipe, stdout=pipe) as process:
        try:
            assert process.stdout is not None
            port, *more = process.stdout.readline().split()
            yield (f"http://127.0.0.1:{port}", *more)
        finally:
            process.terminate()


def ran(command: Sequence[str], *, limit: float = 120.0) -> Taken:
    """A command, with all processes that it starts: memory is the most that any of them held.

    `value` is its exit code. It is measured from a small process of its own, since a process's record begins with
    what its parent held.

    :raises NotMeasured: it could not be started, or took longer than `limit` seconds.
    """
    measuring = [sys.executable, "-c", _MEASURE, str(limit), *command]
    done = subprocess.run(measuring, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotMeasured(f"not measured: {done.stderr.strip().rpartition(chr(10))[2][:200]}")
    wall, cpu, peak, code = json.loads(done.stdout)
    if code is None:
        raise NotMeasured(f"over {limit:.0f} s: stopped")
    return Taken(wall, cpu, peak, 0.0, code)


_MEASURE = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
with subprocess.Popen(
    sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
) as process:
    try:
        code = process.wait(float(sys.argv[1]))
    except subprocess.TimeoutExpired:
        import os, signal
        os.killpg(process.pid, signal.SIGKILL)
        code = None
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6, code]))
"""
