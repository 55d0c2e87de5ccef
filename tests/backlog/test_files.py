"""Names and types of files that people attach."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.files import ALLOWED, MAX_NAME, WrongTypeError, clean_name, type_of

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0) + b"\0" * 4


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Shot.PNG", "Shot.png"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\..\\plan.pdf", "plan.pdf"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("a\u200b\u0000b\n c.txt", "ab c.txt"),
        ("..", "file"),
        (".png", "file.png"),
        ("", "file"),
        ("/", "file"),
        ("no ending", "no ending"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("half \ud800.txt", "half.txt"),
        ('a"b;c=d.txt', 'a"b;c=d.txt'),
    ],
)
def test_a_name_is_the_last_part_without_what_nobody_sees(given_name, kept):
    assert clean_name(given_name) == kept


@given(st.text(max_size=400))
def test_a_kept_name_leads_nowhere_and_stays_what_it_is(name):
    kept = clean_name(name)

    assert 0 < len(kept) <= MAX_NAME
    assert not set(kept) & set("/\\\0\n\r\u202e")
    assert kept not in (".", "..")
    assert clean_name(kept) == kept


CONTENT = {
    "png": PNG,
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + b"\0" * 40,
    "jpeg": b"\xff\xd8\xff\xdb" + b"\0" * 40,
    "gif": b"GIF89a" + b"\0" * 30,
    "webp": b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 30,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\n%%EOF",
    "docx": archive("[Content_Types].xml", "word/document.xml"),
    "odt": archive("mimetype", "content.xml"),
    "zip": archive("a.txt"),
    "mp4": b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 30,
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + b"\0" * 30,
    "txt": "Grüße <script>".encode(),
    "csv": b"a;b\r\n=1;2\r\n",
}


@pytest.mark.parametrize("ending", CONTENT)
def test_the_type_is_what_the_content_says(ending):
    assert type_of(f"x.{ending}", io.BytesIO(CONTENT[ending])) == ALLOWED[ending]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shot.png", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("shot.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>"),
        ("shot.png", b"MZ\x90\0" + b"\0" * 100),
        ("shot.jpg", PNG),
        ("shot.png", b""),
        ("plan.pdf", b"\x7fELF\2\1\1" + b"\0" * 60),
        ("plan.docx", b"%PDF-1.7\n"),
        ("notes.txt", PNG),
        ("notes.txt", b"a\0b"),
        ("notes.txt", "Grüße".encode("utf-16")),
        ("notes.txt", b"cut \xc3"),
        ("page.html", b"<p>"),
        ("logo.svg", b"<svg/>"),
        ("run.exe", b"MZ"),
        ("shot.png.exe", PNG),
        ("png", PNG),
        ("macro.docm", CONTENT["docx"]),
    ],
)
def test_a_disguise_and_what_a_browser_would_run_are_refused(name, content):
    with pytest.raises(WrongTypeError):
        type_of(name, io.BytesIO(content))


def test_a_long_text_is_read_to_its_end():
    type_of("x.log", io.BytesIO(("é" * 100_001).encode()))
    with pytest.raises(WrongTypeError):
        type_of("x.log", io.BytesIO(b"a" * 200_000 + b"\x01"))
