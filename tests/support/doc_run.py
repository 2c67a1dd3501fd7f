"""Runs the blocks of one page against an emulator."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import redirect_stdout
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import attrs

from halo_async import ClientCredentials, Halo
from halo_async.emulator import Emulator
from tests.support.doc_pages import Block, addressed
from tests.support.leftovers import open_files
from tests.support.shell import Shell

PATIENCE = 5.0


@attrs.define
class Run:
    """One page: its event loop and the names that its blocks share."""

    emulator: Emulator
    folder: Path
    runner: asyncio.Runner
    names: dict[str, Any] = attrs.field(factory=dict)
    printed: str = ""
    shell: Shell | None = None

    def page(self, blocks: Iterable[Block]) -> None:
        """Every block in order."""
        self.names.update(
            __name__="__main__",
            client_id=self.emulator.client_id,
            client_secret=self.emulator.client_secret,
            emulator=self.emulator,
            tmp_path=self.folder,
        )
        try:
            for block in blocks:
                self._noted(block)
        finally:
            if self.shell is not None:
                self.shell.close()

    def _noted(self, block: Block) -> None:
        try:
            self._block(block)
        except BaseException as error:
            error.add_note(f"the block at {block.place}")
            raise

    def _shell(self) -> Shell:
        """The shell of the page, which finds the commands of this Python first."""
        if self.shell is None:
            path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
            self.shell = Shell(self.folder, {**os.environ, "PATH": path})
        return self.shell

    def _block(self, block: Block) -> None:
        if block.rule == "file":
            self._file(block)
        elif block.rule == "output":
            assert block.text == self.printed, f"{block.place}: the program prints\n{self.printed}"
        elif block.rule == "run":
            self.printed = self._shell().run(addressed(block.text, self.emulator.url))
        elif block.language == "python":
            code = block.code(self.emulator.url)
            if block.rule != "fragment":
                self._checked(block, code)

    def _file(self, block: Block) -> None:
        path = self.folder / block.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(addressed(block.text, self.emulator.url), "utf-8")

    def _checked(self, block: Block, code: CodeType) -> None:
        before = open_files()
        with redirect_stdout(io.StringIO()) as out:
            self._with_client(code)
        if block.rule != "setup":
            self.printed = out.getvalue()
        left = self._left(before)
        assert not left, f"{block.place}: left behind: {left}"

    def _with_client(self, code: CodeType) -> None:
        wanted = "halo" in _names(code)
        if not wanted:
            self._execute(code)
            return
        self.names["halo"] = halo = self._halo()
        self.runner.run(halo.__aenter__())
        try:
            self._execute(code)
        finally:
            self.runner.run(halo.aclose())

    def _halo(self) -> Halo:
        credentials = ClientCredentials(self.emulator.client_id, self.emulator.client_secret)
        return Halo(self.emulator.url, credentials, rate_limit=None)

    def _execute(self, code: CodeType) -> None:
        known = dict(self.names)
        self._finish(lambda: eval(code, self.names))
        for name, made in list(self.names.items()):
            if name.startswith("test_") and isinstance(made, FunctionType) and known.get(name) is not made:
                given = self.names | {"halo_emulator": self.emulator}
                self._finish(lambda made=made, given=given: made(**_arguments(made, given)))

    def _finish(self, run: Callable[[], Any]) -> None:
        result = run()
        if asyncio.iscoroutine(result):
            self.runner.run(result)

    def _left(self, before: set[str]) -> list[str]:
        """Tasks and open files, once the other end had time to see the closing."""
        end = time.monotonic() + PATIENCE
        while (left := self._tasks() + sorted(open_files() - before)) and time.monotonic() < end:
            self.runner.run(asyncio.sleep(0.001))
        return left

    def _tasks(self) -> list[str]:
        return [repr(task) for task in asyncio.all_tasks(self.runner.get_loop())]


def _names(code: CodeType) -> set[str]:
    """Every global name of a program, its functions' included, and their arguments."""
    inner = (_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return {*code.co_names, *code.co_varnames}.union(*inner)


def _arguments(function: FunctionType, names: dict[str, Any]) -> dict[str, Any]:
    wanted = function.__code__.co_varnames[: function.__code__.co_argcount]
    return {name: names[name] for name in wanted}
