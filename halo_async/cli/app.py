"""The command and the list of its subcommands, which `halo_async.cli.commands` imports when they are looked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from halo_async.cli.commands import COMMAND, NAME, Listed, group_of, mute
from halo_async.cli.errors import Exit, explain, say
from halo_async.cli.log_output import LogOption
from halo_async.cli.log_output import stop as stop_log
from halo_async.cli.signals import Termination, termination

_HELP = """A typed client for HaloPSA, HaloITSM and HaloServiceDesk.

Commands that connect to an instance read HALO_INSTANCE, HALO_CLIENT_ID, HALO_CLIENT_SECRET,
HALO_TENANT, HALO_AUTH_URL, HALO_SCOPE and HALO_RATE_LIMIT, or take a named login by --profile. A secret
is never an argument: it is read from the environment, a file or a prompt. Without one, the login stored
by `halo-async login` is used.

Exit codes: 0 done, 2 wrong usage, 3 login refused, 4 API error, 5 incomplete, 130 interrupted,
143 terminated. `diff` and `drift` have 1, 6 and 7 for changes: see their help.
"""


COMMANDS = {
    "demo": Listed("demo:demo", "See it work on an emulated instance."),
    "operations": Listed("operations:operations", "List the operations with their parameters."),
    "call": Listed("call:call", "Call one operation and show the response."),
    "export": Listed("export:export", "Export complete lists, one file per resource."),
    "watch": Listed("watch:watch", "Show rows of a list as they are created or updated."),
    "schema": Listed(
        "schema:schema", "Print the statement that reads an exported file with the right types."
    ),
    "whoami": Listed("whoami:whoami", "Show the current login."),
    "login": Listed("login:login", "Log in with a browser, and stay logged in."),
    "logout": Listed("login:logout", "Delete the stored login."),
    "doctor": Listed("doctor:doctor", "Find out what is wrong with a connection."),
    "generate": Listed("generate:generate", "Write a typed package for your own instance."),
    "diff": Listed("diff:diff", "Show what changed between two API documents, by what it means for code."),
    "drift": Listed(
        "diff:drift",
        "Exit with 1 if an instance's API differs from the one in use, and show how, as diff does.",
    ),
    "emulator": Listed("emulator:emulator", "Serve an emulated instance on this machine."),
    "mcp": Listed("mcp:mcp", "Serve an instance to assistants by the Model Context Protocol."),
    "completion": Listed(
        "completion_scripts:completion",
        "Print the script that completes commands, operations, parameters and profiles in your shell.",
    ),
    "fleet": Listed("fleet", "Run a command on many instances, and show the results side by side."),
    "profiles": Listed(
        "profiles", "Named logins, shared with `fleet`: instances, hosts, and where each secret comes from."
    ),
}


# Plain help: it starts in half the time, and boxes leave little room at 80 columns. Our own errors
# are one sentence, so typer's tracebacks, which can show locals, are not used.
app = typer.Typer(
    name=NAME,
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
    cls=group_of(COMMANDS),
    help=_HELP.replace(NAME, COMMAND),
)
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
    log: LogOption = None,
) -> None:
    """Options that go before a command."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code. Every error becomes one sentence on stderr."""
    if sys.stderr is None:  # closed; print() would take stdout instead
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for the life of the process
    if sys.stdout is None:
        say("Standard output is closed. Leave it open, or send it to a file or to /dev/null.")
        return Exit.USAGE
    with termination() as ending:
        try:
            return _run_command(arguments, ending)
        finally:
            ending.end()
            stop_log()


def _run_command(arguments: Sequence[str] | None, ending: Termination) -> int:
    try:
        return _invoke(arguments, ending)
    except _ClickError as error:
        return _misused(error)
    except (KeyboardInterrupt, typer.Abort):
        ending.end()
        say(ending.word)
        return ending.code
    except BrokenPipeError:
        mute()
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
