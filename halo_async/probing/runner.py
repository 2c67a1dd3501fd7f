"""All questions in the order of their value, within one budget of requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import attrs

from halo_async.client import Client
from halo_async.errors import (
    ApiError,
    AuthenticationError,
    DecodeError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
)
from halo_async.measurements import Measurements
from halo_async.probing.date_zone import DateZone
from halo_async.probing.encodings import Encodings
from halo_async.probing.id_filter import IdFilter
from halo_async.probing.id_lists import IdLists
from halo_async.probing.inactive_rows import InactiveRows
from halo_async.probing.ordering import Ordering
from halo_async.probing.page_size import PageSize
from halo_async.probing.paging_flag import PagingFlag
from halo_async.probing.past_the_end import PastTheEnd
from halo_async.probing.proxies import Proxies
from halo_async.probing.question import Finding, NotMeasurable, Question
from halo_async.probing.rate_limit_headers import RateLimitHeaders
from halo_async.probing.requests import BudgetSpentError, ProbeRequests
from halo_async.probing.unknown_parameters import UnknownParameters

REQUESTS = 80
"""Budget of a probe."""
QUESTIONS: tuple[Callable[[], Question], ...] = (
    IdLists,
    PageSize,
    PagingFlag,
    InactiveRows,
    Ordering,
    IdFilter,
    PastTheEnd,
    UnknownParameters,
    Encodings,
    Proxies,
    DateZone,
    RateLimitHeaders,
)
"""Those first whose difference loses rows."""
LEFT_OUT = "left out: no requests left"


@attrs.frozen
class ProbeReport:
    """The result of a probe."""

    findings: Sequence[Finding]
    requests: int
    """Requests sent."""

    @property
    def differences(self) -> frozenset[str]:
        """The questions with a measurement that contradicts the assumption."""
        return frozenset(finding.question for finding in self.findings if finding.differs)

    @property
    def measurements(self) -> Measurements:
        """The measurements, without anything of the instance's own."""
        measured: dict[str, Any] = {}
        for finding in self.findings:
            if finding.measured is None:
                continue
            if finding.subject:
                measured.setdefault(finding.question, {})[finding.subject] = finding.measured
            else:
                measured[finding.question] = finding.measured
        return Measurements(measured)


async def probe(
    halo: Client, *, requests: int = REQUESTS, on_finding: Callable[[Finding], object] | None = None
) -> ProbeReport:
    """Ask every question that the budget allows. Only GET requests are sent.

    :param halo: a client that is logged in.
    :param requests: maximum number of requests, retries included.
    :param on_finding: called with each finding as soon as it is there.
    :raises AuthenticationError: the login has expired.
    """
    sender, findings = ProbeRequests(halo, requests), list[Finding]()
    questions = [make() for make in QUESTIONS]
    for question in questions:
        await _outcome(question.prepare(sender))
    for question in questions:
        for subject in question.subjects:
            findings.append(await _ask_question(question, sender, subject))
            if on_finding is not None:
                on_finding(findings[-1])
    return ProbeReport(findings, sender.spent)


async def _ask_question(question: Question, sender: ProbeRequests, subject: str) -> Finding:
    measured, reason = await _outcome(question.measure(sender, subject))
    differs = measured is not None and question.differs(subject, measured)
    return Finding(question.name, subject, question.assumed(subject), measured, differs, reason)


async def _outcome(work: Any) -> tuple[Any, str]:
    """Return a measurement, or why there is none. Messages of errors may quote the instance, so they are not used."""
    try:
        return await work, ""
    except NotMeasurable as unknown:
        return None, str(unknown)
    except BudgetSpentError:
        return None, LEFT_OUT
    except PermissionDeniedError:
        return None, "no permission"
    except NotFoundError:
        return None, "not on this instance"
    except AuthenticationError:
        raise
    except ApiError as error:
        return None, f"refused with status {error.status}"
    except (TransportError, DecodeError):
        return None, "no usable response"
