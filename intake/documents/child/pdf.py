"""Read an uploaded PDF and write one without active content.

The module lists what is kept, not what is removed: pages, their boxes, their contents and the resources that they draw
with are copied to a new file. Catalogue, names, forms, outlines, tags, metadata and annotations are not copied; the
appearance of annotations and form fields is drawn into the page first.
"""

from pathlib import Path

import pikepdf

from intake.documents.child import active
from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.streams import refuse_bombs

_PAGE_KEYS_KEPT = {
    "/Type",
    "/MediaBox",
    "/CropBox",
    "/BleedBox",
    "/TrimBox",
    "/ArtBox",
    "/Rotate",
    "/UserUnit",
    "/Group",
    "/Resources",
    "/Contents",
}
# Points. A page of a tenth of an inch, or of a hundred inches, is a mistake or an attack.
MIN_SIDE_POINTS = 7.2
MAX_SIDE_POINTS = 7200.0
_TAIL_BYTES = 1024


def clean(path: Path, into: Path, *, max_pages: int) -> tuple[int, set[str]]:
    """Write the cleaned PDF at `into`; return its number of pages and the codes of what was removed.

    :raises Refused: if the file is encrypted, damaged, without pages, too long, too complex, or not made of pages.
    :raises MemoryError: if the file needs more memory than the limit.
    """
    try:
        with pikepdf.open(path) as received:
            return _clean(received, path, into, max_pages=max_pages)
    except pikepdf.PasswordError as error:
        raise Refused(Reason.ENCRYPTED) from error
    except pikepdf.PdfError as error:
        raise Refused(Reason.ENCRYPTED if "encrypt" in str(error) else Reason.DAMAGED) from error
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, RecursionError) as error:
        # A structure of the wrong type for its place: readers would interpret it differently.
        raise Refused(Reason.DAMAGED) from error


def _clean(received: pikepdf.Pdf, path: Path, into: Path, *, max_pages: int) -> tuple[int, set[str]]:
    if _is_cut_short(path, received):
        raise Refused(Reason.DAMAGED)
    pages = len(received.pages)
    if pages == 0:
        raise Refused(Reason.NO_PAGES)
    if pages > max_pages:
        raise Refused(Reason.TOO_MANY_PAGES, pages=pages)
    if "/Collection" in received.Root:
        raise Refused(Reason.PORTFOLIO)
    if _is_true(received.Root, "/NeedsRendering"):
        raise Refused(Reason.DYNAMIC_FORM)
    removed = active.find(received)
    if _has_bytes_outside(path):
        removed.add("EXTRA_BYTES")
    _draw_annotations(received)
    with pikepdf.new() as cleaned:
        for page in received.pages:
            _refuse_odd_sizes(page)
            for key in set(page.obj.keys()) - _PAGE_KEYS_KEPT:
                del page.obj[key]
            cleaned.pages.append(page)
        active.remove(cleaned)
        refuse_bombs(cleaned)
        cleaned.save(
            into,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            min_version="1.5",
        )
    return pages, removed


def _draw_annotations(received: pikepdf.Pdf) -> None:
    form = received.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and _is_true(form, "/NeedAppearances"):
        received.generate_appearance_streams()
    # "screen": what the author saw; hidden notes stay hidden.
    received.flatten_annotations("screen")


def _is_true(dictionary: pikepdf.Object, key: str) -> bool:
    value: object = dictionary.get(key)
    return value is True


def _refuse_odd_sizes(page: pikepdf.Page) -> None:
    try:
        left, bottom, right, top = (float(side) for side in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1))
    except (TypeError, ValueError, AttributeError) as error:
        raise Refused(Reason.DIMENSIONS) from error
    for side in (abs(right - left) * unit, abs(top - bottom) * unit):
        if not MIN_SIDE_POINTS <= side <= MAX_SIDE_POINTS:
            raise Refused(Reason.DIMENSIONS, points=round(min(side, 1e9)))


def _is_cut_short(path: Path, received: pikepdf.Pdf) -> bool:
    """True if the file is truncated: qpdf's reconstruction may differ from what the candidate meant to send."""
    if not received.get_warnings():
        return False
    data = path.read_bytes()
    return data.rfind(b"%%EOF") < data.rfind(b"endobj")


def _has_bytes_outside(path: Path) -> bool:
    with path.open("rb") as stream:
        starts_at_once = stream.read(5) == b"%PDF-"
        stream.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        _before, _mark, after = stream.read().rpartition(b"%%EOF")
    return not starts_at_once or bool(after.strip(b"\0 \t\r\n"))
