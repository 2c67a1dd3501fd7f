"""`halo-async fleet whoami` and `doctor`: the logins of all instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async.cli.fleet.options import over_fleet

if TYPE_CHECKING:
    from halo_async.cli.fleet.running import FleetRun
    from halo_async.client import Halo


@over_fleet
def whoami(fleet: FleetRun) -> int:
    """Show the login of each instance: tenant, version, scopes and agent.

    Example:
      halo-async fleet whoami --group production
    """
    from halo_async.cli.fleet.output import print_json, show
    from halo_async.cli.signals import run_awake
    from halo_async.cli.whoami import facts_of

    async def ask(name: str, halo: Halo) -> dict[str, Any]:
        await halo.transport.token()
        return await facts_of(halo)

    results = run_awake(fleet.run(ask))
    if fleet.as_json:
        return print_json(results)
    columns = ("agent", "version", "tenant", "scope")
    return show(results, columns, lambda facts: [facts], prose=("agent", "scope", "tenant", "version"))


@over_fleet
def doctor(fleet: FleetRun) -> int:
    """Find out which connections are wrong, and at which step.

    Runs the steps of `halo-async doctor` for each instance: name, TLS, instance, login and a call. The
    table has the milliseconds of each step, and the step that failed.

    Example:
      halo-async fleet doctor
    """
    from halo_async.cli.doctor import DEADLINE as SECONDS
    from halo_async.cli.doctor import PATIENCE, facts_of_step, verdict
    from halo_async.cli.fleet.output import print_json, show
    from halo_async.cli.fleet.running import Partial
    from halo_async.cli.signals import run_awake
    from halo_async.transport.diagnosis import diagnose

    async def look(name: str, halo: Halo) -> Any:
        steps = [step async for step in diagnose(halo.transport, halo.transport.instance, deadline=None)]
        code, wrong = verdict(steps)
        facts = [facts_of_step(step) for step in steps]
        return Partial(facts, code, f"{steps[-1].name}: {wrong}") if wrong else facts

    results = run_awake(fleet.run(look, deadline=SECONDS, max_retry_wait=PATIENCE))
    if fleet.as_json:
        return print_json(results, lambda steps: {"steps": steps})
    names = ("name", "tls", "instance", "login", "call")
    columns = tuple(f"{name} ms" for name in names)

    def cells(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        shown = {
            f"{step['name']} ms": f"{step['milliseconds']:,.0f}" if step["ok"] else "wrong" for step in steps
        }
        return [{column: shown.get(column, "-") for column in columns}]

    return show(results, columns, cells, numbers=columns)
