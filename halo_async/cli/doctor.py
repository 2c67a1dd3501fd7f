"""`halo-async doctor`: diagnosis of a connection up to the first failure."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halo_async.cli.errors import Exit, UsageError, as_sentence, explain, option_names, say
from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import ChosenInstance, Connection
    from halo_async.client import Halo
    from halo_async.probing.needs import Need
    from halo_async.probing.runner import ProbeReport
    from halo_async.transport.diagnosis import DiagnosisStep

DEADLINE = 60.0
"""Seconds per request, and for all steps together if `--deadline` is given."""
_WIDTH = 9
"""Of the names of the steps; names of needs may be longer."""
REQUESTS = 80
"""Maximum number of requests with `--probe`."""
PATIENCE = 15.0
"""Maximum seconds that an instance may ask to wait; beyond that its 429 is the finding."""


@connected
def doctor(
    connection: Connection,
    as_json: Annotated[bool, typer.Option("--json", help="Print every step with its facts as JSON.")] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Also measure how this instance behaves, by reading only.")
    ] = False,
    requests: Annotated[
        int | None,
        typer.Option("--requests", metavar="N", help="Maximum number of requests with --probe. Default: 80."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write what --probe measured to a new file."),
    ] = None,
    needs: Annotated[
        str | None,
        typer.Option(
            "--needs",
            metavar="AREA:ACCESS,…",
            help="Check the permissions of a job: tickets:edit,customers:read.",
        ),
    ] = None,
) -> int:
    """Find out what is wrong with a connection.

    Resolves the instance's name, performs a TLS handshake, discovers the login service, logs in, shows the
    granted scopes, sends one request and measures it. Stops at the first step that fails and shows how to
    fix it. The first three steps need no login.

    With --probe, a table then shows for each assumption of this client what was measured, and a small
    JSON without names, texts, ids and hosts. A difference does not change the exit code.

    With --needs, every area of Halo that a job reads or edits is checked in place of the last request: the
    scopes of the API application, and one request with the rights of its agent. Nothing is written.

    Example:
      halo-async doctor --instance acme.halopsa.com
      halo-async doctor --needs tickets:edit,customers:read
      halo-async doctor --probe --out measurements.json
    """
    from halo_async.cli.probe_output import check_options
    from halo_async.cli.signals import run_awake

    check_options(REQUESTS if requests is None else requests, out)
    for option, given in (("--out", out), ("--requests", requests)):
        if given is not None and not probe:
            raise UsageError(f"{option} needs --probe.")
    if probe and connection.given_overlay is not None:
        raise UsageError("--probe measures anew. Leave --overlay out.")
    if needs and probe:
        raise UsageError("--needs and --probe do not go together. Run one after the other.")
    wanted = _needs(needs)
    budget = (REQUESTS if requests is None else requests) if probe else None
    return run_awake(_examine(connection, budget, out, wanted, as_json=as_json))


def _needs(text: str | None) -> tuple[Need, ...]:
    """Return the needs of a job; none without the option."""
    if not option_names("--needs", None if text is None else [text]) or text is None:
        return ()
    from halo_async.errors import SettingsError
    from halo_async.probing.needs import parse_needs

    try:
        return parse_needs(text)
    except SettingsError as error:
        raise UsageError(str(error)) from None


async def _examine(
    connection: Connection, requests: int | None, out: Path | None, needs: Sequence[Need], *, as_json: bool
) -> int:
    """Run one step after another; the exit code shows which side is at fault.

    :param requests: the budget of a probe; None for none.
    :raises UsageError: no instance is given.
    """
    from halo_async.cli.connection import again
    from halo_async.cli.probe_output import as_facts, show_report, write_report

    chosen, lacking = _chosen(connection)
    steps, report = await _look_at_instance(
        connection, chosen, requests, needs, complete=lacking is None, as_json=as_json
    )
    not_checked = _unseen(needs, steps)
    code, wrong = verdict(steps)
    if code == Exit.DONE and lacking is not None:
        code, wrong = explain(lacking)
    elif code != Exit.DONE and steps[-1].name == "login" and chosen.kept is not None:
        wrong = f"{as_sentence(wrong)} {again(chosen)}"
    if as_json:
        import json

        facts = _facts_as_json(chosen, steps, code) | ({} if report is None else {"probe": as_facts(report)})
        facts |= {"not_checked": not_checked} if not_checked else {}
        print(json.dumps(facts, indent=2, ensure_ascii=False), flush=True)
        if report is not None and out is not None:
            write_report(report, out)
    elif report is not None:
        show_report(report, out)
    elif not_checked:
        print(not_checked, flush=True)
    if wrong:
        say(wrong)
    return code


def _chosen(connection: Connection) -> tuple[ChosenInstance, Exception | None]:
    """Return the login, or the reason why there is none: earlier steps can run without it."""
    from halo_async.cli.connection import ChosenInstance
    from halo_async.errors import AuthenticationError, SettingsError
    from halo_async.settings import ClientCredentials

    place = connection.place()
    try:
        return connection.choose(), None
    except (UsageError, SettingsError, AuthenticationError) as error:
        nobody, auth_url = ClientCredentials("nobody", "nothing"), connection.auth_url
        return ChosenInstance(place, nobody, connection.tenant, "all", auth_url=auth_url), error


async def _look_at_instance(
    connection: Connection,
    chosen: ChosenInstance,
    requests: int | None,
    needs: Sequence[Need],
    *,
    complete: bool,
    as_json: bool,
) -> tuple[Sequence[DiagnosisStep], ProbeReport | None]:
    from halo_async.cli.connection import open_chosen
    from halo_async.transport.diagnosis import diagnose

    deadline = connection.deadline
    halo = open_chosen(
        chosen,
        connection.rate_limit,
        deadline=DEADLINE if deadline is None else deadline,
        max_retry_wait=PATIENCE,
        coordination=connection.coordination,
        measurements=connection.measurements if requests is None else None,
    )
    steps: list[DiagnosisStep] = []
    try:
        async with aclosing(diagnose(halo.transport, chosen.instance, deadline=deadline)) as found:
            async for step in found:
                steps.append(step)
                if not as_json:
                    _show_step(step, needs)
                if step.name == "instance" and not complete:
                    break
                if step.name == "login" and step.ok and needs:
                    steps += await _check_needs(halo, needs, step.facts["scopes"], quiet=as_json)
                    break
        if requests is None or not (complete and steps[-1].ok):
            return steps, None
        from halo_async.cli.probe_output import run_probe

        return steps, await run_probe(halo, requests, quiet=as_json)
    finally:
        await halo.aclose()


def _unseen(needs: Sequence[Need], steps: Sequence[DiagnosisStep]) -> str:
    if not needs:
        return ""
    from halo_async.probing.needs import unseen

    return unseen(needs, steps)


async def _check_needs(
    halo: Halo, needs: Sequence[Need], granted: Sequence[str], *, quiet: bool
) -> list[DiagnosisStep]:
    from halo_async._utils.clock import SystemClock
    from halo_async.probing.needs import check_needs

    steps = []
    async with aclosing(check_needs(halo.transport, needs, granted, SystemClock())) as found:
        async for step in found:
            steps.append(step)
            if not quiet:
                _show_step(step, needs)
    return steps


def _show_step(step: DiagnosisStep, needs: Sequence[Need] = ()) -> None:
    from halo_async.cli.output import clean

    state = "ok" if step.ok else "wrong"
    said = clean(step.said) if step.ok or _is_need(step) else ""
    width = max(_WIDTH, *(len(need.name) for need in needs), 0)
    print(f"{step.name:<{width}} {state:<5} {step.seconds * 1000:>7,.0f} ms  {said}".rstrip(), flush=True)


def _is_need(step: DiagnosisStep) -> bool:
    """Return True for a permission, of which several may be missing."""
    return ":" in step.name


def verdict(steps: Sequence[DiagnosisStep]) -> tuple[int, str]:
    """Return the exit code of a diagnosis, and what is wrong; empty if nothing is."""
    last = next((step for step in steps if step.error is not None), steps[-1])
    if last.error is None:
        return Exit.DONE, ""
    code, sentence = explain(last.error)
    if _is_need(last):
        lacking_names = ", ".join(step.name for step in steps if _is_need(step) and not step.ok)
        return (
            code,
            f"The job cannot do all that it needs: {lacking_names}. Follow the lines marked wrong above.",
        )
    return (code if last.name == "call" else Exit.LOGIN), sentence


def facts_of_step(step: DiagnosisStep) -> dict[str, Any]:
    """Return a step as `--json` prints it."""
    return {
        "name": step.name,
        "ok": step.ok,
        "said": step.said,
        "milliseconds": round(step.seconds * 1000, 1),
        "facts": dict(step.facts),
    }


def _facts_as_json(chosen: ChosenInstance, steps: Sequence[DiagnosisStep], code: int) -> dict[str, Any]:
    return {
        "instance": chosen.instance.origin,
        "ok": code == Exit.DONE,
        "exit_code": int(code),
        "steps": [facts_of_step(step) for step in steps],
    }
