from __future__ import annotations

import pytest

from halo_async._utils.backoff import LONGEST_BACKOFF, backoff, jittered, retry_after

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (" 7 ", 7.0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:50", 30.0),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("Thu, 14 Nov 2024 22:13:20 GMT", 366 * 86400.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("", None),
        ("soon", None),
        ("Tue, 14 Nov 100000 22:13:20 GMT", None),
        ("Tue, 99 Nov 2023 22:13:20 GMT", None),
        ("\u0663", 3.0),
    ],
)
def test_retry_after_is_read_in_every_form(text, seconds) -> None:
    assert retry_after({"Retry-After": text}, NOW) == seconds


def test_a_date_is_compared_with_the_servers_own_clock() -> None:
    headers = {"Retry-After": "Mon, 01 Jan 2001 00:00:10 GMT", "Date": "Mon, 01 Jan 2001 00:00:00 GMT"}
    assert retry_after(headers, NOW) == 10.0


def test_a_senseless_date_of_the_server_does_not_count() -> None:
    headers = {"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT", "Date": "yesterday"}
    assert retry_after(headers, NOW) == 30.0


def test_no_header_means_nothing_was_asked() -> None:
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize("retry", [0, 1, 5, 6, 60, 10_000])
def test_backoff_is_anything_up_to_a_doubling_bound(retry) -> None:
    bound = min(LONGEST_BACKOFF, 0.5 * 2.0 ** min(retry, 50))
    assert backoff(retry, lambda: 0.0) == 0.0
    assert backoff(retry, lambda: 1.0) == bound


def test_a_time_that_was_asked_for_is_a_lower_bound() -> None:
    assert jittered(10.0, lambda: 0.0) == 10.0
    assert jittered(10.0, lambda: 1.0) == pytest.approx(11.0)
