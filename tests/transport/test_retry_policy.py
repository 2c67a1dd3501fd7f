from __future__ import annotations

import pytest

from halo_async.transport.retry_policy import (
    FailureKind,
    IdempotencyClass,
    RetryBudget,
    failure_kind_of,
    idempotency_of,
    retry_rule,
)

READ, DELETE, WRITE = IdempotencyClass.READ, IdempotencyClass.DELETE, IdempotencyClass.WRITE


def ask(
    condition: FailureKind,
    verb: IdempotencyClass,
    *,
    earlier: int = 0,
    asked: bool = False,
    path: str = "/Tickets",
) -> bool:
    return retry_rule(condition, verb, path, earlier=earlier, asked=asked)


@pytest.mark.parametrize(
    ("condition", "read", "delete", "write"),
    [
        (FailureKind.NOT_SENT, True, True, True),
        (FailureKind.UNTRUSTED, False, False, False),
        (FailureKind.NO_RESPONSE, True, True, False),
        (FailureKind.BUSY, True, True, False),
        (FailureKind.UNAVAILABLE, True, True, False),
        (FailureKind.SERVER_ERROR, True, False, False),
        (FailureKind.GATEWAY, True, False, False),
        (FailureKind.THROTTLED, True, True, True),
        (FailureKind.UNDECODABLE, True, False, False),
        (FailureKind.TOO_LARGE, False, False, False),
        (FailureKind.FINAL, False, False, False),
    ],
)
def test_what_is_tried_again_depends_on_how_harmful_a_repeat_is(condition, read, delete, write) -> None:
    assert [ask(condition, verb) for verb in IdempotencyClass] == [read, delete, write]


def test_every_condition_has_a_rule_for_every_verb() -> None:
    assert all(
        isinstance(ask(condition, verb), bool) for condition in FailureKind for verb in IdempotencyClass
    )


@pytest.mark.parametrize(
    ("condition", "most"),
    [
        (FailureKind.SERVER_ERROR, 2),
        (FailureKind.GATEWAY, 1),
        (FailureKind.UNDECODABLE, 2),
        (FailureKind.NO_RESPONSE, 4),
        (FailureKind.BUSY, 6),
    ],
)
def test_a_read_is_tried_again_only_so_often(condition, most) -> None:
    assert ask(condition, READ, earlier=most - 1)
    assert not ask(condition, READ, earlier=most)


def test_a_write_is_repeated_after_503_only_when_the_server_asks_for_it() -> None:
    assert ask(FailureKind.UNAVAILABLE, WRITE, asked=True)
    assert not ask(FailureKind.UNAVAILABLE, WRITE, asked=False)


@pytest.mark.parametrize("path", ["/Report", "/report/7", "/REPORT/7/x"])
def test_a_report_that_the_gateway_cut_is_never_repeated(path) -> None:
    assert not ask(FailureKind.GATEWAY, READ, path=path)
    assert ask(FailureKind.GATEWAY, READ, path="/ReportSchedule")


@pytest.mark.parametrize(
    ("status", "condition"),
    [
        (408, FailureKind.BUSY),
        (425, FailureKind.BUSY),
        (429, FailureKind.THROTTLED),
        (500, FailureKind.SERVER_ERROR),
        (502, FailureKind.BUSY),
        (503, FailureKind.UNAVAILABLE),
        (504, FailureKind.GATEWAY),
        (302, FailureKind.FINAL),
        (400, FailureKind.FINAL),
        (501, FailureKind.FINAL),
        (599, FailureKind.FINAL),
    ],
)
def test_a_status_stands_for_a_condition(status, condition) -> None:
    assert failure_kind_of(status) is condition


def test_the_caller_can_declare_a_write_repeatable() -> None:
    assert idempotency_of("POST", "auto") is WRITE
    assert idempotency_of("POST", "always") is READ
    assert idempotency_of("DELETE", "auto") is DELETE
    assert idempotency_of("GET", "auto") is READ


def test_the_budget_is_used_up_after_35_repeats_and_comes_back_with_success() -> None:
    budget = RetryBudget()
    taken = 0
    while budget.take(RetryBudget.RETRY):
        taken += 1
    assert taken == 35
    budget.give_back(RetryBudget.RETRY)
    assert budget.take(RetryBudget.RETRY)
    assert not budget.take(RetryBudget.RETRY)


def test_the_budget_never_grows_beyond_its_size() -> None:
    budget = RetryBudget()
    budget.give_back(1000)
    assert not budget.take(RetryBudget.CAPACITY + 1)
    assert budget.take(RetryBudget.CAPACITY)
