from __future__ import annotations

import pytest

from halo_async.transport.retry import Budget, Condition, Verb, allowed, condition_of, verb_of

READ, DELETE, WRITE = Verb.READ, Verb.DELETE, Verb.WRITE


def ask(
    condition: Condition, verb: Verb, *, earlier: int = 0, asked: bool = False, path: str = "/Tickets"
) -> bool:
    return allowed(condition, verb, path, earlier=earlier, asked=asked)


@pytest.mark.parametrize(
    ("condition", "read", "delete", "write"),
    [
        (Condition.UNSENT, True, True, True),
        (Condition.UNTRUSTED, False, False, False),
        (Condition.LOST, True, True, False),
        (Condition.BUSY, True, True, False),
        (Condition.UNAVAILABLE, True, True, False),
        (Condition.BROKEN, True, False, False),
        (Condition.GATEWAY, True, False, False),
        (Condition.THROTTLED, True, True, True),
        (Condition.GARBLED, True, False, False),
        (Condition.TOO_LARGE, False, False, False),
        (Condition.FINAL, False, False, False),
    ],
)
def test_what_is_tried_again_depends_on_how_harmful_a_repeat_is(condition, read, delete, write) -> None:
    assert [ask(condition, verb) for verb in Verb] == [read, delete, write]


def test_every_condition_has_a_rule_for_every_verb() -> None:
    assert all(isinstance(ask(condition, verb), bool) for condition in Condition for verb in Verb)


@pytest.mark.parametrize(
    ("condition", "most"),
    [
        (Condition.BROKEN, 2),
        (Condition.GATEWAY, 1),
        (Condition.GARBLED, 2),
        (Condition.LOST, 4),
        (Condition.BUSY, 6),
    ],
)
def test_a_read_is_tried_again_only_so_often(condition, most) -> None:
    assert ask(condition, READ, earlier=most - 1)
    assert not ask(condition, READ, earlier=most)


def test_a_write_is_repeated_after_503_only_when_the_server_asks_for_it() -> None:
    assert ask(Condition.UNAVAILABLE, WRITE, asked=True)
    assert not ask(Condition.UNAVAILABLE, WRITE, asked=False)


@pytest.mark.parametrize("path", ["/Report", "/report/7", "/REPORT/7/x"])
def test_a_report_that_the_gateway_cut_is_never_repeated(path) -> None:
    assert not ask(Condition.GATEWAY, READ, path=path)
    assert ask(Condition.GATEWAY, READ, path="/ReportSchedule")


@pytest.mark.parametrize(
    ("status", "condition"),
    [
        (408, Condition.BUSY),
        (425, Condition.BUSY),
        (429, Condition.THROTTLED),
        (500, Condition.BROKEN),
        (502, Condition.BUSY),
        (503, Condition.UNAVAILABLE),
        (504, Condition.GATEWAY),
        (302, Condition.FINAL),
        (400, Condition.FINAL),
        (501, Condition.FINAL),
        (599, Condition.FINAL),
    ],
)
def test_a_status_stands_for_a_condition(status, condition) -> None:
    assert condition_of(status) is condition


def test_the_caller_can_declare_a_write_repeatable() -> None:
    assert verb_of("POST", "auto") is WRITE
    assert verb_of("POST", "always") is READ
    assert verb_of("DELETE", "auto") is DELETE
    assert verb_of("GET", "auto") is READ


def test_the_budget_is_used_up_after_35_repeats_and_comes_back_with_success() -> None:
    budget = Budget()
    taken = 0
    while budget.take(Budget.RETRY):
        taken += 1
    assert taken == 35
    budget.give_back(Budget.RETRY)
    assert budget.take(Budget.RETRY)
    assert not budget.take(Budget.RETRY)


def test_the_budget_never_grows_beyond_its_size() -> None:
    budget = Budget()
    budget.give_back(1000)
    assert not budget.take(Budget.CAPACITY + 1)
    assert budget.take(Budget.CAPACITY)
