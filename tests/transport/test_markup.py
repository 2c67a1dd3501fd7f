from __future__ import annotations

import time

import pytest

from halo_async.transport.error_messages import plain_text, summarise_error, visible_text

SIZE = 100_000


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>one</p><p>two</p>", "one two"),
        ("<head><title>t</title></head><body>b<!-- <i>c</i> -->d<SCRIPT>x<y></script >e</body>", "b d e"),
        ("<style>p {}</style>only this", "only this"),
        ("<header>seen</header><scripted>seen too", "seen seen too"),
        ("<head><p>no end of the head", "no end of the head"),
        ("<!-- no end <p>text", "text"),
        ("<5 items are allowed", "<5 items are allowed"),
        ("a < b and <b>c</b>", "a c"),
        ("<p title='İİ'>İx", "i̇x"),
        ("", ""),
    ],
)
def test_the_text_of_a_page_is_what_is_seen(page, text) -> None:
    assert " ".join(visible_text(page).split()) == text


@pytest.mark.parametrize(
    "piece", ["<", "<script>", "<!--", "<head", "<script></style>", "<!-- <p>", "</script", "<a>"]
)
def test_a_page_made_to_be_slow_is_read_in_a_moment(piece) -> None:
    """It was 6 to 22 s of the event loop's time for each of the first three."""
    page = ("<html>" + piece * (SIZE // len(piece))).encode()
    began = time.process_time()
    assert len(plain_text(page)) <= 200
    assert len(summarise_error(page).text) <= 200
    assert time.process_time() - began < 1.0
