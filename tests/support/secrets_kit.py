"""What a canary must never be seen in, and how it is looked for."""

from __future__ import annotations

import io
import os
import pickle
import traceback
from collections.abc import Iterator

from rich.console import Console
from rich.traceback import Traceback

from halo_async._utils.tracebacks import causes_of
from halo_async.errors import HaloError
from tests.support.scripted_server import SECRET, TOKEN

TESTS = os.path.dirname(os.path.dirname(__file__))
CANARIES = (SECRET, TOKEN, "canary-query", "canary-body", "canary-header", "canary-proxy", "canary-refresh")


def without_test_frames(error: BaseException) -> BaseException:
    """The frames of the test itself hold the canaries, of course."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(TESTS):
        frames = frames.tb_next
    return error.with_traceback(frames)


def rich_text(error: BaseException) -> str:
    out = io.StringIO()
    console = Console(file=out, width=300, color_system=None)
    shown = Traceback.from_exception(
        type(error), error, error.__traceback__, show_locals=True, locals_max_string=10_000
    )
    console.print(shown)
    return out.getvalue()


def locals_of(error: BaseException) -> Iterator[str]:
    frames = error.__traceback__
    while frames is not None:
        yield repr(frames.tb_frame.f_locals)
        frames = frames.tb_next


def everything_shown(error: BaseException) -> str:
    without_test_frames(error)
    shown = [str(error), repr(error), rich_text(error)]
    capture = traceback.TracebackException.from_exception(error, capture_locals=True)
    shown.extend(capture.format())
    for seen in causes_of(error):
        shown.append(repr(seen) + repr(vars(seen)) + repr(getattr(seen, "__notes__", "")))
        shown.append(repr(getattr(getattr(seen, "request_info", None), "headers", "")))
        shown.extend(locals_of(seen))
    if isinstance(error, HaloError):
        shown.append(repr(pickle.dumps(error)))
    return "\n".join(shown)


def assert_clean(text: str) -> None:
    found = [canary for canary in CANARIES if canary in text]
    places = [text[max(0, text.index(canary) - 1500) :][:1700] for canary in found]
    assert not found, f"{found} in: {places}"
