"""Implementation of `download`, from the call to the file on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from halo_async._operations.operation import bind
from halo_async._operations.request_builder import build_request
from halo_async._operations.resource import operation_of
from halo_async._utils.threads import run_in_thread
from halo_async._utils.validation import check_whole_number
from halo_async.errors import UnexpectedContentTypeError
from halo_async.resources.attachments.file_names import safe_name
from halo_async.resources.attachments.partial_file import PartialFile
from halo_async.resources.attachments.receiver import Downloaded, FileReceiver, download_target
from halo_async.transport.streaming.protocols import StreamStoppedError
from halo_async.transport.types import Request, Response

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource
    from halo_async.transport.transport import Transport


async def download(
    resource: Resource,
    id: int,
    parameters: Mapping[str, Any],
    *,
    to: str | os.PathLike[str],
    overwrite: bool,
    max_bytes: int,
) -> Downloaded:
    """See `AttachmentFiles.download`."""
    check_whole_number("max_bytes", max_bytes)
    operation = operation_of(resource, "get")
    request = build_request(operation, bind(operation, (id,), parameters), resource.options)
    place = download_target(to, safe_name(f"attachment-{id}", "attachment"), overwrite=overwrite)
    part = PartialFile(place.folder, place.otherwise)
    sender = cast("Transport", resource.sender)
    url = _identity(sender.data_of, request)
    try:
        await run_in_thread(part.open, url)
        incoming = FileReceiver(place, part, url, max_bytes)
        return await sender.stream(request, _finished(incoming), receiver=incoming)
    except StreamStoppedError as stop:
        raise stop.reason.with_traceback(None) from None  # its frames hold the file's content
    finally:
        part.close()


def _identity(data_of: str, request: Request) -> str:
    """Return the identity of a file: its owner, the path, and the query without its credentials."""
    query = "&".join(f"{name}={value}" for name, value in request.query if name != "token")
    return f"{data_of} {request.path}?{query}"


def _finished(incoming: FileReceiver) -> Any:
    def decode(response: Response) -> Downloaded:
        if incoming.downloaded is not None:
            return incoming.downloaded
        from halo_async.transport.error_messages import summarise_error

        said = summarise_error(response.body).text
        raise UnexpectedContentTypeError(
            f"Expected a file, got {response.content_type or 'an untyped document'}: {said!r}."
        )

    return decode
