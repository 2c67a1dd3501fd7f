"""Attachments down: whole or not there, continued where they broke off, under a name that does no harm."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from pathlib import Path

import msgspec
import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Fault
from halo_async.errors import (
    ConnectionFailedError,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    TransportError,
    UnexpectedContentTypeError,
)
from halo_async.settings import Timeouts

BIG = 3_000_000
CUT = 1_200_000
ROOT = Path(__file__).parents[3]


def digest(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def gets(emulator):
    return emulator.requests("GET /Attachment/{id}")


async def test_a_file_comes_down_under_the_name_that_halo_gives_it(emulator, halo, tmp_path):
    id = emulator.attach(BIG, filename="naïve plan.pdf")
    found = await halo.attachment.download(id, to=tmp_path)
    assert found.path == tmp_path / "naïve plan.pdf"
    assert (found.size, found.name, found.continued) == (BIG, "naïve plan.pdf", 0)
    assert found.content_type == "application/octet-stream"
    assert digest(found.path) == emulator.file_digest(id)
    assert names(tmp_path) == ["naïve plan.pdf"]


async def test_a_path_is_taken_as_it_is_and_may_be_a_text(emulator, halo, tmp_path):
    id = emulator.attach(10, filename="theirs.txt")
    found = await halo.attachment.download(id, to=str(tmp_path / "ours.txt"))
    assert found.path == tmp_path / "ours.txt"
    assert names(tmp_path) == ["ours.txt"]


async def test_an_empty_file_is_a_file(emulator, halo, tmp_path):
    found = await halo.attachment.download(emulator.attach(0), to=tmp_path / "empty")
    assert found.path.read_bytes() == b""


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="../../../escape.sh"', "escape.sh"),
        ('attachment; filename="C:\\\\temp\\\\x.pdf"', "x.pdf"),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        ('attachment; filename="nul"', "_nul"),
        ('attachment; filename=".."', "attachment-{id}"),
        ("", "attachment-{id}"),
    ],
)
async def test_no_name_leads_out_of_the_folder(emulator, halo, tmp_path, disposition, name):
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    id = emulator.attach(5, disposition=disposition)
    found = await halo.attachment.download(id, to=folder)
    assert found.path == folder / name.format(id=id)
    assert names(tmp_path) == ["in"]


async def test_what_is_there_is_not_overwritten_unless_told(emulator, halo, tmp_path):
    id = emulator.attach(5, filename="a.txt")
    target = tmp_path / "a.txt"
    target.write_text("mine")
    for to in (target, tmp_path):
        with pytest.raises(FileExistsError, match="overwrite=True"):
            await halo.attachment.download(id, to=to)
    assert target.read_text() == "mine"
    assert names(tmp_path) == ["a.txt"]
    assert len(gets(emulator)) == 1  # of a path that is taken, nothing is asked
    found = await halo.attachment.download(id, to=tmp_path, overwrite=True)
    assert digest(found.path) == emulator.file_digest(id)


async def test_a_file_that_appears_meanwhile_is_not_overwritten_either(emulator, halo, tmp_path, monkeypatch):
    from halo_async.resources.attachments.partial_file import PartialFile

    settle = PartialFile.settle

    def late(part, target, *, overwrite):
        target.write_text("somebody else's")
        settle(part, target, overwrite=overwrite)

    monkeypatch.setattr(PartialFile, "settle", late)
    with pytest.raises(FileExistsError):
        await halo.attachment.download(emulator.attach(5), to=tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_text() == "somebody else's"


async def test_an_id_that_is_none_makes_no_path(emulator, halo, tmp_path):
    for id in ("../../a", "a/b", 7.0, True):
        with pytest.raises(TypeError, match="id takes an int"):
            await halo.attachment.download(id, to=tmp_path)
    assert names(tmp_path) == []


async def test_a_folder_that_is_not_there_is_refused_before_anything_is_sent(emulator, halo, tmp_path):
    with pytest.raises(InvalidRequestError, match="not a folder"):
        await halo.attachment.download(1, to=tmp_path / "nowhere" / "a.txt")
    with pytest.raises(TypeError, match="tokn"):
        await halo.attachment.download(1, to=tmp_path, tokn="x")
    assert not gets(emulator)


async def test_a_login_page_in_place_of_the_file_is_an_error(emulator, halo, tmp_path):
    emulator.faults.add([Fault("F09", "GET /Attachment/{id}", "login_page")])
    with pytest.raises(UnexpectedContentTypeError, match="got text/html"):
        await halo.attachment.download(emulator.attach(5), to=tmp_path)
    assert names(tmp_path) == []
    assert len(gets(emulator)) == 3


@pytest.mark.parametrize("body", [b'{"error": "gone"}', b'"gone"', b"null", b""])
async def test_json_in_place_of_the_file_is_an_error(emulator, halo, tmp_path, body):
    id = emulator.attach(5, disposition="")
    emulator.faults.add([Fault("F10", "GET /Attachment/{id}", "null", options={"value": body})])
    with pytest.raises(
        UnexpectedContentTypeError, match="gone" if b"gone" in body else "got application/json"
    ):
        await halo.attachment.download(id, to=tmp_path)
    assert names(tmp_path) == []


async def test_a_login_page_is_no_content_of_a_small_file_either(emulator, halo):
    emulator.faults.add([Fault("F09", "GET /Attachment/{id}", "login_page")])
    with pytest.raises(UnexpectedContentTypeError, match="web page"):
        await halo.attachment.get(emulator.attach(5))
    emulator.faults.clear()
    assert len(await halo.attachment.get(emulator.attach(5))) == 5


async def test_html_with_a_content_disposition_is_a_file(emulator, halo, tmp_path):
    id = emulator.attach(5, filename="page.html")
    assert (await halo.attachment.download(id, to=tmp_path)).path.name == "page.html"


async def test_errors_of_halo_are_what_they_are_everywhere(emulator, halo, tmp_path):
    with pytest.raises(NotFoundError):
        await halo.attachment.download(987_654, to=tmp_path)
    id = emulator.attach(5)
    emulator.faults.add([Fault("F18", f"GET /Attachment/{id}", "no_permission")])
    with pytest.raises(PermissionDeniedError):
        await halo.attachment.download(id, to=tmp_path)
    assert names(tmp_path) == []


async def test_an_expired_token_is_renewed_once(emulator, halo, tmp_path):
    id = emulator.attach(BIG)
    emulator.revoke_tokens()
    found = await halo.attachment.download(id, to=tmp_path)
    assert found.size == BIG
    assert [request.status for request in gets(emulator)] == [401, 200]


async def test_a_cut_connection_is_gone_on_from_where_it_broke(emulator, halo, tmp_path):
    id = emulator.attach(BIG)
    emulator.faults.add([Fault("F05", "GET /Attachment/{id}", times=1, options={"at": CUT})])
    found = await halo.attachment.download(id, to=tmp_path)
    first, second = gets(emulator)
    assert "range" not in first.headers
    start = int(second.headers["range"].removeprefix("bytes=").removesuffix("-"))
    assert (
        0 < start <= CUT
    )  # aiohttp discards what it had received but not handed on when the connection broke
    assert second.headers["if-range"].startswith('"')
    assert second.status == 206
    assert digest(found.path) == emulator.file_digest(id)
    assert names(tmp_path) == [found.path.name]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("validators", [True, False])
async def test_what_broke_off_is_kept_and_continued_by_the_next_download(
    emulator, halo, tmp_path, ranges, validators
):
    id = emulator.attach(BIG, filename="plan.pdf")
    emulator.files.ranges, emulator.files.validators = ranges, validators
    emulator.faults.add([Fault("F05", "GET /Attachment/{id}", options={"at": CUT})])
    with pytest.raises(ConnectionFailedError):
        await halo.with_options(retry="never").attachment.download(id, to=tmp_path)
    kept = tmp_path / f"attachment-{id}.halo-part"
    size = kept.stat().st_size
    assert 0 < size <= CUT
    assert names(tmp_path) == [kept.name, f"{kept.name}.json"]
    emulator.faults.clear()
    found = await halo.attachment.download(id, to=tmp_path)
    assert digest(found.path) == emulator.file_digest(id)
    assert found.continued == (size if ranges else 0)
    assert names(tmp_path) == ["plan.pdf"]


async def test_another_file_by_the_same_name_is_not_joined_to_what_is_kept(emulator, halo, tmp_path):
    first, second = emulator.attach(BIG), emulator.attach(BIG + 5)
    emulator.faults.add([Fault("F05", "GET /Attachment/{id}", times=1, options={"at": CUT})])
    with pytest.raises(ConnectionFailedError):
        await halo.with_options(retry="never").attachment.download(first, to=tmp_path / "a.bin")
    found = await halo.attachment.download(second, to=tmp_path / "a.bin")
    assert found.continued == 0
    assert digest(found.path) == emulator.file_digest(second)


@pytest.mark.parametrize("validators", [True, False])
async def test_a_file_that_changed_meanwhile_is_begun_anew(emulator, halo, tmp_path, validators):
    emulator.files.validators = validators
    id = emulator.attach(BIG)
    emulator.faults.add([Fault("F05", "GET /Attachment/{id}", times=1, options={"at": CUT})])
    with pytest.raises(ConnectionFailedError):
        await halo.with_options(retry="never").attachment.download(id, to=tmp_path / "a.bin")
    other = emulator.attach(BIG - 7)
    table = emulator.world.table("/Attachment")
    table.change(id, {"data_base64": table.written[other]["data_base64"]})
    found = await halo.attachment.download(id, to=tmp_path / "a.bin")
    assert found.continued == 0
    assert digest(found.path) == emulator.file_digest(other)


async def test_a_part_longer_than_the_file_is_thrown_away(emulator, halo, tmp_path):
    id = emulator.attach(1000)
    part = tmp_path / "a.bin.halo-part"
    part.write_bytes(b"x" * 2000)
    told = {"url": f"{emulator.url} /Attachment/{id}?", "total": 1000, "validator": None, "name": None}
    (tmp_path / "a.bin.halo-part.json").write_bytes(msgspec.json.encode(told))
    found = await halo.attachment.download(id, to=tmp_path / "a.bin")
    assert [request.status for request in gets(emulator)] == [416, 200]
    assert digest(found.path) == emulator.file_digest(id)


async def test_a_part_that_is_whole_is_settled_without_another_byte(emulator, halo, tmp_path, monkeypatch):
    from halo_async.resources.attachments.partial_file import PartialFile

    id = emulator.attach(1000, filename="plan.pdf")
    settle = PartialFile.settle

    def killed(*args, **options):
        raise OSError("killed")

    monkeypatch.setattr(PartialFile, "settle", killed)
    with pytest.raises(OSError, match="killed"):
        await halo.attachment.download(id, to=tmp_path)
    monkeypatch.setattr(PartialFile, "settle", settle)
    found = await halo.attachment.download(id, to=tmp_path)
    assert [request.status for request in gets(emulator)] == [200, 416]
    assert (found.path.name, found.size, found.continued) == ("plan.pdf", 1000, 1000)
    assert digest(found.path) == emulator.file_digest(id)
    assert names(tmp_path) == ["plan.pdf"]


@pytest.mark.parametrize("told", [b"", b"[]", b'{"url": 1}', b"{"])
async def test_a_part_that_nobody_knows_is_thrown_away(emulator, halo, tmp_path, told):
    id = emulator.attach(1000)
    (tmp_path / "a.bin.halo-part").write_bytes(b"who knows")
    (tmp_path / "a.bin.halo-part.json").write_bytes(told)
    found = await halo.attachment.download(id, to=tmp_path / "a.bin")
    assert digest(found.path) == emulator.file_digest(id)
    assert names(tmp_path) == ["a.bin"]


async def test_two_downloads_to_one_place_do_not_write_into_each_other(emulator, halo, tmp_path):
    id = emulator.attach(20_000_000)
    outcomes = await asyncio.gather(
        *(halo.attachment.download(id, to=tmp_path / "a.bin") for _ in range(2)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert len(refused) == 1
    assert isinstance(refused[0], InvalidRequestError)
    assert digest(tmp_path / "a.bin") == emulator.file_digest(id)


async def test_a_cancelled_download_leaves_its_part_and_the_client_in_order(emulator, halo, tmp_path):
    id = emulator.attach(60_000_000)
    task = asyncio.create_task(halo.attachment.download(id, to=tmp_path / "a.bin"))
    part = tmp_path / "a.bin.halo-part"
    while not (part.exists() and part.stat().st_size > 1_000_000):
        assert not task.done()
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (tmp_path / "a.bin").exists()
    size = part.stat().st_size
    assert size > 0
    found = await halo.attachment.download(id, to=tmp_path / "a.bin")
    assert found.continued == size
    assert digest(found.path) == emulator.file_digest(id)


async def test_a_file_larger_than_allowed_is_not_begun(emulator, halo, tmp_path):
    with pytest.raises(DecodeError, match="max_bytes"):
        await halo.attachment.download(emulator.attach(BIG), to=tmp_path, max_bytes=BIG - 1)
    assert names(tmp_path) == []
    assert len(gets(emulator)) == 1


async def test_what_unpacks_to_more_than_allowed_is_stopped(emulator, halo, tmp_path):
    emulator.faults.add([Fault("F43", "GET /Attachment/{id}", "bomb", options={"bytes": 50 * 2**20})])
    with pytest.raises(DecodeError, match="max_bytes"):
        await halo.attachment.download(emulator.attach(5), to=tmp_path, max_bytes=2**20)
    assert names(tmp_path) == []


async def test_a_compressed_file_is_unpacked_and_a_cut_one_is_none(emulator, halo, tmp_path):
    id = emulator.attach(5)
    emulator.faults.add([Fault("F43", "GET /Attachment/{id}", "bomb", times=1, options={"bytes": 2**20})])
    found = await halo.attachment.download(id, to=tmp_path / "zeros")
    assert found.path.read_bytes() == b"0" * 2**20
    emulator.faults.clear()
    emulator.faults.add([Fault("F43", "GET /Attachment/{id}", "cut")])
    with pytest.raises(DecodeError):
        await halo.attachment.download(id, to=tmp_path / "cut")
    assert "cut" not in names(tmp_path)


async def test_a_file_without_a_length_is_not_trusted_to_be_whole(emulator, halo, tmp_path):
    emulator.faults.add([Fault("F07", "GET /Attachment/{id}")])
    id = emulator.attach(5)
    table = emulator.world.table("/Attachment")
    table.change(id, {"data_base64": "WzEsIDIsIDNd"})  # JSON, since the fault cuts a list
    with pytest.raises(DecodeError, match="Content-Length"):
        await halo.attachment.download(id, to=tmp_path)
    assert names(tmp_path) == []


async def test_a_file_in_chunks_is_whole_or_an_error(emulator, halo, tmp_path):
    emulator.faults.add([Fault("F06", "GET /Attachment/{id}", times=1)])
    id = emulator.attach(1000)
    found = await halo.attachment.download(id, to=tmp_path)
    assert digest(found.path) == emulator.file_digest(id)


async def test_a_trickle_is_given_up(start, tmp_path):
    timeouts = Timeouts(slow_after=0.05, slow_rate=100_000, read=5)
    emulator, halo = await start(client={"timeouts": timeouts})
    emulator.faults.add([Fault("F12", "GET /Attachment/{id}", "body")])
    with pytest.raises(TransportError, match="too slow"):
        await halo.with_options(retry="never").attachment.download(emulator.attach(1000), to=tmp_path)


async def test_a_deadline_of_the_caller_ends_a_download(start, tmp_path):
    emulator, halo = await start(client={"clock": None})
    emulator.faults.add([Fault("F13", "GET /Attachment/{id}")])
    with pytest.raises(TransportError):
        await halo.with_options(timeout=0.3).attachment.download(emulator.attach(1000), to=tmp_path)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_cannot_be_written_is_said_so(emulator, halo, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        await halo.attachment.download(emulator.attach(5), to=tmp_path)


async def test_a_full_disk_is_the_systems_error_and_nothing_is_tried_again(
    emulator, halo, tmp_path, monkeypatch
):
    from halo_async.resources.attachments.partial_file import PartialFile

    def full(part, chunk):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PartialFile, "write", full)
    with pytest.raises(OSError, match="No space left"):
        await halo.attachment.download(emulator.attach(BIG), to=tmp_path)
    assert len(gets(emulator)) == 1
    assert names(tmp_path) == []


async def test_a_large_file_takes_as_long_as_it_takes(start, tmp_path):
    clock = VirtualClock()
    emulator, halo = await start(client={"clock": clock, "deadline": 10})
    id = emulator.attach(BIG)
    emulator.faults.add([Fault("F05", "GET /Attachment/{id}", times=1, options={"at": CUT})])
    task = asyncio.create_task(halo.attachment.download(id, to=tmp_path))
    while not gets(emulator):
        await asyncio.sleep(0.001)
    clock.advance(9)  # while the first attempt is under way
    while not task.done():
        clock.advance(0.3 if clock.sleepers else 0)
        await asyncio.sleep(0.001)
    assert (await task).size == BIG


async def test_a_link_laid_in_the_parts_place_is_not_followed(emulator, halo, tmp_path):
    victim = tmp_path / "victim.txt"
    victim.write_text("keep me")
    (tmp_path / "a.bin.halo-part").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        await halo.attachment.download(emulator.attach(5), to=tmp_path / "a.bin")
    assert victim.read_text() == "keep me"


async def test_a_part_that_is_the_finished_file_too_leaves_that_alone(emulator, halo, tmp_path):
    done = tmp_path / "a.bin"
    done.write_text("finished when the process was killed")
    os.link(done, tmp_path / "a.bin.halo-part")
    found = await halo.attachment.download(emulator.attach(5), to=done, overwrite=True)
    assert found.size == 5
    done.unlink()
    done.write_text("finished")
    os.link(done, tmp_path / f"attachment-{found.size}.halo-part")
    other = await halo.attachment.download(5, to=tmp_path)
    assert done.read_text() == "finished"
    assert other.path != done


KILLED = """
import asyncio, sys
from halo_async import Halo

async def main():
    async with Halo.from_env(rate_limit=None) as halo:
        await halo.attachment.download(int(sys.argv[1]), to=sys.argv[2])

asyncio.run(main())
"""


async def test_what_a_killed_process_left_is_continued(emulator, halo, tmp_path):
    id = emulator.attach(8_000_000)
    emulator.faults.add([Fault("F13", "GET /Attachment/{id}", "stall", times=1)])
    target = tmp_path / "a.bin"
    login = {"HALO_CLIENT_ID": emulator.client_id, "HALO_CLIENT_SECRET": emulator.client_secret}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(id), str(target)),
        env={**os.environ, **login, "HALO_INSTANCE": emulator.url, "PYTHONPATH": str(ROOT)},
    )
    part = tmp_path / "a.bin.halo-part"
    while not (part.exists() and part.stat().st_size > 2_000_000):
        assert process.returncode is None
        await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    assert not target.exists()
    found = await halo.attachment.download(id, to=target)
    assert found.continued > 2_000_000
    assert digest(target) == emulator.file_digest(id)


async def test_a_download_that_is_large_enough_to_be_streamed_can_break_off_too(emulator, halo, tmp_path):
    id = emulator.attach(20 * 2**20)
    emulator.faults.add([Fault("F05", "GET /Attachment/{id}", times=1, options={"at": 9_000_000})])
    found = await halo.attachment.download(id, to=tmp_path)
    assert [request.status for request in gets(emulator)] == [200, 206]
    assert digest(found.path) == emulator.file_digest(id)
