"""Operations of /Attachment that transfer files."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import attrs
import msgspec

from halo_async.emulator.binding import posted
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.data.seeded_random import SeededRandom
from halo_async.emulator.errors import Refused, sentence
from halo_async.emulator.files.content import FileContent, MemoryFile
from halo_async.emulator.files.file_store import UploadSlot
from halo_async.emulator.files.sending import sent
from halo_async.emulator.lists import ListLimits
from halo_async.emulator.reads import one
from halo_async.emulator.reply import Reply
from halo_async.emulator.schema import body_schema
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.table import Table
from halo_async.emulator.writes import reply_with_rows, send, upsert

PATH = "/Attachment"


def file(world: EmulatorState, call: EmulatorCall) -> Reply:
    """Return a file as its raw bytes, an attachment as it was uploaded (measured)."""
    table, id = one(world, call)
    disposition = world.shelf.dispositions.get(id) if table.path == PATH else None
    if disposition is None:
        disposition = _disposition(str(table.full(id).get("filename") or f"attachment-{id}.bin"))
    headers = {"Content-Disposition": disposition} if disposition else {}
    return sent(world.shelf, content_of(world, table, id), call.headers, headers)


def _disposition(name: str) -> str:
    """Format as .NET does: non-ASCII becomes an underscore, with the extended form in addition (guess)."""
    plain = _ascii(name)
    return f'attachment; filename="{plain}"' + ("" if plain == name else f"; filename*=UTF-8''{quote(name)}")


def _ascii(name: str) -> str:
    return "".join(c if c.isascii() and c.isprintable() and c not in '"\\' else "_" for c in name)


def content_of(world: EmulatorState, table: Table, id: int) -> FileContent:
    """Return the bytes of an attachment."""
    text = table.written.get(id, {}).get("data_base64")
    if isinstance(text, str):
        return world.shelf.content(text) or MemoryFile(base64.b64decode(text.partition(",")[2] or text))
    return MemoryFile(SeededRandom(world.desk.seed, table.path)(id).to_bytes(8, "big") * 64)


def attach(
    world: EmulatorState, content: FileContent, fields: Mapping[str, Any], disposition: str | None
) -> int:
    """Add an attachment and return its id."""
    id = world.table(PATH).insert({**fields, "data_base64": world.shelf.keep(content)})
    if disposition is not None:
        world.shelf.dispositions[id] = disposition
    return id


def post_attachment(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Write files with their size; the uploaded content is not in the response (likely)."""
    try:
        body = call.json()
    except ValueError:
        return upsert(world, call)  # which reports the error
    for element in body if isinstance(body, list) else ():
        if isinstance(element, dict) and isinstance(element.get("data_base64"), str):
            element["filesize"] = _measure_file(world, element["data_base64"])
    return upsert(world, attrs.evolve(call, body=msgspec.json.encode(body)))


def _measure_file(world: EmulatorState, text: str) -> int:
    found = world.shelf.content(text)
    if found is not None:
        return found.size
    try:
        return len(base64.b64decode(text.partition(",")[2] or text, validate=True))
    except binascii.Error:
        raise Refused(sentence("The attachment is not valid base64")) from None


def presign(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return upload URLs, if the instance has a store. The form of the response is a guess."""
    if world.shelf.origin is None:
        return send(world, call)
    return reply_with_rows(world, [_address(world, element) for element in _elements(world, call)])


def _address(world: EmulatorState, asked: Mapping[str, Any]) -> dict[str, Any]:
    key = uuid4().hex
    slot = str(asked.get("_tempid") or key)
    world.shelf.slots[slot] = UploadSlot(key, dict(asked))
    return {**asked, "url": f"{world.shelf.origin}/bucket/{quote(slot)}?X-Amz-Signature={key}"}


def complete(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Create an attachment from a file in the store (guess)."""
    if world.shelf.origin is None:
        return send(world, call)
    table = world.table(PATH)
    ids = [table.insert(_store_fields(world, element)) for element in _elements(world, call)]
    return reply_with_rows(world, [table.full(id) for id in ids])


def _store_fields(world: EmulatorState, asked: Mapping[str, Any]) -> dict[str, Any]:
    slot = world.shelf.slots.pop(str(asked.get("_tempid")), None)
    if slot is None or slot.content is None:
        raise Refused(sentence("The file was not uploaded"))
    if slot.content.size != asked.get("filesize"):
        raise Refused(sentence("The file has another size than was asked for"))
    known = {name: asked[name] for name in ("filename", "ticket_id", "type", "unique_id") if name in asked}
    renamed = {new: asked[old] for old, new in (("atnote", "note"), ("atdesc", "desc")) if old in asked}
    return {
        **known,
        **renamed,
        "filesize": slot.content.size,
        "data_base64": world.shelf.keep(slot.content),
        "datecreated": world.now(),
    }


def _elements(world: EmulatorState, call: EmulatorCall) -> list[Mapping[str, Any]]:
    body = posted(world.schemas, call, body_schema(call.operation.raw) or {"type": "array", "items": {}})
    return [element for element in body if isinstance(element, dict)]


HANDLERS: dict[tuple[str, str], Callable[[EmulatorState, ListLimits, EmulatorCall], Reply]] = {
    ("POST", PATH): post_attachment,
    ("POST", f"{PATH}/GetS3PresignedURL"): presign,
    ("POST", f"{PATH}/PresignedURLUploadComplete"): complete,
}
