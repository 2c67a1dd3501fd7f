"""The command and its subcommands. Their imports are deferred until they run: `--help` must be fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import cleandoc
from typing import Annotated, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup

from halo_async.cli import fleet, profiles
from halo_async.cli.call import call
from halo_async.cli.completion_scripts import completion
from halo_async.cli.demo import demo
from halo_async.cli.diff import diff, drift
from halo_async.cli.doctor import doctor
from halo_async.cli.emulator import emulator
from halo_async.cli.errors import Exit, explain, say
from halo_async.cli.export import export
from halo_async.cli.generate import generate
from halo_async.cli.log_output import LogOption
from halo_async.cli.log_output import stop as stop_log
from halo_async.cli.login import login, logout
from halo_async.cli.mcp import mcp
from halo_async.cli.operations import operations
from halo_async.cli.options import COMMAND
from halo_async.cli.schema import schema
from halo_async.cli.signals import Termination, termination
from halo_async.cli.watch import watch
from halo_async.cli.whoami import whoami

_NAME = "halo-async"
_HELP = """A typed client for HaloPSA, HaloITSM and HaloServiceDesk.

Commands that connect to an instance read HALO_INSTANCE, HALO_CLIENT_ID, HALO_CLIENT_SECRET,
HALO_TENANT, HALO_AUTH_URL, HALO_SCOPE and HALO_RATE_LIMIT, or take a named login by --profile. A secret
is never an argument: it is read from the environment, a file or a prompt. Without one, the login stored
by `halo-async login` is used.

Exit codes: 0 done, 2 wrong usage, 3 login refused, 4 API error, 5 incomplete, 130 interrupted,
143 terminated. `diff` and `drift` have 1, 6 and 7 for changes: see their help.
"""


class _Command(TyperCommand):
    """A command whose name is not broken over two lines of its help."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return super().get_help(ctx).replace(COMMAND, _NAME)


class _Group(TyperGroup):
    """The same for the command without a subcommand."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return super().get_help(ctx).replace(COMMAND, _NAME)


class _LaterGroup(_Group):
    """A group whose commands are imported when one of them is looked for: the command's own help has its name only."""

    _known: dict[str, Any] | None = None

    def load(self) -> dict[str, Any]:
        """Return the commands by name."""
        return {}

    @property
    def commands(self) -> dict[str, Any]:
        """The commands by name."""
        if self._known is None:
            self._known = self.load()
        return self._known

    @commands.setter
    def commands(self, value: Mapping[str, Any]) -> None:
        """Typer has none to set."""


# Plain help: it starts in half the time, and boxes leave little room at 80 columns. Our own errors
# are one sentence, so typer's tracebacks, which can show locals, are not used.
app = typer.Typer(
    name=_NAME,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

_ClickError: Any = next(cls for cls in typer.BadParameter.__mro__ if cls.__name__ == "ClickException")
_SECRET_OPTION = "--client-secret"  # noqa: S105
_SECRET_WAYS = "HALO_CLIENT_SECRET, or give --client-secret-file FILE"  # noqa: S105


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"halo-async {version('halo-async')}")
        except PackageNotFoundError:
            print("halo-async, not installed (run from its folder)")
        raise typer.Exit


@app.callback(
    epilog=f"Try first: {COMMAND} demo. It needs no account and a few seconds.",
    cls=_Group,
    help=_HELP.replace(_NAME, COMMAND),
)
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    log: LogOption = None,
) -> None:
    """Options that go before a command."""


def _add(command: Callable[..., int], to: typer.Typer = app, name: str | None = None) -> None:
    """Convert a docstring to help; lines of its example are not wrapped (see the control character)."""
    text, _, example = cleandoc(command.__doc__ or "").replace(_NAME, COMMAND).partition("\n\nExample")
    add = to.command(
        name, cls=_Command, help=text, short_help=text.partition("\n")[0], epilog=f"\b\nExample{example}"
    )
    add(_quiet(command))


def _add_group(name: str, text: str, commands: Mapping[str, Callable[..., int]]) -> None:
    """Add a command with commands of its own; without one it runs `list`, if there is one."""
    group = typer.Typer(rich_markup_mode=None, no_args_is_help="list" not in commands)

    @group.callback(cls=_Group, invoke_without_command="list" in commands)
    def options(context: typer.Context) -> int | None:
        if context.invoked_subcommand is None and "list" in commands:
            return commands["list"]()
        return None

    for each, command in commands.items():
        _add(command, group, each)
    app.add_typer(group, name=name, help=text, short_help=text.partition("\n")[0])


def _add_later(name: str, text: str, load: Callable[[], Mapping[str, Callable[..., int]]]) -> None:
    """Add a command with commands of its own, which are loaded when they are looked for."""

    class Group(_LaterGroup):
        def load(self) -> dict[str, Any]:
            loaded = typer.Typer(rich_markup_mode=None)
            for each, command in load().items():
                _add(command, loaded, each)
            found: dict[str, Any] = cast(Any, typer.main.get_command(loaded)).commands
            return found

    group = typer.Typer(rich_markup_mode=None, no_args_is_help=True)
    group.callback(cls=Group)(_nothing)
    app.add_typer(group, name=name, help=text, short_help=text.partition("\n")[0])


def _nothing() -> None:
    """Options of a group: none."""


def _quiet(command: Callable[..., int]) -> Callable[..., int]:
    """Treat a closed pipe (`| head`) as success: typer would report a failure."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> int:
        try:
            return command(*args, **options)
        except BrokenPipeError:
            _mute()
            return Exit.DONE

    return run


for _command in (
    demo,
    operations,
    call,
    export,
    watch,
    schema,
    whoami,
    login,
    logout,
    doctor,
    generate,
    diff,
    drift,
    emulator,
    mcp,
    completion,
):
    _add(_command)
_add_later("fleet", fleet.HELP, fleet.load_commands)
_add_group("profiles", profiles.HELP, profiles.COMMANDS)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Every error becomes one sentence on stderr."""
    if sys.stderr is None:  # closed; print() would take stdout instead
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the life of the process
    if sys.stdout is None:
        say("Standard output is closed. Leave it open, or send it to a file or to /dev/null.")
        return Exit.USAGE
    with termination() as ending:
        try:
            return _run(arguments, ending)
        finally:
            ending.end()
            stop_log()


def _run(arguments: Sequence[str] | None, ending: Termination) -> int:
    try:
        return _invoke(arguments, ending)
    except _ClickError as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        ending.end()
        say(ending.word)
        return ending.code
    except BrokenPipeError:
        _mute()
        return Exit.DONE
    except Exception as error:
        code, sentence = explain(error)
        say(sentence)
        return code


def _invoke(arguments: Sequence[str] | None, ending: Termination) -> int:
    command: Any = typer.main.get_command(app)
    code = command.main(args=arguments, prog_name="halo-async", standalone_mode=False)
    sys.stdout.flush()
    if code == Exit.INTERRUPTED:
        say(ending.word)
        return ending.code
    return code if isinstance(code, int) else Exit.DONE


def _misused(error: Any) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)
    else:
        say(_usage(error))
    return Exit.USAGE


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    where = context.command_path if context is not None else "halo-async"
    if getattr(error, "option_name", None) == _SECRET_OPTION:
        ways = "HALO_EMULATOR_SECRET" if where.endswith(" emulator") else _SECRET_WAYS
        return f"A secret is never an argument. Set {ways}."
    unknown = getattr(error, "option_name", None) if hasattr(error, "possibilities") else None
    if unknown:
        message = _unknown_option(unknown, context)
    else:
        from halo_async.cli.usage_errors import refusal

        message = refusal(error) or error.format_message()
    return f"{message}{'' if message.endswith(('.', '?')) else '.'} `{where} --help` shows how."


def _unknown_option(name: str, context: Any) -> str:
    from halo_async._operations.common_mistakes import RENAMED
    from halo_async._utils.names import did_you_mean

    known = [option for item in context.command.params for option in item.opts if option.startswith("--")]
    renamed = {f"--{old}": f"--{new}" for old, new in RENAMED.items() if f"--{new}" in known}
    return f"No such option {name}{did_you_mean(name, known, renamed)}"


def _mute() -> None:
    """Discard further output after the reader has closed the pipe: Python's flush at exit must not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
