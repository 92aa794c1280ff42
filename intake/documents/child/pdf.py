"""Read an uploaded PDF and write one without active content.

The module lists what is kept, not what is removed: pages, their boxes, their contents and the resources that they draw
with are copied to a new file. Catalogue, names, forms, outlines, tags, metadata and annotations are not copied; the
appearance of annotations and form fields is drawn into the page first. No link is kept, not even to `https:`: a dossier
leads nowhere outside. The metadata inside pictures are removed too.
"""

from pathlib import Path

import pikepdf

from intake.documents.child import active
from intake.documents.child.cycles import refuse_drawing_loops, refuse_page_loops
from intake.documents.child.pictures import without_metadata
from intake.documents.child.polyglots import refuse_polyglot_pdf
from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.streams import MAX_PICTURE_BYTES, filters_of, refuse_bombs
from intake.documents.child.structure import RawPdf, refuse_unsafe_structure
from intake.documents.child.unpacking import unpack

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
# The last three are of data in another file, which `active` removes.
_STREAM_KEYS_KEPT = {"/Length", "/Filter", "/DecodeParms", "/F", "/FFilter", "/FDecodeParms"}
# Points. A page of a tenth of an inch, or of a hundred inches, is a mistake or an attack.
MIN_SIDE_POINTS = 7.2
MAX_SIDE_POINTS = 7200.0
_TAIL_BYTES = 1024
# In the messages of qpdf, which stops where another reader may not.
_LOOP_WORDS = ("loop detected", "self-referential")


def clean(path: Path, into: Path, *, max_pages: int) -> tuple[int, set[str]]:
    """Write the cleaned PDF at `into`; return its number of pages and the codes of what was removed.

    :raises Refused: if the file is encrypted, damaged, without pages, too long, too complex, not made of pages, refers
        to itself, or is also a file of another format.
    :raises MemoryError: if the file needs more memory than the limit.
    """
    raw = RawPdf(path.read_bytes())
    refuse_polyglot_pdf(raw)
    refuse_unsafe_structure(raw)
    del raw
    try:
        with pikepdf.open(path) as received:
            return _clean(received, path, into, max_pages=max_pages)
    except pikepdf.PasswordError as error:
        raise Refused(Reason.ENCRYPTED) from error
    except pikepdf.PdfError as error:
        raise Refused(_reason_of(str(error))) from error
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError, RecursionError) as error:
        # A structure of the wrong type for its place: readers would interpret it differently.
        raise Refused(Reason.DAMAGED) from error


def _reason_of(message: str) -> Reason:
    if "encrypt" in message:
        return Reason.ENCRYPTED
    is_loop = any(word in message.lower() for word in _LOOP_WORDS)
    return Reason.SELF_REFERENCE if is_loop else Reason.DAMAGED


def _clean(received: pikepdf.Pdf, path: Path, into: Path, *, max_pages: int) -> tuple[int, set[str]]:
    _refuse_unsafe_objects(received, path)
    pages = len(received.pages)
    if pages == 0:
        raise Refused(Reason.NO_PAGES)
    if pages > max_pages:
        raise Refused(Reason.TOO_MANY_PAGES, pages=pages)
    if "/Collection" in received.Root:
        raise Refused(Reason.PORTFOLIO)
    if _is_true(received.Root, "/NeedsRendering"):
        raise Refused(Reason.DYNAMIC_FORM)
    refuse_drawing_loops(received)
    removed = active.find(received)
    if _has_bytes_outside(path):
        removed.add("EXTRA_BYTES")
    _draw_annotations(received)
    with pikepdf.new() as cleaned:
        for page in received.pages:
            _refuse_odd_sizes(page)
            for key in set(page.obj.keys()) - _PAGE_KEYS_KEPT:
                del page.obj[key]
            _keep_instructions_only(page)
            cleaned.pages.append(page)
        active.remove(cleaned)
        _strip_pictures(cleaned)
        cleaned.save(
            into,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            min_version="1.5",
        )
    return pages, removed


def _refuse_unsafe_objects(received: pikepdf.Pdf, path: Path) -> None:
    """Raise `Refused` if the file is truncated, unpacks to too much, or refers to itself."""
    warnings = _warnings(received)
    if warnings and _is_cut_short(path):
        raise Refused(Reason.DAMAGED)
    if "/Pages" not in received.Root:
        raise Refused(Reason.NO_PAGES)
    refuse_page_loops(received)
    # Before anything unpacks a stream, those that the cleaning drops too. Every object is read here.
    refuse_bombs(received)
    if any(word in warning for warning in warnings + _warnings(received) for word in _LOOP_WORDS):
        raise Refused(Reason.SELF_REFERENCE)


def _warnings(received: pikepdf.Pdf) -> list[str]:
    """Return what the library has repaired or skipped since the last call."""
    return [str(warning) for warning in received.get_warnings()]


def _strip_pictures(cleaned: pikepdf.Pdf) -> None:
    """Remove the metadata inside JPEG and JPEG 2000 pictures; their pixels are not decoded."""
    for picture in cleaned.objects:
        if not isinstance(picture, pikepdf.Stream) or picture.get("/Subtype") != pikepdf.Name.Image:
            continue
        data, _size, left = unpack(
            picture.read_raw_bytes(), filters_of(picture), MAX_PICTURE_BYTES, keep=True
        )
        stripped = without_metadata(data, left[0]) if len(left) == 1 else None
        if stripped is not None:
            parameters: object = picture.get("/DecodeParms")
            if isinstance(parameters, pikepdf.Array):
                parameters = parameters[-1]
            own = parameters if isinstance(parameters, pikepdf.Dictionary) else None
            picture.write(stripped, filter=pikepdf.Name(left[0]), decode_parms=own)


def _draw_annotations(received: pikepdf.Pdf) -> None:
    form = received.Root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and _is_true(form, "/NeedAppearances"):
        received.generate_appearance_streams()
    # "screen": what the author saw; hidden notes stay hidden.
    received.flatten_annotations("screen")


def _is_true(dictionary: pikepdf.Object, key: str) -> bool:
    value: object = dictionary.get(key)
    return value is True


def _keep_instructions_only(page: pikepdf.Page) -> None:
    """Delete from the streams of a page's drawing every key that does not say how to unpack them."""
    contents = page.obj.get("/Contents")
    for stream in contents if isinstance(contents, pikepdf.Array) else [contents]:
        if isinstance(stream, pikepdf.Stream):
            for key in set(stream.keys()) - _STREAM_KEYS_KEPT:
                del stream[key]


def _refuse_odd_sizes(page: pikepdf.Page) -> None:
    try:
        left, bottom, right, top = (float(side) for side in page.mediabox)
        unit = float(page.obj.get("/UserUnit", 1))
    except (TypeError, ValueError, AttributeError) as error:
        raise Refused(Reason.DIMENSIONS) from error
    for side in (abs(right - left) * unit, abs(top - bottom) * unit):
        if not MIN_SIDE_POINTS <= side <= MAX_SIDE_POINTS:
            raise Refused(Reason.DIMENSIONS, points=round(min(side, 1e9)))


def _is_cut_short(path: Path) -> bool:
    """True if the file is truncated: qpdf's reconstruction may differ from what the candidate meant to send."""
    data = path.read_bytes()
    return data.rfind(b"%%EOF") < data.rfind(b"endobj")


def _has_bytes_outside(path: Path) -> bool:
    with path.open("rb") as stream:
        starts_at_once = stream.read(5) == b"%PDF-"
        stream.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        _before, _mark, after = stream.read().rpartition(b"%%EOF")
    return not starts_at_once or bool(after.strip(b"\0 \t\r\n"))
