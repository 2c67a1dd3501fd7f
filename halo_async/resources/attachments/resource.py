"""`halo.attachment.upload` and `halo.attachment.download`.

Known from Halo's own clients: a file is uploaded as `data_base64` in `POST /Attachment` and downloaded as
raw bytes with a Content-Disposition from `GET /Attachment/{id}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from halo_async._operations.common_mistakes import called_as
from halo_async._operations.resource import Resource

if TYPE_CHECKING:
    import os

    from halo_async.models import Attachment
    from halo_async.resources.attachments.receiver import Downloaded

LIMIT = 256 * 1024 * 1024
"""Default maximum bytes of an upload; an instance may have a lower limit of its own."""
LARGEST = 2 * 1024 * 1024 * 1024
"""Default maximum bytes of a download."""

Route = Literal["auto", "json", "presigned"]


class AttachmentFiles(Resource):
    """Methods of `halo.attachment` in addition to its operations."""

    @called_as('upload("photo.png", ticket_id=5)')
    async def upload(
        self,
        file: str | os.PathLike[str] | bytes | bytearray | memoryview,
        *,
        ticket_id: int | None = None,
        action_id: int | None = None,
        filename: str | None = None,
        max_bytes: int = LIMIT,
        route: Route = "auto",
        presigned_hosts: tuple[str, ...] | None = None,
        **fields: Any,
    ) -> Attachment:
        """Attach a file and return the record that Halo created.

        Never more than a few MB of it are in memory. It is not retried automatically: if its outcome is not
        known, `UnknownOutcomeError` says so.

        ```python
        attachment = await halo.attachment.upload(b"pH 7", filename="reading.txt", ticket_id=1)
        ```

        :param file: the path of a file, or its bytes.
        :param action_id: id of an action of the ticket; Halo requires `ticket_id` with it.
        :param filename: its name in Halo; needed with bytes.
        :param max_bytes: refuse a larger file before anything is sent.
        :param route: `"json"`: base64 in one request; `"presigned"`: to a URL that Halo provides;
            `"auto"`: to such a URL for a file of more than 20 MB if the instance supports it.
        :param presigned_hosts: hosts allowed in such a URL; only Amazon S3 by default.
        :param fields: any other field of an attachment, such as `note`, `type` or `unique_id`.
        :raises InvalidRequestError: the file does not exist, is too large, has no name, or changed during
            the upload.
        :raises TypeError: a name is not a field of an attachment.
        :raises UnknownOutcomeError: no response was received: check whether the file exists before
            retrying.
        """
        from halo_async._utils.threads import run_in_thread
        from halo_async._utils.validation import check_whole_number
        from halo_async.resources.attachments.sources import file_source
        from halo_async.resources.attachments.upload import upload
        from halo_async.transport.streaming.presigned_put import check_hosts

        check_whole_number("max_bytes", max_bytes)
        check_hosts(presigned_hosts)
        # Bytes need no thread, and a cancelled wait for one would show them among the locals of its frames.
        in_memory = isinstance(file, bytes | bytearray | memoryview)
        source = file_source(file) if in_memory else await run_in_thread(file_source, file)
        del file  # tracebacks show locals
        given = {"ticket_id": ticket_id, "action_id": action_id, **fields}
        made: Attachment = await upload(
            self,
            source,
            {name: value for name, value in given.items() if value is not None},
            filename=filename,
            max_bytes=max_bytes,
            route=route,
            hosts=presigned_hosts,
        )
        return made

    @called_as('download(12, to="folder")')
    async def download(
        self,
        id: int,
        /,
        *,
        to: str | os.PathLike[str],
        overwrite: bool = False,
        max_bytes: int = LARGEST,
        **parameters: Any,
    ) -> Downloaded:
        """Download a file to disk; use `get` for a small one in memory.

        The file appears under its name when it is complete. A partial download is stored next to it
        as `….halo-part` and resumed by the next download of the same file to the same path.

        ```python
        attachment = await halo.attachment.upload(b"pH 7", filename="reading.txt", ticket_id=1)
        file = await halo.attachment.download(attachment.id, to="reading.txt")
        print(file.path, file.size)
        ```

        :param to: the path of the file, or a folder: then Halo's name is used, sanitized.
        :param max_bytes: stop at a larger file.
        :param parameters: those of `GET /Attachment/{id}`, such as `token`.
        :raises FileExistsError: the file exists and `overwrite` is not set.
        :raises InvalidRequestError: the folder does not exist, or another download is writing the same
            file.
        :raises UnexpectedContentTypeError: a web page or JSON was received instead of the file.
        :raises DecodeError: the file is too large, or a truncated download could not be detected.
        :raises OSError: the disk is full or cannot be written.
        """
        from halo_async.resources.attachments.download import download

        return await download(self, id, parameters, to=to, overwrite=overwrite, max_bytes=max_bytes)
