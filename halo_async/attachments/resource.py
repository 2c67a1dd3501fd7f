"""`halo.attachment.upload` and `halo.attachment.download`.

Known from Halo's own clients: a file goes up as `data_base64` in `POST /Attachment` and comes down as raw bytes
with a Content-Disposition from `GET /Attachment/{id}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from halo_async.operations.resource import Resource

if TYPE_CHECKING:
    import os

    from halo_async.attachments.receiver import Downloaded
    from halo_async.models import Attachment

LIMIT = 256 * 1024 * 1024
"""Bytes of a file that goes up, unless told otherwise; an instance may have a lower limit of its own."""
LARGEST = 2 * 1024 * 1024 * 1024
"""Bytes of a file that comes down, unless told otherwise."""

Route = Literal["auto", "json", "presigned"]


class AttachmentFiles(Resource):
    """What `halo.attachment` can do beside its operations."""

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
        """Attach a file, and give back the record that Halo made of it.

        Never more than a few MB of it are held. It is not sent twice by itself: where its outcome is not
        known, `UnknownOutcomeError` says so.

        :param file: the path of a file, or its bytes.
        :param action_id: of one action of the ticket; Halo wants `ticket_id` with it.
        :param filename: its name in Halo; needed with bytes.
        :param max_bytes: refuse a larger file before anything is sent.
        :param route: `"json"`: base64 in one request; `"presigned"`: by an address that Halo gives for it;
            `"auto"`: by such an address for a file of more than 20 MB where the instance offers it.
        :param presigned_hosts: who may be given a file by such an address; Amazon's S3 alone by default.
        :param fields: any other field of an attachment, such as `note`, `type` or `unique_id`.
        :raises InvalidRequestError: there is no such file, it is too large, has no name, or changed meanwhile.
        :raises TypeError: a name is no field of an attachment.
        :raises UnknownOutcomeError: the answer never came: look whether the file is there before repeating it.
        """
        from halo_async._utils.threads import run_in_thread
        from halo_async._utils.validation import check_whole_number
        from halo_async.attachments.sources import file_source
        from halo_async.attachments.upload import upload
        from halo_async.transport.streaming.presigned_put import check_hosts

        check_whole_number("max_bytes", max_bytes)
        check_hosts(presigned_hosts)
        source = await run_in_thread(file_source, file)
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
        """Bring a file down to the disk; for a small one in memory there is `get`.

        The file appears under its name when it is whole. What came of one that broke off is kept beside it
        as `….halo-part` and continued by the next download of the same file to the same place.

        :param to: the path of the file, or a folder: then the name is Halo's, made safe.
        :param max_bytes: stop at a larger file.
        :param parameters: those of `GET /Attachment/{id}`, such as `token`.
        :raises FileExistsError: there is such a file and `overwrite` is not set.
        :raises InvalidRequestError: the folder is not there, or another download is writing the same file.
        :raises UnexpectedContentTypeError: a web page or JSON came in place of the file.
        :raises DecodeError: the file is too large, or its end cannot be told from a cut.
        :raises OSError: the disk is full or cannot be written.
        """
        from halo_async.attachments.download import download

        return await download(self, id, parameters, to=to, overwrite=overwrite, max_bytes=max_bytes)
