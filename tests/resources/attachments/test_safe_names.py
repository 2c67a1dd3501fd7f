"""Names out of Content-Disposition: as meant, and never a way out of the folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from halo_async.resources.attachments.file_names import LONGEST, name_from_headers, safe_name


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="report.pdf"', "report.pdf"),
        ("attachment; filename=report.pdf", "report.pdf"),
        ("ATTACHMENT; FileName = report.pdf ; size=3", "report.pdf"),
        ('inline; filename="a;b=c.txt"', "a;b=c.txt"),
        (r'attachment; filename="say \"hi\".txt"', 'say "hi".txt'),
        (r'attachment; filename="C:\temp\scan.pdf"', r"C:\temp\scan.pdf"),
        ("attachment; filename*=UTF-8''na%C3%AFve%20plan.txt", "naïve plan.txt"),
        ("attachment; filename*=iso-8859-1'en'%A3%20rates", "£ rates"),
        ("attachment; filename=\"plain.txt\"; filename*=UTF-8''%E2%82%AC.txt", "€.txt"),
        ("attachment; filename*=UTF-8''%FF%FE; filename=kept.txt", "kept.txt"),
        ("attachment; filename*=klingon''x; filename=kept.txt", "kept.txt"),
        ('attachment; filename="=?utf-8?B?w7xiZXIudHh0?="', "über.txt"),
        ('attachment; filename="=?utf-8?Q?broken"', "=?utf-8?Q?broken"),
        (b'attachment; filename="caf\xe9.txt"'.decode("utf-8", "surrogateescape"), "café.txt"),
        ("attachment; filename=first.txt; filename=second.txt", "first.txt"),
        ("filename=loose.txt", "loose.txt"),
        ("attachment", None),
        ("", None),
        ('attachment; filename=""', ""),
    ],
)
def test_the_name_is_read_as_it_was_meant(disposition, name):
    assert name_from_headers(disposition) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/passwd", "passwd"),
        ("C:\\temp\\scan.pdf", "scan.pdf"),
        ("C:evil.exe", "C_evil.exe"),
        ("file.txt:stream", "file.txt_stream"),
        ("..", "attachment-7"),
        (".", "attachment-7"),
        ("", "attachment-7"),
        (None, "attachment-7"),
        ("folder/", "folder"),
        (".bashrc", "bashrc"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("Com1.tar.gz", "_Com1.tar.gz"),
        ("lpt¹", "_lpt¹"),
        ("console.txt", "console.txt"),
        ("trailing. . .", "trailing"),
        ("what?.txt", "what_.txt"),
        ("x.halo-part", "_x.halo-part_"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_a_name_becomes_one_that_no_system_minds(name, safe):
    assert safe_name(name, "attachment-7") == safe


def test_a_long_name_keeps_its_ending():
    safe = safe_name("é" * 400 + ".pdf", "x")
    assert safe.endswith("é.pdf")
    assert len(safe.encode()) <= LONGEST


_NASTY = st.sampled_from(
    ["..", "/", "\\", ".", " ", ":", "\x00", "\u202e", "CON", "aux.", "é", "\ud800", ".halo-part"]
)


@given(st.one_of(st.text(), st.lists(st.one_of(_NASTY, st.text(max_size=3))).map("".join)))
@example("..")
@example("a" * 300 + "." + "b" * 300)
@example(" .hidden . ")
@example("CON .txt")
@example("._")
@example(". .0")
def test_no_name_leads_out_of_its_folder_or_hides_or_is_a_device(name):
    safe = safe_name(name, "attachment-7")
    assert PurePosixPath(safe).name == safe
    assert PureWindowsPath(safe).name == safe
    assert not PureWindowsPath(safe).drive
    assert (Path("/folder") / safe).resolve().parent == Path("/folder").resolve()
    assert len(safe.encode()) <= LONGEST + 8
    assert not safe.startswith(".")
    assert not safe.endswith((".", " "))
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Cs"} for character in safe)
    assert not safe.lower().endswith((".halo-part", ".halo-part.json"))
    assert safe.partition(".")[0].rstrip().lower() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


@given(st.text())
def test_no_content_disposition_is_a_reason_to_fail(disposition):
    name = name_from_headers(disposition)
    assert name is None or isinstance(name, str)
    assert safe_name(name, "attachment-7")


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=1, max_size=30))
def test_ordinary_names_stay_as_they_are_in_both_forms(stem):
    from urllib.parse import quote

    name = unicodedata.normalize("NFC", f"x{stem}.txt")
    assert safe_name(name_from_headers(f"attachment; filename*=UTF-8''{quote(name, safe='')}"), "") == name
    assert safe_name(name_from_headers(f'attachment; filename="{name}"'), "") == name
