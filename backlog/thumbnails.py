"""A small picture of an attached one: decoded under a limit, drawn anew, so that nothing of the file but what it shows goes on. Plain, without a database."""

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
"""The types of `files.PICTURES`, each read by its own decoder alone."""
BOX = (320, 240)
"""Pixels at most, for a screen of twice the density."""
MOST_PIXELS = 50_000_000
"""A picture that says it has more is not decoded: 200 MB of memory, and what a good telephone takes has fewer."""
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class Thumbnail(NamedTuple):
    """WebP, and its size in pixels."""

    content: bytes
    width: int
    height: int


def draw_thumbnail(path: Path, media_type: str) -> Thumbnail | None:
    """The first picture of the file, upright and on white where it is see-through; None for what cannot be decoded or is too large."""
    try:
        with Image.open(path, formats=[FORMATS[media_type]]) as image:  # reads the head only
            if image.width * image.height > MOST_PIXELS:
                return None
            image.draft("RGB", BOX)  # a JPEG is decoded at an eighth where that is enough
            image.thumbnail(BOX, reducing_gap=2.0)
            small = ImageOps.exif_transpose(image).convert("RGBA")
            small.thumbnail(BOX)  # one that lay on its side
    except Exception:  # decoders fail in any way on what they are given: such a file has no thumbnail
        return None
    # A fresh picture: place, camera, colour profile and whatever else came along stay behind.
    fresh = Image.new("RGB", small.size, "white")
    fresh.paste(small, mask=small)
    target = BytesIO()
    fresh.save(target, "WEBP", quality=80, method=4)
    return Thumbnail(target.getvalue(), *fresh.size)
