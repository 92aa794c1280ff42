"""Measure whether a person can read the pages of a cleaned PDF. What is found is a warning, never a refusal.

Each page is drawn small, in grey, and its text is measured where it has any. Levels are from 0, black, to 255, white.
"""

import time
from collections.abc import Iterator
from enum import StrEnum

import pypdfium2
from PIL import Image, ImageChops, ImageFilter
from pypdfium2 import raw

DRAWN_PIXELS = 720  # the longest side of a drawn page: 65 dots an inch on Letter paper
MAX_CPU_SECONDS = 1.5  # of this process, when a further page is drawn; its limit is `limits.INSPECTION`
MAX_CHARACTERS = 1500  # measured on a page
MARGIN = 0.04  # share of a side that is left out: scanners leave dark edges there

MIN_CONTRAST = 16  # levels by which ink is darker than what surrounds it within `_NEAR` pixels
_NEAR = 12
MIN_INK_PIXELS = 12  # two letters of 11 points
DARK_LEVEL = 120  # if 99 of 100 pixels are darker, the paper is: white text on dark paper has lighter ones

MIN_DOTS_PER_INCH = 75  # a line of 11 points has 11 dots
MIN_HEIGHT_POINTS = 2.2  # of half the letters, seen on a sheet of Letter paper: text of about 4.5 points
_SHEET_POINTS = 792
_MAIN_PICTURE = 0.5  # share of the page
_ONLY_PICTURE = 0.002

# Letters at an edge: a rule of a table is thinner, the row of a table or a desk is thicker.
_EDGE_PIXELS, _LETTER_PIXELS, _MIN_LETTERS = 3, range(3, 13), 6
_PAPER_TOLERANCE, _INK_DIFFERENCE = 30, 60
_CUT_POINTS, _MIN_CUT_CHARACTERS = 1.0, 3

type _Box = tuple[float, float, float, float]


class Legibility(StrEnum):
    """What may keep a person from reading a page. The parent process has the sentence of each code."""

    BLANK_PAGE = "BLANK_PAGE"
    TOO_DARK = "TOO_DARK"
    CUT = "CUT"
    LOW_RESOLUTION = "LOW_RESOLUTION"
    SMALL_TEXT = "SMALL_TEXT"


def warnings_of(document: pypdfium2.PdfDocument) -> list[tuple[str, int]]:
    """Return each warning with the number of its page, from 1.

    Pages are left out once the process has used `MAX_CPU_SECONDS`: a warning is not worth a refusal.
    """
    found: list[tuple[str, int]] = []
    for index in range(len(document)):
        if time.process_time() > MAX_CPU_SECONDS:
            break
        found += [(code, index + 1) for code in _warnings_of_page(document[index])]
    return found


def _warnings_of_page(page: pypdfium2.PdfPage) -> list[Legibility]:
    width, height = page.get_size()
    scale = DRAWN_PIXELS / max(width, height)
    drawn = page.render(scale=scale, may_draw_forms=False, grayscale=True).to_pil().convert("L")
    picture = _main_picture(page)
    seen = drawn if picture is None else _cropped(drawn, page, picture[1], scale)
    if is_too_dark(seen):
        return [Legibility.TOO_DARK]
    heights, cut = _measure_text(page)
    if not heights and is_blank(seen):
        return [Legibility.BLANK_PAGE]
    found = []
    if cut >= _MIN_CUT_CHARACTERS or (picture is not None and touches_an_edge(seen)):
        found.append(Legibility.CUT)
    if picture is not None and picture[0] < MIN_DOTS_PER_INCH:
        found.append(Legibility.LOW_RESOLUTION)
    shown = min(1.0, _SHEET_POINTS / max(width, height))
    if len(heights) >= _MIN_LETTERS and sorted(heights)[len(heights) // 2] * shown < MIN_HEIGHT_POINTS:
        found.append(Legibility.SMALL_TEXT)
    return found


def is_blank(drawn: Image.Image) -> bool:
    """True if a drawn page has no ink inside its margins: shadows and the colour of the paper are none."""
    inner = _inside(drawn)
    surroundings = inner.filter(ImageFilter.BoxBlur(_NEAR))
    contrast = ImageChops.subtract(surroundings, inner).histogram()
    lighter = ImageChops.subtract(inner, surroundings).histogram()
    return max(sum(contrast[MIN_CONTRAST:]), sum(lighter[MIN_CONTRAST:])) < MIN_INK_PIXELS


def is_too_dark(drawn: Image.Image) -> bool:
    """True if even the lightest parts of a drawn page are dark."""
    return _level(_inside(drawn), 0.99) < DARK_LEVEL


def touches_an_edge(drawn: Image.Image) -> bool:
    """True if letters touch an edge of a scan, on paper that reaches that edge."""
    paper = _level(drawn, 0.9)
    return any(_letters_in(strip, paper) >= _MIN_LETTERS for strip in _strips(drawn))


def _strips(drawn: Image.Image) -> Iterator[list[int]]:
    """Yield the levels along each of the four edges."""
    width, height = drawn.size
    if min(width, height) <= 2 * _EDGE_PIXELS:
        return
    for box in ((0, 0, _EDGE_PIXELS, height), (width - _EDGE_PIXELS, 0, width, height)):
        yield list(drawn.crop(box).resize((1, height), Image.Resampling.BOX).tobytes())
    for box in ((0, 0, width, _EDGE_PIXELS), (0, height - _EDGE_PIXELS, width, height)):
        yield list(drawn.crop(box).resize((width, 1), Image.Resampling.BOX).tobytes())


def _letters_in(strip: list[int], paper: int) -> int:
    if sorted(strip)[len(strip) // 2] < paper - _PAPER_TOLERANCE:
        return 0  # a dark edge, or the desk
    runs, length = 0, 0
    for level in [*strip, 255]:
        if level < paper - _INK_DIFFERENCE:
            length += 1
        else:
            runs += length in _LETTER_PIXELS
            length = 0
    return runs


def _main_picture(page: pypdfium2.PdfPage) -> tuple[float, _Box] | None:
    """Return the resolution, in dots an inch, and the place of the picture that is the page; None if none is."""
    left, bottom, right, top = page.get_bbox()
    area = max((right - left) * (top - bottom), 1)
    objects = list(page.get_objects(max_depth=3))
    pictures = [one for one in objects if one.type == raw.FPDF_PAGEOBJ_IMAGE]
    share = _ONLY_PICTURE if len(objects) == len(pictures) == 1 else _MAIN_PICTURE
    for picture in pictures:
        box: _Box = picture.get_bounds()
        width, height = box[2] - box[0], box[3] - box[1]
        if width * height / area >= share and width > 0 and height > 0:
            pixels = picture.get_px_size() if isinstance(picture, pypdfium2.PdfImage) else (0, 0)
            if min(pixels) > 0:
                return 72 * (pixels[0] * pixels[1] / (width * height)) ** 0.5, box
    return None


def _cropped(drawn: Image.Image, page: pypdfium2.PdfPage, box: _Box, scale: float) -> Image.Image:
    """Return the part of a drawn page inside `box`; the whole if the page is turned or the part is too small."""
    left, _bottom, _right, top = page.get_bbox()
    place = [(box[0] - left) * scale, (top - box[3]) * scale, (box[2] - left) * scale, (top - box[1]) * scale]
    # One pixel less on each side: the first one is mixed with the paper around it.
    x, y, right, bottom = (round(side) for side in place)
    x, y, right, bottom = (
        max(x + 1, 0),
        max(y + 1, 0),
        min(right - 1, drawn.width),
        min(bottom - 1, drawn.height),
    )
    if page.get_rotation() or right - x < DRAWN_PIXELS // 20 or bottom - y < DRAWN_PIXELS // 20:
        return drawn
    return drawn.crop((x, y, right, bottom))


def _measure_text(page: pypdfium2.PdfPage) -> tuple[list[float], int]:
    """Return the heights in points of the letters on a page, and how many characters its edges cut."""
    left, bottom, right, top = page.get_bbox()
    text = page.get_textpage()
    count = text.count_chars()
    heights, cut = [], 0
    for index in range(0, count, max(count // MAX_CHARACTERS, 1)):
        code = chr(raw.FPDFText_GetUnicode(text.raw, index))
        if not code.isalnum():
            continue
        x, y, far, high = text.get_charbox(index)
        heights.append(min(high - y, far - x) if far - x > 4 * (high - y) else high - y)
        inside = min(far, right) - max(x, left), min(high, top) - max(y, bottom)
        beyond = max(left - x, far - right, bottom - y, high - top)
        cut += min(inside) > _CUT_POINTS and beyond > _CUT_POINTS
    return heights, cut


def _inside(drawn: Image.Image) -> Image.Image:
    width, height = drawn.size
    x, y = round(width * MARGIN), round(height * MARGIN)
    return drawn.crop((x, y, max(width - x, x + 1), max(height - y, y + 1)))


def _level(drawn: Image.Image, share: float) -> int:
    """Return the level below which `share` of the pixels are."""
    left = drawn.width * drawn.height * share
    for level, count in enumerate(drawn.histogram()):
        left -= count
        if left <= 0:
            return level
    return 255
