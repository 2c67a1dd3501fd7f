"""Reading of a list response: at once, or in pieces if it is large."""

from __future__ import annotations

from collections.abc import Callable

from halo_async._operations.list_envelope import PageData, envelope_reader, joined, row_count
from halo_async.transport.types import AT_ONCE, Response


def list_reader(key: str | None) -> Callable[[Response], PageData]:
    """Return the function that reads a list response whose rows are under `key`.

    :raises DecodeError: (that function) the response is not a list, or it is ambiguous which of its lists
        has the rows.
    """
    read = envelope_reader(key)

    def read_any(response: Response) -> PageData:
        if len(response.body) <= AT_ONCE:
            return read(response)
        from halo_async.pagination.body_pieces import read_in_pieces

        return read_in_pieces(response, key, read, joined, row_count)

    return read_any
