"""From a call of `upload` to the record that Halo creates for the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from halo_async._operations.resource import operation_of
from halo_async.errors import InvalidRequestError, UnknownOutcomeError
from halo_async.records.record import changes
from halo_async.resources.attachments.sources import Base64Body, FileSource, whole
from halo_async.transport.streaming.protocols import StreamStoppedError
from halo_async.transport.types import Request
from halo_async.writing.record_ids import own_id
from halo_async.writing.record_keys import record_class
from halo_async.writing.response_matching import WriteResponse, response_decoder

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource
    from halo_async.resources.attachments.resource import Route
    from halo_async.transport.transport import Transport

SMALL = 256 * 1024
"""Bytes of a file up to which its request is built in one piece, like any other request."""
PRESIGNED_FROM = 20 * 1024 * 1024
"""Bytes from which on an upload by other means than JSON is attempted.

As base64 it is 28 MB: the default limit of a web server like Halo's is 30 MB or 28.6 MiB.
"""

NOT_SAID = (
    "The outcome is unknown: the file was accepted, but the response has no attachment with an id. "
    "List the attachments of the ticket before sending it again."
)


async def upload(
    resource: Resource,
    source: FileSource,
    fields: Mapping[str, Any],
    *,
    filename: str | None,
    max_bytes: int,
    route: Route,
    hosts: tuple[str, ...] | None,
) -> Any:
    """See `AttachmentFiles.upload`."""
    sent = _check_fields(resource, source, {**fields, "filename": filename or source.name}, max_bytes)
    if route not in ("auto", "json", "presigned"):
        raise InvalidRequestError("`route` must be 'auto', 'json' or 'presigned'.")
    if route == "presigned" or (route == "auto" and source.size > PRESIGNED_FROM):
        from halo_async.resources.attachments.presigned import upload_presigned

        made = await upload_presigned(resource, source, sent, hosts, needed=route == "presigned")
        if made is not None:
            return made
    return await _as_json(resource, source, sent)


def _check_fields(
    resource: Resource, source: FileSource, fields: Mapping[str, Any], max_bytes: int
) -> Mapping[str, Any]:
    """Return the fields as they are sent.

    :raises InvalidRequestError: a value that must not be sent.
    :raises TypeError: a name is not a field.
    """
    operation_of(resource, "upsert")
    if not fields["filename"]:
        raise InvalidRequestError("Bytes have no file name. Pass filename=.")
    if source.size > max_bytes:
        raise InvalidRequestError(
            f"{fields['filename']} has {source.size} bytes and the limit is {max_bytes}. Raise max_bytes= to send it."
        )
    odd = {"id", "data_base64", "data", "file"} & fields.keys()
    if odd:
        raise InvalidRequestError(
            f"upload() creates an attachment and sets {', '.join(sorted(odd))} itself. Leave that out."
        )
    return changes(record_class(cast(Any, type(resource)))(**fields))


async def _as_json(resource: Resource, source: FileSource, fields: Mapping[str, Any]) -> Any:
    operation = operation_of(resource, "upsert")
    body = Base64Body(source, fields)
    options = resource.options
    request = Request(
        operation.method,
        operation.path,
        query=options.params,
        body=await whole(body) if source.size <= SMALL else None,
        headers=options.headers,
        timeout=options.timeout,
        retry=options.retry,
    )
    decode = response_decoder(operation)
    if request.body is not None:
        return _take_record(await resource.sender.send(request, decode))
    try:
        return _take_record(await cast("Transport", resource.sender).stream(request, decode, upload=body))
    except StreamStoppedError as stop:
        raise stop.reason.with_traceback(None) from None  # its frames hold the file's content


def _take_record(response: Any) -> Any:
    """The record; whatever else came instead (a prepared request) as it is.

    :raises UnknownOutcomeError: the response does not say what became of the file.
    """
    if not isinstance(response, WriteResponse):
        return response
    records = [record for record in response.records if own_id(record.__dict__) is not None]
    if len({str(record.__dict__["id"]) for record in records}) == 1:
        return records[-1]
    raise UnknownOutcomeError(NOT_SAID)
