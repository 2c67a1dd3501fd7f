"""What goes wrong with a transfer shows neither the login, nor a presigned address, nor the file's content."""

from __future__ import annotations

import asyncio
import io
import logging
import traceback

import pytest
from rich.console import Console
from rich.traceback import Traceback

from halo_async.emulator import Fault
from halo_async.resources.attachments import sources as outgoing
from halo_async.resources.attachments.partial_file import PartialFile

CONTENT = b"canary-content " * 100_000


def without_test_frames(error: BaseException) -> BaseException:
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return error.with_traceback(frames)


def shown(error: BaseException) -> str:
    without_test_frames(error)
    out = io.StringIO()
    Console(file=out, width=300, color_system=None).print(
        Traceback.from_exception(
            type(error), error, error.__traceback__, show_locals=True, locals_max_string=10_000
        )
    )
    captured = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "\n".join([out.getvalue(), *captured.format(), repr(vars(error))])


async def failure(work) -> BaseException:
    try:
        await work
    except BaseException as error:
        return error
    raise AssertionError("it did not fail")


@pytest.fixture
async def canaries(start):
    emulator, halo = await start(presigned=True)
    token = (await halo.transport.token()).access_token.reveal()
    return emulator, halo, [token, emulator.client_secret, "canary-content", "Y2FuYXJ5", "X-Amz-Signature"]


@pytest.fixture
def clean(canaries, caplog):
    caplog.set_level(logging.DEBUG)

    def check(error: BaseException) -> None:
        text = shown(error) + caplog.text
        found = [canary for canary in canaries[2] if canary in text]
        assert not found, f"{found} in {text[:6000]}"

    return check


@pytest.mark.parametrize(
    "fault",
    [("F05", None), ("F02", None), ("F18", "no_permission"), ("F09", "login_page"), ("F43", "not_gzip")],
)
async def test_of_a_download_that_fails(canaries, clean, tmp_path, fault):
    emulator, halo, _ = canaries
    made = await halo.attachment.upload(CONTENT, filename="a.bin")
    emulator.faults.add([Fault(fault[0], "GET /Attachment/{id}", fault[1])])
    clean(await failure(halo.attachment.download(made.id, to=tmp_path)))


async def test_of_a_disk_that_is_full(canaries, clean, tmp_path, monkeypatch):
    _, halo, _ = canaries
    made = await halo.attachment.upload(CONTENT, filename="a.bin")

    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    write = PartialFile.write

    def to_full(part, chunk):
        file, part._file = part._file, Full()
        try:
            write(part, chunk)
        finally:
            part._file = file

    monkeypatch.setattr(PartialFile, "write", to_full)
    error = await failure(halo.attachment.download(made.id, to=tmp_path))
    assert isinstance(error, OSError)
    clean(error)


@pytest.mark.parametrize("fault", [("F04", None), ("F27", "500"), ("F18", "no_permission")])
async def test_of_an_upload_that_fails(canaries, clean, fault):
    emulator, halo, _ = canaries
    emulator.faults.add([Fault(fault[0], "POST /Attachment", fault[1])])
    clean(await failure(halo.attachment.upload(CONTENT, filename="a.bin")))


async def test_of_a_file_that_changes(canaries, clean, tmp_path, monkeypatch):
    _, halo, _ = canaries
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    read = outgoing._read_bytes

    def changing(fd, count):
        piece = read(fd, count)
        path.write_bytes(b"short")
        return piece

    monkeypatch.setattr(outgoing, "_read_bytes", changing)
    clean(await failure(halo.attachment.upload(path)))


@pytest.mark.parametrize("trusted", [True, False])
async def test_of_a_store_that_refuses(canaries, clean, trusted):
    emulator, halo, _ = canaries
    host = emulator.files.origin.removeprefix("http://")

    class Forgetful(dict):
        def get(self, key, default=None):
            return default

    emulator.files.slots = Forgetful()
    hosts = (host,) if trusted else None
    clean(
        await failure(
            halo.attachment.upload(CONTENT, filename="a.bin", route="presigned", presigned_hosts=hosts)
        )
    )


@pytest.mark.parametrize("route", ["json", "presigned"])
async def test_of_an_upload_that_is_cancelled(canaries, clean, route):
    emulator, halo, _ = canaries
    hosts = (emulator.files.origin.removeprefix("http://"),)
    task = asyncio.create_task(
        halo.attachment.upload(CONTENT * 30, filename="a.bin", route=route, presigned_hosts=hosts)
    )
    await asyncio.sleep(0.03)
    task.cancel()
    clean(await failure(task))


async def test_each_attempt_at_a_store_is_logged_without_its_address(canaries, caplog):
    emulator, halo, secrets = canaries
    host = emulator.files.origin.removeprefix("http://")
    with caplog.at_level(logging.DEBUG, "halo_async"):
        await halo.attachment.upload(CONTENT, filename="a.bin", route="presigned", presigned_hosts=(host,))
    (line,) = [record.getMessage() for record in caplog.records if "PUT" in record.getMessage()]
    assert line.startswith(f"PUT of a file to {host}: 200 in ")
    assert not [secret for secret in secrets if secret in caplog.text]
