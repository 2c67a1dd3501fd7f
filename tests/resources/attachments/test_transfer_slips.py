"""Slips of the hand in `upload` and `download`: one sentence that names the fix, and nothing sent."""

from __future__ import annotations

import pytest

from halo_async.errors import HaloError


@pytest.mark.parametrize(
    ("file", "options", "said"),
    [
        (None, {}, "the path of a file, or its content as bytes"),
        (5, {}, "the path of a file, or its content as bytes"),
        ("", {}, "the path of a file, or its content as bytes"),
        ("a\0b", {}, "the path of a file, or its content as bytes"),
        ("/dev/zero", {}, "is not a file"),
        (b"x", {"max_bytes": "2"}, "max_bytes must be an integer"),
        (b"x", {"max_bytes": None}, "max_bytes must be an integer"),
        (b"x", {"presigned_hosts": "*.example"}, "presigned_hosts must be a tuple of names"),
    ],
)
async def test_upload_names_what_to_give(emulator, halo, file, options, said):
    with pytest.raises(HaloError, match=said):
        await halo.attachment.upload(file, ticket_id=1, filename="a.txt", **options)
    assert not emulator.requests("POST /Attachment")


async def test_download_wants_a_number_of_bytes(emulator, halo, tmp_path):
    with pytest.raises(HaloError, match="max_bytes must be an integer"):
        await halo.attachment.download(1, to=tmp_path, max_bytes="many")
    assert not emulator.requests("GET /Attachment/{id}")
