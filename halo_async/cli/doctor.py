"""`halo-async doctor`: diagnosis of a connection up to the first failure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halo_async.cli.errors import Exit, UsageError, explain, say
from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import ChosenInstance, Connection
    from halo_async.transport.diagnosis import DiagnosisStep

DEADLINE = 60.0
"""Seconds per request, and for all steps together if `--deadline` is given."""
PATIENCE = 15.0
"""Maximum seconds that an instance may ask to wait; beyond that its 429 is the finding."""


@connected
def doctor(
    connection: Connection,
    as_json: Annotated[bool, typer.Option("--json", help="Every step with its facts, as JSON.")] = False,
) -> int:
    """Find out what is wrong with a connection.

    Resolves the instance's name, performs a TLS handshake, discovers the login service, logs in, shows the
    granted scopes, sends one request and measures it. Stops at the first step that fails and shows how to
    fix it. The first three steps need no login.

    Example:
      halo-async doctor --instance acme.halopsa.com
    """
    from halo_async.cli.signals import run_awake

    return run_awake(_examine(connection, as_json=as_json))


async def _examine(connection: Connection, *, as_json: bool) -> int:
    """Run one step after another; the exit code shows which side is at fault.

    :raises UsageError: no instance is given.
    """
    chosen, lacking = _chosen(connection)
    steps = await _look(connection, chosen, complete=lacking is None, as_json=as_json)
    code, wrong = _verdict(steps, lacking, chosen)
    if as_json:
        import json

        print(json.dumps(_facts(chosen, steps, code), indent=2, ensure_ascii=False))
    if wrong:
        say(wrong)
    return code


def _chosen(connection: Connection) -> tuple[ChosenInstance, Exception | None]:
    """Return the login, or the reason why there is none: earlier steps can run without it."""
    from halo_async.cli.connection import ChosenInstance
    from halo_async.errors import AuthenticationError
    from halo_async.settings import ClientCredentials

    place = connection.place()
    try:
        return connection.choose(), None
    except (UsageError, AuthenticationError) as error:
        nobody, auth_url = ClientCredentials("nobody", "nothing"), connection.auth_url or None
        return ChosenInstance(place, nobody, connection.tenant or None, "all", auth_url=auth_url), error


async def _look(
    connection: Connection, chosen: ChosenInstance, *, complete: bool, as_json: bool
) -> Sequence[DiagnosisStep]:
    from halo_async.cli.connection import open_chosen, parse_rate_limit
    from halo_async.transport.diagnosis import diagnose

    limit = parse_rate_limit(connection.rate_limit)
    deadline = connection.deadline
    halo = open_chosen(
        chosen, limit, deadline=DEADLINE if deadline is None else deadline, max_retry_wait=PATIENCE
    )
    steps: list[DiagnosisStep] = []
    try:
        async with aclosing(diagnose(halo.transport, chosen.instance, deadline=deadline)) as found:
            async for step in found:
                steps.append(step)
                if not as_json:
                    _show(step)
                if step.name == "instance" and not complete:
                    break
    finally:
        await halo.aclose()
    return steps


def _show(step: DiagnosisStep) -> None:
    from halo_async.cli.output import clean

    state = "ok" if step.ok else "wrong"
    said = clean(step.said) if step.ok else ""
    print(f"{step.name:<9} {state:<5} {step.seconds * 1000:>7,.0f} ms  {said}".rstrip(), flush=True)


def _verdict(
    steps: Sequence[DiagnosisStep], lacking: Exception | None, chosen: ChosenInstance
) -> tuple[int, str]:
    from halo_async.cli.connection import AGAIN

    last = steps[-1]
    if last.error is None:
        return (Exit.DONE, "") if lacking is None else explain(lacking)
    code, sentence = explain(last.error)
    if last.name == "call":
        return code, sentence
    again = f"; {AGAIN}" if chosen.kept is not None and last.name == "login" else ""
    return Exit.LOGIN, sentence + again


def _facts(chosen: ChosenInstance, steps: Sequence[DiagnosisStep], code: int) -> dict[str, Any]:
    return {
        "instance": chosen.instance.origin,
        "ok": code == Exit.DONE,
        "exit_code": int(code),
        "steps": [
            {
                "name": step.name,
                "ok": step.ok,
                "said": step.said,
                "milliseconds": round(step.seconds * 1000, 1),
                "facts": dict(step.facts),
            }
            for step in steps
        ],
    }
