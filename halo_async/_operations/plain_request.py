"""`Halo.request`: any call of the API, also one that no document knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._operations.common_mistakes import called_as
from halo_async._operations.resource import merge_options
from halo_async._operations.response_decoding import decode_any, successful
from halo_async._operations.serialization import encode_json
from halo_async.errors import InvalidRequestError
from halo_async.transport.types import Request
from halo_async.transport.urls import below_api, check_method


@called_as('request("GET", "/Tickets")')
async def request(
    self: Any,
    method: str,
    path: str,
    *,
    params: Mapping[str, Any] | None = None,
    json: Any = None,
) -> Any:
    """Any call of the API, also one that no document knows.

    ```python
    me = await halo.request("GET", "/Agent/me")
    print(me["name"])
    ```

    :param path: relative to `/api`, such as `/Tickets/5`.
    :param json: records, mappings, lists or plain values; None for no body.
    :param method: `GET`, `POST`, `PUT`, `PATCH`, `DELETE`, `HEAD` or `OPTIONS`, in any case.
    :param params: query parameters; a list of values is sent as one comma-separated string.
    :returns: JSON as plain Python, other text as `str`, other content as `bytes`, nothing as None.
    :raises InvalidRequestError: no such method, or the path leads elsewhere or has a query of its own.
    """
    if not isinstance(method, str) or not isinstance(path, str):
        raise InvalidRequestError('request() takes a method and a path. Call request("GET", "/Tickets").')
    check_method(method.upper())
    options = merge_options(self.options, params=params)
    request = Request(
        method=method.upper(),
        path=below_api(path),
        query=options.params,
        body=None if json is None else encode_json(json),
        headers=options.headers,
        timeout=options.timeout,
        retry=options.retry,
    )
    return await self.transport.send(
        request, decode_any if request.method in ("GET", "HEAD") else successful(decode_any)
    )
