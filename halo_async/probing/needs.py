"""Permissions that a job needs: what the API application was granted, and what its agent may read.

Halo applies both: the scopes of the token, and the role of the agent that the application logs in as. Nothing is
written, so of the agent's right to edit only a write can tell.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal

import attrs

from halo_async._utils.clock import Clock
from halo_async._utils.names import did_you_mean
from halo_async.auth.scope_areas import AREAS, EVERYTHING, scopes_for
from halo_async.errors import HaloError, NotFoundError, PermissionDeniedError, SettingsError
from halo_async.transport.diagnosis import DiagnosisStep
from halo_async.transport.transport import Transport
from halo_async.transport.types import Request, Response

_ACCESS = ("read", "edit")


@attrs.frozen
class Need:
    """One area of Halo, and what a job does there."""

    area: str
    access: Literal["read", "edit"]

    @property
    def name(self) -> str:
        """The need as it is written: `tickets:edit`."""
        return f"{self.area}:{self.access}"

    @property
    def scopes(self) -> tuple[str, ...]:
        """Scopes any one of which permits it."""
        return scopes_for(self.area, editing=self.access == "edit")


def parse_needs(text: str) -> tuple[Need, ...]:
    """Return the needs of a text such as `tickets:edit,customers:read`; `edit` includes `read`.

    :raises SettingsError: an area or an access is not known.
    """
    needs = tuple(_need(part.strip()) for part in text.split(",") if part.strip())
    if not needs:
        raise SettingsError("--needs is empty. Name what the job does, as in tickets:edit,customers:read.")
    return tuple(dict.fromkeys(needs))


def _need(text: str) -> Need:
    area, _, access = text.lower().partition(":")
    if area not in AREAS:
        hint = did_you_mean(area, AREAS).removeprefix(". ") or f"Use one of {', '.join(AREAS)}."
        raise SettingsError(f"{area!r} is not an area of Halo. {hint}")
    if access not in _ACCESS:
        raise SettingsError(f"{text!r} has to end in :read or :edit. Use {area}:read or {area}:edit.")
    return Need(area, "edit" if access == "edit" else "read")


async def check_needs(
    transport: Transport, needs: Sequence[Need], granted: Sequence[str], clock: Clock
) -> AsyncGenerator[DiagnosisStep, None]:
    """Check one need after the other, each with one request that reads.

    :param granted: the scopes of the token; empty if it does not tell them.
    """
    for need in needs:
        began = clock.monotonic()
        error = await _find_refusal(transport, need, frozenset(granted))
        said = str(error) if error else _describe_need(need, frozenset(granted))
        facts = {"area": need.area, "access": need.access, "any_of": list(need.scopes)}
        yield DiagnosisStep(need.name, error is None, said, clock.monotonic() - began, error, facts)


def unseen(needs: Sequence[Need], steps: Sequence[DiagnosisStep]) -> str:
    """Return a sentence on what the checks could not see; empty if they saw all that the job needs."""
    passed = {step.name for step in steps if step.ok}
    areas = [need.area for need in needs if need.access == "edit" and need.name in passed]
    if not areas:
        return ""
    *others, last = areas
    named = f"{', '.join(others)} and {last}" if others else last
    return f"Not checked: whether the agent may edit {named}, which only a write shows. Look at its role in Halo."


def _find_path(need: Need) -> str:
    return f"/{AREAS[need.area][0]}"


async def _find_refusal(transport: Transport, need: Need, granted: frozenset[str]) -> HaloError | None:
    lacks = bool(granted) and not granted & EVERYTHING and granted.isdisjoint(need.scopes)
    try:
        await transport.send(Request("GET", _find_path(need), query=(("count", "1"),)), _get_status)
    except PermissionDeniedError as error:
        return _denied(error, _of_application(need) if lacks else _of_agent(need))
    except NotFoundError:
        return NotFoundError(
            f"GET {_find_path(need)} is not an operation of this instance (404). Leave {need.name} out.",
            status=404,
        )
    except HaloError as error:
        return error
    return (
        PermissionDeniedError(f"Reading works, editing will not. {_of_application(need)}") if lacks else None
    )


def _denied(error: PermissionDeniedError, sentence: str) -> PermissionDeniedError:
    return PermissionDeniedError(
        f"{sentence} Without it a program sees: {error}",
        status=error.status,
        method=error.method,
        path=error.path,
        message=error.message,
    )


def _of_application(need: Need) -> str:
    return (
        f"The token has none of the scopes {' and '.join(need.scopes)}. Tick the permission at the API application in "
        "Halo, and request it: scope=, HALO_SCOPE or --scope."
    )


def _of_agent(need: Need) -> str:
    return (
        f"The scopes allow it, and the agent that the application logs in as may not read {need.area}. "
        f"Give the agent's role access to {need.area} in Halo."
    )


def _describe_need(need: Need, granted: frozenset[str]) -> str:
    by = sorted(granted.intersection(EVERYTHING.union(need.scopes)))
    scope = f"granted by {' and '.join(by)}" if by else "the token does not state its scopes"
    own = "; own records only" if need.access == "edit" and by == [f"editMine:{need.area}"] else ""
    return f"GET {_find_path(need)} responds, {scope}{own}"


def _get_status(response: Response) -> int:
    return response.status
