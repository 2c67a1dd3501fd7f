"""Child processes: measured ones (`Child`), interpreters that run a script, and servers."""

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

import attrs

ROOT = Path(__file__).resolve().parent.parent.parent


class NotMeasured(Exception):
    """The reason why a child measured nothing; a string for a table."""


@attrs.frozen
class Taken:
    """Cost of one run."""

    wall: float
    """Wall time in seconds."""
    cpu: float
    """CPU time of all threads in seconds."""
    peak: float
    """Peak memory of the process so far, in MB."""
    before: float
    """Memory at the start of the run, in MB."""
    value: Any = None
    """Return value of the run."""
    shares: Mapping[str, float] | None = None
    """CPU time by place, if requested."""


class Child:
    """One measured process with one task loaded. It stays alive until closed, so that runs are warm."""

    def __init__(self, task: str, args: Mapping[str, Any], *, paths: tuple[Path, ...] = ()) -> None:
        """`task`: `module:function` of `benchmarks.tasks`; `paths`: additional folders to find modules in.

        :raises NotMeasured: the task cannot be prepared, for instance because a package is missing.
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
        """Prepare another task in the same process.

        :raises NotMeasured: the task cannot be prepared.
        """
        self._tell({"load": f"benchmarks.tasks.{task}", "args": dict(args)})
        self._read_result()

    def run(self, *, sampled: bool = False) -> Taken:
        """Run the task once.

        :raises NotMeasured: the task failed.
        """
        self._tell({"run": True, "sampled": sampled})
        return Taken(**self._read_result())

    def start(self) -> None:
        """Start a run without waiting for its end."""
        self._tell({"run": True})

    def kill(self) -> None:
        """Send SIGKILL, which is like a power cut."""
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

    def _read_result(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise NotMeasured("not measured: the process died")
        result: dict[str, Any] = json.loads(line)
        if "error" in result:
            raise NotMeasured(result["error"])
        return result


def environment(*paths: Path) -> dict[str, str]:
    """Return the environment without Python's own variables, with the project's folders on its path.

    Bytecode must be written. The current folder is not on the path: `stock` is the stock generator's
    package, not benchmarks/stock.py.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    folders = (*paths, ROOT, ROOT / "generator")
    return {**kept, "PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONSAFEPATH": "1"}


def once(task: str, args: Mapping[str, Any], *, paths: tuple[Path, ...] = ()) -> Taken:
    """Run once in a process of its own."""
    with Child(task, args, paths=paths) as child:
        return child.run()


def interpreter(script: str, *paths: Path) -> Taken:
    """Run a script in a fresh interpreter, measuring the whole process.

    :raises NotMeasured: the script failed, for instance because a package is missing.
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
    """Run a server in a process of its own; yield its URL, and what else it prints beside its port."""
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
    """Run a command and measure all processes that it starts: memory is the largest peak of any of them.

    `value` is its exit code. It is measured from a small process of its own, since a process's peak starts
    with its parent's memory.

    :raises NotMeasured: the command could not be started, or took longer than `limit` seconds.
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
