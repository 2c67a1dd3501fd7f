"""Upload by a presigned URL: Halo provides a URL at a store, the file is sent there, and Halo is notified.

The document has the two operations (`GetS3PresignedURL`, `PresignedURLUploadComplete`) and their
parameters. Their responses are in no public source: the place of the URL in the first response, and that
the second contains the attachment, are guesses.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4
from weakref import WeakSet

from halo_async._operations.response_decoding import decode_any, successful
from halo_async._operations.serialization import encode_json
from halo_async._utils.secret import Secret
from halo_async.errors import ApiError, InvalidRequestError, UnknownOutcomeError
from halo_async.records.record import wrap
from halo_async.resources.attachments.sources import FileSource, RawBody
from halo_async.transport.streaming.presigned_put import STORES, check_elsewhere, put
from halo_async.transport.streaming.protocols import StreamStoppedError
from halo_async.transport.types import Request
from halo_async.writing.record_ids import own_id
from halo_async.writing.record_keys import record_class

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource
    from halo_async.transport.transport import Transport

logger = logging.getLogger("halo_async.resources.attachments")
ASK = "/Attachment/GetS3PresignedURL"
DONE = "/Attachment/PresignedURLUploadComplete"
_KNOWN = {"filename": "filename", "ticket_id": "ticket_id", "type": "type", "unique_id": "unique_id",
          "note": "atnote", "desc": "atdesc", "parent_id": "atparentid"}  # fmt: skip
"""Fields of an attachment that a presigned upload can carry = their names here (documented)."""
_NAMES = ("presignedurl", "presigned_url", "url", "s3url", "uploadurl", "upload_url")
"""Names under which the URL may be found (guess), case-insensitive."""
_without: WeakSet[Any] = WeakSet()
"""Clients whose instance does not offer presigned uploads: each is asked once."""


async def upload_presigned(
    resource: Resource,
    source: FileSource,
    fields: Mapping[str, Any],
    hosts: tuple[str, ...] | None,
    *,
    needed: bool,
) -> Any | None:
    """Return the record; None if the file cannot be uploaded this way and does not have to be.

    :raises InvalidRequestError: it has to be, and cannot.
    """
    transport = cast("Transport", resource.sender)
    if not needed and (transport in _without or fields.keys() - _KNOWN.keys() or transport.dry_run.active):
        return None
    asked = _asked(source, fields)
    try:
        address = await _address(resource, asked)
        if not isinstance(address, Secret):
            return address
        check_elsewhere(address, transport.instance, STORES if hosts is None else hosts)
    except (ApiError, UnknownOutcomeError, InvalidRequestError) as error:
        if needed:
            raise
        logger.info("no presigned upload: %s", error)
        if hosts is None:
            _without.add(transport)
        return None
    try:
        await put(transport, address, RawBody(source))
    except StreamStoppedError as stop:
        raise stop.reason.with_traceback(None) from None  # its frames hold the file's content
    return _take_record(resource, await _post(resource, DONE, asked))


def _asked(source: FileSource, fields: Mapping[str, Any]) -> dict[str, Any]:
    """:raises InvalidRequestError: a field that a presigned upload cannot carry."""
    odd = sorted(fields.keys() - _KNOWN.keys())
    if odd:
        raise InvalidRequestError(f'A presigned upload cannot send {", ".join(odd)}. Use route="json".')
    told = {_KNOWN[name]: value for name, value in fields.items()}
    return {**told, "originalfilename": fields["filename"], "filesize": source.size, "_tempid": str(uuid4())}


async def _address(resource: Resource, asked: Mapping[str, Any]) -> Any:
    """Return the URL; in a dry run the prepared request."""
    response = await _post(resource, ASK, asked)
    if not isinstance(response, str | list | dict | None):
        return response
    found = next(_addresses(response), None)
    if found is None:
        raise InvalidRequestError('The instance returned no address to send a file to. Use route="json".')
    return Secret(found)


def _addresses(response: Any) -> Iterator[str]:
    if isinstance(response, str) and "://" in response:
        yield response
    if isinstance(response, list):
        for item in response:
            yield from _addresses(item)
    if isinstance(response, dict):
        folded = {name.lower(): value for name, value in response.items()}
        for name in _NAMES:
            yield from _addresses(folded.get(name))


async def _post(resource: Resource, path: str, asked: Mapping[str, Any]) -> Any:
    options = resource.options
    request = Request(
        "POST",
        path,
        query=options.params,
        body=encode_json([asked]),
        headers=options.headers,
        timeout=options.timeout,
        retry=options.retry,
    )
    return await resource.sender.send(request, successful(decode_any))


def _take_record(resource: Resource, response: Any) -> Any:
    from halo_async.resources.attachments.upload import NOT_SAID

    one = response[0] if isinstance(response, list) and len(response) == 1 else response
    if isinstance(one, dict) and own_id(one) is not None:
        return wrap(record_class(cast(Any, type(resource))), one)
    raise UnknownOutcomeError(NOT_SAID)
