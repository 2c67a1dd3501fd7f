"""Medians, spreads, and when there is no number."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.core.figures import WIDEST, Figure, differences, exactly, missing, number, of_runs, ratios
from benchmarks.core.growth import exponent, growth_row
from benchmarks.core.lines import Line, judged
from benchmarks.core.svg import Bar, bars


def test_a_figure_is_the_median_with_the_quartiles() -> None:
    figure = of_runs([100, 102, 101, 99, 103], "ms")
    assert (figure.median, figure.low, figure.high, figure.runs) == (101, 100, 102, 5)
    assert figure.spread == pytest.approx(2 / 101)
    assert (figure.text, figure.spread_text) == ("101 ms", "2.0%")


def test_one_wild_run_among_many_does_not_move_the_figure() -> None:
    assert of_runs([10.0] * 9 + [1000.0]).median == 10


def test_too_wide_a_spread_says_so_instead_of_a_number() -> None:
    figure = of_runs([10, 10, 12, 12], "s")
    assert figure.median is None
    assert figure.text == "spread too wide (18%)"
    assert figure.spread_text == "10 to 12 s"


@given(st.lists(st.floats(1, 1e9), min_size=1, max_size=30))
def test_a_number_is_given_exactly_where_the_quartiles_are_near(runs: list[float]) -> None:
    figure = of_runs(runs)
    if figure.median is None:
        middle = of_runs(runs, floor=1e12).median
        assert middle is not None
        assert figure.high - figure.low > WIDEST * middle
    else:
        assert figure.low <= figure.median <= figure.high
        assert figure.high - figure.low <= WIDEST * figure.median


def test_what_is_nearly_nothing_may_wobble_by_a_fixed_amount() -> None:
    assert of_runs([1.0, 2.0, 3.0], "ms").median is None
    assert of_runs([1.0, 2.0, 3.0], "ms", floor=4).median == 2


def test_turns_are_compared_with_themselves_so_that_a_slow_time_of_the_machine_cancels() -> None:
    assert ratios([10, 100, 20], [20, 200, 40]).median == 0.5
    assert differences([11, 101, 21], [10, 100, 20], "ms", floor=0).median == 1


def test_one_run_tells_no_spread_and_counting_needs_none() -> None:
    assert of_runs([5.0]).spread is None
    assert of_runs([5.0]).spread_text == "one run"
    assert exactly(5).spread_text == "exact"


@pytest.mark.parametrize(
    "figure", [of_runs([1.0, 1.0, 1.01], "ms"), exactly(3), missing("no"), of_runs([1, 9, 20])]
)
def test_a_figure_survives_json(figure: Figure) -> None:
    assert Figure.from_json(figure.as_json()) == figure


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (1234567.8, "1,234,568"), (123.4, "123"), (0.9012, "0.901"), (12, "12"), (2.5, "2.50")],
)
def test_numbers_have_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("bound", "value", "verdict"),
    [
        ("at least", 0.9, "met"),
        ("at least", 0.89, "missed"),
        ("at most", 0.9, "met"),
        ("at most", 0.91, "missed"),
    ],
)
def test_a_target_is_met_or_missed(bound: str, value: float, verdict: str) -> None:
    assert Line("x", bound, 0.9, exactly(value)).verdict == verdict  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "verdict"), [(9, "missed"), (20, "unclear"), (40, "met")], ids=["below", "among", "above"]
)
def test_quartiles_decide_where_the_spread_is_too_wide_for_a_number(target: float, verdict: str) -> None:
    measured = of_runs([10, 20, 30])
    assert measured.median is None
    assert Line("x", "at most", target, measured).verdict == verdict


def test_a_target_that_was_not_measured_is_not_missed() -> None:
    assert Line("x", "at most", 1, missing("not installed")).verdict == "not measured"


def test_only_a_missed_line_is_profiled() -> None:
    assert judged(Line("x", "at most", 1, exactly(2)), lambda: "all in f()").because == "all in f()"
    assert judged(Line("x", "at most", 1, exactly(1)), pytest.fail).because == ""


def test_the_exponent_of_linear_growth_is_1_and_of_none_0() -> None:
    assert exponent((1, 10, 100), [[1, 1], [7, 8], [70, 80]]).median == pytest.approx(1)
    assert exponent((1, 10, 100), [[40], [40], [40]]).median == 0
    assert exponent((1, 10, 100), [[1], [10], [1000]]).median == pytest.approx(2)


def test_growth_without_the_largest_work_has_no_exponent() -> None:
    *_, largest, slope = growth_row((1, 10, 100), [[1], [10], []], "s")
    assert largest.median is None
    assert slope.median is None


def test_a_bar_without_a_number_fades_out_between_its_quartiles() -> None:
    drawn = bars("t", "s", [Bar("a", None, "2 to 4", within=(2.0, 4.0)), Bar("b", 4.0, "4")])
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height="22"', drawn)]
    assert widths[0] == widths[1] == widths[2] / 2
    assert drawn.count("opacity") == 1
