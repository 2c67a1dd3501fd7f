"""What a mark of the pytest plugin takes, and the sentence on what it does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from halo_async import RateLimit
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.emulator.pytest_plugin import _options


def request_with(*args: Any, **options: Any) -> Any:
    mark = pytest.mark.halo(*args, **options).mark if args or options else None
    return SimpleNamespace(node=SimpleNamespace(get_closest_marker=lambda name: mark))


@pytest.mark.halo(faults=["F27"])
async def test_a_fault_may_be_a_text(halo_emulator: Emulator) -> None:
    assert [armed.fault for armed in halo_emulator.faults._armed] == [Fault("F27", "* *")]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"faults": "F27:GET /Tickets:times=1"}, {"faults": [Fault("F27", "GET /Tickets", times=1)]}),
        ({"faults": Fault("F27")}, {"faults": [Fault("F27")]}),
        ({"faults": [{"number": "F27", "on": "get /tickets"}]}, {"faults": [Fault("F27", "GET /tickets")]}),
        ({"churn": {"insert": 1}}, {"churn": Churn(insert=1)}),
        ({"rate_limit": "10/60"}, {"rate_limit": RateLimit(10, 60)}),
        ({"rate_limit": None}, {"rate_limit": None}),
        ({"tenants": "beta"}, {"tenants": ("beta",)}),
    ],
)
def test_options_are_taken_in_every_plain_form(given: dict[str, Any], read: dict[str, Any]) -> None:
    assert _options(request_with(**given)) == read


@pytest.mark.parametrize(
    ("given", "mend"),
    [
        ({"faults": [5]}, 'takes Fault("F27", "GET /Tickets") or "F27:GET /Tickets", not 5'),
        ({"faults": "F99"}, "number must be one of F02, "),
        ({"faults": {"number": "F27", "time": 1}}, "time is not a known key. Did you mean 'times'?"),
        ({"churn": {"insert": "x"}}, "insert must be a number from 0 to 1000, not 'x'"),
        ({"faults": "F27:GET /Tickts"}, "Did you mean '/Tickets'?"),
        ({"seed": "x"}, "takes an integer, not 'x'"),
        ({"tickets": -1}, "takes an integer, not -1"),
        ({"churn": 5}, "takes Churn("),
        ({"rate_limit": "fast"}, "takes RateLimit(300, 300)"),
        ({"rate_limit": 5}, "takes RateLimit(300, 300)"),
        ({"scope": ["a"]}, "takes one string"),
        ({"tenants": 5}, "takes names"),
        ({"fault": []}, "has no option 'fault'. Did you mean 'faults'?"),
    ],
)
def test_a_wrong_mark_is_one_sentence_with_the_mend(given: dict[str, Any], mend: str) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        _options(request_with(**given))
    assert mend in str(caught.value)
    assert "\n" not in str(caught.value)


def test_options_by_position_are_refused() -> None:
    with pytest.raises(pytest.UsageError, match="takes its options by name"):
        _options(request_with(5))
