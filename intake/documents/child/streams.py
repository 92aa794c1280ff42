"""Unpacked size of a PDF's streams, measured without keeping the unpacked bytes."""

import pikepdf
from pikepdf import Name

from intake.documents.child.pictures import declared_pixels
from intake.documents.child.refusal import Reason, Refused
from intake.documents.child.unpacking import unpack

_MIB = 1024 * 1024
# Drawing instructions of a page seldom exceed 2 MiB; a Letter page scanned at 600 dpi in colour is 100 MiB.
MAX_INSTRUCTIONS_BYTES = 48 * _MIB
MAX_PICTURE_BYTES = 256 * _MIB
MAX_UNPACKED_BYTES = 768 * _MIB
# A Letter page at 1200 dpi, in black and white.
MAX_PICTURE_PIXELS = 150_000_000


def refuse_bombs(pdf: pikepdf.Pdf) -> None:
    """Unpack every stream of `pdf` without keeping it; raise at the first that exceeds a limit.

    Streams that no page uses count too: a library or a reader may unpack them.

    :raises Refused: TOO_COMPLEX.
    """
    total = 0
    for stream in pdf.objects:
        if isinstance(stream, pikepdf.Stream):
            total += _unpacked_size(stream)
        if total > MAX_UNPACKED_BYTES:
            raise Refused(Reason.TOO_COMPLEX)


def filters_of(stream: pikepdf.Object) -> list[str]:
    """Return the names of a stream's filters, in the order in which a reader undoes them."""
    filters = stream.get("/Filter")
    if isinstance(filters, pikepdf.Array):
        return [str(name) for name in filters]
    return [str(filters)] if isinstance(filters, pikepdf.Name) else []


def _unpacked_size(stream: pikepdf.Stream) -> int:
    is_picture = stream.get("/Subtype") == Name.Image
    if is_picture and _pixels(stream) > MAX_PICTURE_PIXELS:
        raise Refused(Reason.TOO_COMPLEX)
    limit = MAX_PICTURE_BYTES if is_picture else MAX_INSTRUCTIONS_BYTES
    data, size, left = unpack(
        stream.read_raw_bytes(), filters_of(stream), limit, early_change=_changes_early(stream)
    )
    # A picture's own header counts, whatever its dictionary says: decoders obey the header.
    if left and declared_pixels(data, left[0]) > MAX_PICTURE_PIXELS:
        raise Refused(Reason.TOO_COMPLEX)
    return size


def _pixels(picture: pikepdf.Stream) -> int:
    try:
        return int(picture.get("/Width", 0)) * int(picture.get("/Height", 0))
    except (TypeError, ValueError):
        return 0


def _changes_early(stream: pikepdf.Stream) -> bool:
    parameters = stream.get("/DecodeParms")
    every = list(parameters) if isinstance(parameters, pikepdf.Array) else [parameters]
    found: list[object] = [one.get("/EarlyChange") for one in every if isinstance(one, pikepdf.Dictionary)]
    return 0 not in found
