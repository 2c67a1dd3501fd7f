"""Downloads: the transport's receiver of the responses."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from halo_async._utils.threads import run_in_thread
from halo_async.errors import DecodeError, InvalidRequestError, ResponseTooLargeError
from halo_async.resources.attachments.file_names import name_from_headers, safe_name
from halo_async.resources.attachments.partial_file import FileOrigin, PartialFile, exists

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml+xml", "application/json", "text/json", "application/problem+json")
"""Content types received instead of a file: a login page, an error."""


@attrs.frozen
class Downloaded:
    """A downloaded file."""

    path: Path
    size: int
    """Bytes."""
    name: str | None
    """Halo's name of the file, if given; `path` has its sanitized form if only a folder was given."""
    content_type: str
    continued: int = 0
    """Number of bytes that an interrupted download had already stored."""


@attrs.frozen
class DownloadTarget:
    """Destination of a download: a file, or a folder in which the file gets Halo's name."""

    folder: Path
    name: str | None
    otherwise: str
    """Name in a folder if Halo gives none, and of the partial file."""
    overwrite: bool = False

    def target(self, said: str | None) -> Path:
        """Return the path of the finished file.

        :raises FileExistsError: it exists and must not be overwritten.
        """
        target = self.folder / (self.name or safe_name(said, self.otherwise))
        if target.exists() and (target.is_dir() or not self.overwrite):
            raise exists(target)
        return target


def download_target(to: str | os.PathLike[str], otherwise: str, *, overwrite: bool) -> DownloadTarget:
    """Return the destination of a path: a folder if one exists, or if the path ends like one.

    :raises InvalidRequestError: the folder does not exist.
    :raises FileExistsError: the file exists.
    """
    path = Path(to)
    is_folder = path.is_dir() or os.fspath(to).endswith(("/", os.sep))
    place = (
        DownloadTarget(path, None, otherwise)
        if is_folder
        else DownloadTarget(path.parent, path.name, path.name)
    )
    place = DownloadTarget(place.folder, place.name, place.otherwise, overwrite)
    if not place.folder.is_dir():
        raise InvalidRequestError(f"{place.folder} is not a folder. Create it first.")
    if place.name:
        place.target(None)
    return place


class FileReceiver:
    """Receiver of one download, over all its attempts."""

    def __init__(self, place: DownloadTarget, part: PartialFile, url: str, max_bytes: int) -> None:
        self._place = place
        self._part = part
        self._url = url
        self._max_bytes = max_bytes
        self._asked = 0
        self._begun = part.size
        self._kind = ""
        self.downloaded: Downloaded | None = None

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return headers that request the rest of a partial file, if it is still the same file."""
        origin = self._part.origin
        self._asked = self._part.size if origin is not None and origin.total is not None else 0
        if origin is None or not self._asked:
            return ()
        validator = origin.validator
        return (("Range", f"bytes={self._asked}-"), *((("If-Range", validator),) if validator else ()))

    def wants(self, status: int, headers: Mapping[str, str]) -> bool:
        """Return whether it is a file: it has a Content-Disposition, or is neither a page nor JSON."""
        if status == 206:
            return bool(self._asked)
        if status != 200:
            return False
        kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return "Content-Disposition" in headers or bool(kind and kind not in _PAGES)

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """See `Receiver.begin`."""
        origin = _origin(self._url, headers)
        self._kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self._place.target(origin.name)
        if status == 206:
            await self._continue(headers, origin)
            return
        if origin.total is None and not _has_an_end(headers):
            raise DecodeError(
                "The response has no Content-Length, so a truncated download cannot be detected."
            )
        if origin.total is not None and origin.total > self._max_bytes:
            raise self._too_large()
        self._begun = 0
        await run_in_thread(self._part.restart, origin)

    async def _continue(self, headers: Mapping[str, str], origin: FileOrigin) -> None:
        encoded = headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
        if encoded or not self._is_the_rest(headers.get("Content-Range", ""), origin.validator):
            await run_in_thread(self._part.restart, FileOrigin(self._url))
            raise DecodeError("The received part is not the requested one.")

    def _is_the_rest(self, content_range: str, validator: str | None) -> bool:
        kept, found = self._part.origin, _RANGE.fullmatch(content_range.strip())
        if kept is None or kept.total is None or found is None:
            return False
        first, last, total = map(int, found.groups())
        whole = (first, last, total) == (self._asked, kept.total - 1, kept.total)
        return whole and (kept.validator is None or validator in (None, kept.validator))

    def add(self, chunk: bytes) -> None:
        """See `Receiver.add`."""
        if self._part.size + len(chunk) > self._max_bytes:
            raise self._too_large()
        self._part.write(chunk)

    def _too_large(self) -> ResponseTooLargeError:
        self._part.remove()
        return ResponseTooLargeError(
            f"The file is larger than {self._max_bytes} bytes. Raise max_bytes= to accept it."
        )

    async def end(self) -> None:
        """See `Receiver.end`."""
        origin = self._part.origin
        assert origin is not None
        if origin.total is not None and self._part.size != origin.total:
            await run_in_thread(self._part.restart, FileOrigin(self._url))
            raise DecodeError(f"Received {self._part.size} of {origin.total} bytes.")
        target = self._place.target(origin.name)
        await run_in_thread(self._part.settle, target, overwrite=self._place.overwrite)
        self.downloaded = Downloaded(target, self._part.size, origin.name, self._kind, self._begun)

    async def refused(self, headers: Mapping[str, str]) -> bool:
        """See `Receiver.refused`. A range past the end of the same file means that it is complete."""
        origin = self._part.origin
        whole = headers.get("Content-Range", "").strip() == f"bytes */{self._part.size}"
        if origin is not None and origin.total == self._part.size and whole:
            await self.end()
            return True
        await run_in_thread(self._part.restart, FileOrigin(self._url))
        return False


def _origin(url: str, headers: Mapping[str, str]) -> FileOrigin:
    encoded = headers.get("Content-Encoding", "identity").lower() not in ("", "identity")
    length = headers.get("Content-Length", "")
    total = int(length) if length.isascii() and length.isdigit() and not encoded else None
    return FileOrigin(
        url, total, _validator(headers), name_from_headers(headers.get("Content-Disposition", ""))
    )


def _validator(headers: Mapping[str, str]) -> str | None:
    """Return a valid value for If-Range: a strong ETag, or a date."""
    etag = headers.get("ETag", "").strip()
    if etag.startswith('"') and etag.endswith('"') and len(etag) > 2 and etag.isascii():
        return etag
    return headers.get("Last-Modified", "").strip() or None


def _has_an_end(headers: Mapping[str, str]) -> bool:
    """Return whether truncation would be detected: chunked and gzip bodies mark their end."""
    chunked = "chunked" in headers.get("Transfer-Encoding", "").lower()
    return chunked or "gzip" in headers.get("Content-Encoding", "").lower()
