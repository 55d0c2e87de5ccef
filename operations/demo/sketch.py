"""A picture for an item of the demo: a basket before and after its total is right, as somebody would sketch it."""

from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (960, 600)
_PAPER, _INK, _FAINT, _ACT, _WRONG = "#fbfaf7", "#3a3732", "#d6d1c8", "#0f625e", "#c9473b"


def draw_basket() -> bytes:
    """A PNG of two telephones side by side."""
    image = Image.new("RGB", SIZE, _PAPER)
    pen = ImageDraw.Draw(image)
    for left, total, colour in ((120, "45.49", _WRONG), (560, "45.50", _ACT)):
        pen.rounded_rectangle((left, 40, left + 280, 560), radius=28, outline=_INK, width=4)
        for number in range(3):
            top = 100 + number * 96
            pen.rounded_rectangle((left + 28, top, left + 88, top + 60), radius=8, fill=_FAINT)
            pen.rounded_rectangle((left + 104, top + 8, left + 228 - number * 24, top + 22), radius=7, fill=_INK)
            pen.rounded_rectangle((left + 104, top + 36, left + 172, top + 48), radius=6, fill=_FAINT)
        pen.line((left + 28, 396, left + 252, 396), fill=_FAINT, width=3)
        pen.text((left + 28, 416), "Total", fill=_INK, font_size=26)
        pen.text((left + 252, 416), total, fill=colour, font_size=26, anchor="ra")
        pen.rounded_rectangle((left + 28, 480, left + 252, 528), radius=10, fill=_ACT)
    pen.line((428, 300, 532, 300), fill=_INK, width=4)
    pen.polygon(((532, 300), (516, 290), (516, 310)), fill=_INK)
    target = BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
