"""From a call of `download` to a file on the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from halo_async.checks import whole_number
from halo_async.declaration import bind
from halo_async.errors import UnexpectedContentTypeError
from halo_async.files.incoming import Downloaded, Incoming, place_of
from halo_async.files.names import safe_name
from halo_async.files.partial import Part
from halo_async.mixing import declaration_of
from halo_async.requests import build
from halo_async.threads import to_its_end
from halo_async.transport.streams import Stopped, Streaming
from halo_async.transport.values import Request, Response

if TYPE_CHECKING:
    from halo_async.resource import Resource


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
    whole_number("max_bytes", max_bytes)
    operation = declaration_of(resource, "get")
    request = build(operation, bind(operation, (id,), parameters), resource._options)
    place = place_of(to, safe_name(f"attachment-{id}", "attachment"), overwrite=overwrite)
    part = Part(place.folder, place.otherwise)
    sender = cast(Streaming, resource._sender)
    url = _identity(sender.data_of, request)
    try:
        await to_its_end(part.open, url)
        incoming = Incoming(place, part, url, max_bytes)
        return await sender.stream(request, _finished(incoming), receiver=incoming)
    except Stopped as stop:
        raise stop.reason.with_traceback(None) from None  # its frames hold what is in the file
    finally:
        part.close()


def _identity(data_of: str, request: Request) -> str:
    """What tells one file from all others: whose it is, the path, the query but for what lets somebody in."""
    query = "&".join(f"{name}={value}" for name, value in request.query if name != "token")
    return f"{data_of} {request.path}?{query}"


def _finished(incoming: Incoming) -> Any:
    def decode(response: Response) -> Downloaded:
        if incoming.downloaded is not None:
            return incoming.downloaded
        from halo_async.transport.wording import wording

        said = wording(response.body).text
        raise UnexpectedContentTypeError(
            f"a file was expected, but {response.content_type or 'an untyped document'} came: {said!r}"
        )

    return decode
