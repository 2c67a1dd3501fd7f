"""Sending of files from the emulator, whole or in part, chunked if large; and uploads to its store."""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import web

from halo_async.emulator.files.content import FileContent
from halo_async.emulator.files.file_store import UploadedFiles
from halo_async.emulator.reply import Reply, empty, text_reply

LARGE = 8 * 2**20
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def sent(
    shelf: UploadedFiles, content: FileContent, asked: Mapping[str, str], headers: dict[str, str]
) -> Reply:
    """Return a file, or its part from an offset to the end, if the shelf allows ranges.

    :param asked: the request's headers, in lower case.
    """
    if shelf.ranges:
        headers["Accept-Ranges"] = "bytes"
    if shelf.validators:
        headers["ETag"] = f'"{content.tag}"'
    start = _parse_range(asked) if shelf.ranges and _same(asked.get("if-range"), headers.get("ETag")) else 0
    if start >= content.size > 0:
        return Reply(416, headers={"Content-Range": f"bytes */{content.size}"})
    if start:
        headers["Content-Range"] = f"bytes {start}-{content.size - 1}/{content.size}"
    reply = Reply(206 if start else 200, b"", "application/octet-stream", headers)
    if content.size - start > LARGE:
        reply.stream = lambda: content.pieces(start)
        reply.length = content.size - start
    else:
        reply.body = b"".join(content.pieces(start))
    return reply


def _same(wanted: str | None, tag: str | None) -> bool:
    return wanted is None or wanted == tag


def _parse_range(asked: Mapping[str, str]) -> int:
    """Support only ranges to the end: others get the whole file, as the standard allows."""
    found = _RANGE.fullmatch(asked.get("range", ""))
    return int(found[1]) if found and not found[2] else 0


async def write(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Send a large response."""
    assert reply.stream is not None
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_type = reply.content_type
    response.content_length = reply.length
    await response.prepare(request)
    for piece in reply.stream():
        await response.write(piece)
    await response.write_eof()
    return response


async def put(request: web.BaseRequest, shelf: UploadedFiles) -> Reply:
    """Store behind the upload URLs: behaves on PUT like Amazon's, as far as clients see it."""
    slot = shelf.slots.get(request.path.rpartition("/")[2])
    if request.method != "PUT" or slot is None or request.rel_url.query.get("X-Amz-Signature") != slot.key:
        return text_reply("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403, "application/xml")
    if "Authorization" in request.headers:
        return text_reply("<Error><Code>InvalidArgument</Code></Error>", 400, "application/xml")
    if request.content_length is None:
        return text_reply("<Error><Code>MissingContentLength</Code></Error>", 411, "application/xml")
    path = shelf.new_path()
    with path.open("wb") as file:
        async for piece in request.content.iter_any():
            file.write(piece)
    slot.content = shelf.content(shelf.keep_file(path))
    return empty(200)
