"""A call is followed through few files, and nothing is made for a response before there is one."""

from __future__ import annotations

from benchmarks import call_path

FOR_RESPONSES = {
    "pagination/consistency.py",
    "_operations/list_envelope.py",
    "pagination/list_reading.py",
    "pagination/prefetch.py",
    "pagination/row_keys.py",
    "pagination/struct_decoding.py",
    "_operations/response_decoding.py",
    "transport/retry_policy.py",
}


def test_a_list_call_reaches_aiohttp_through_at_most_16_files(capsys) -> None:
    assert call_path.main() == 0
    *files, summary = capsys.readouterr().out.splitlines()
    assert summary == f"{len(files)} files, at most 16"
    assert {"decorators.py", "pagination/pages.py", "transport/limiter.py", "transport/session.py"} <= set(
        files
    )
    assert not FOR_RESPONSES & set(files)
