"""Thumbnails, drawn from files of every kind."""

import io
import struct
import zlib

import pytest
from PIL import Image

from backlog.files import PICTURES
from backlog.thumbnails import BOX, FORMATS, MOST_PIXELS, draw_thumbnail


def picture(size=(800, 400), form="PNG", mode="RGB", colour="#0f625e", **more):
    target = io.BytesIO()
    Image.new(mode, size, colour).save(target, form, **more)
    return target.getvalue()


def claims(width, height):
    """A PNG of a few bytes that says how large it is."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 4096)) + chunk(b"IEND", b"")


def drawn(tmp_path, content, media_type="image/png"):
    path = tmp_path / "file"
    path.write_bytes(content)
    return draw_thumbnail(path, media_type)


@pytest.mark.parametrize("form", sorted(FORMATS.values()))
def test_a_picture_of_each_type_gets_a_small_one(tmp_path, form):
    media_type = next(each for each in PICTURES if FORMATS[each] == form)
    made = drawn(tmp_path, picture(form=form), media_type)

    assert (made.width, made.height) == (BOX[0], BOX[0] // 2)
    with Image.open(io.BytesIO(made.content)) as image:
        assert (image.format, image.size, image.mode) == ("WEBP", (made.width, made.height), "RGB")
    assert {*FORMATS} == PICTURES


def test_it_stands_upright_and_tells_nothing_of_where_it_was_taken(tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Ana"  # turned by a quarter
    made = drawn(tmp_path, picture(form="JPEG", exif=exif, icc_profile=b"Profile of Ana", comment=b"Ana"), "image/jpeg")

    assert (made.width, made.height) == (BOX[1] // 2, BOX[1])
    assert b"Ana" not in made.content
    with Image.open(io.BytesIO(made.content)) as image:
        assert not image.getexif()
        assert "icc_profile" not in image.info


def test_a_small_one_keeps_its_size_and_see_through_is_white(tmp_path):
    made = drawn(tmp_path, picture(size=(10, 20), mode="RGBA", colour=(0, 0, 0, 0)))

    assert (made.width, made.height) == (10, 20)
    with Image.open(io.BytesIO(made.content)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        pytest.param(claims(100_000, 100_000), "image/png", id="a bomb"),
        pytest.param(claims(MOST_PIXELS // 1000 + 1, 1000), "image/png", id="just too large"),
        pytest.param(claims(400, 400), "image/png", id="cut short"),
        pytest.param(picture(form="JPEG"), "image/png", id="another type than it says"),
        pytest.param(b"\x89PNG\r\n\x1a\n<svg onload='alert(1)'/>", "image/png", id="markup"),
        pytest.param(b"GIF89a" + b"\xff" * 300, "image/gif", id="noise"),
        pytest.param(b"", "image/webp", id="nothing"),
        pytest.param(picture(), "text/plain", id="no picture"),
    ],
)
def test_what_cannot_be_decoded_has_none(tmp_path, content, media_type):
    assert drawn(tmp_path, content, media_type) is None
