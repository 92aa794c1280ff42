"""Convert a photograph or a scan to a one-page PDF, upright and without metadata."""

import io
from pathlib import Path

import pikepdf
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from intake.documents.child.pictures import MAX_TEXT_BYTES, end_of_picture, refuse_picture_bombs
from intake.documents.child.polyglots import refuse_polyglot_picture
from intake.documents.child.refusal import Reason, Refused

# A JPEG is reduced while it is decoded; others are decoded in full, at 4 bytes a pixel, within the address space limit.
MAX_PIXELS = {"JPEG": 220_000_000, "MPO": 220_000_000, "PNG": 36_000_000, "HEIF": 50_000_000}
# More than 300 dots per inch on a Letter page adds bytes without legibility.
MAX_LONG_SIDE_PIXELS = 3300
MAX_SHORT_SIDE_PIXELS = 2550
_QUALITY = 88

_ORIENTATION = 0x0112  # EXIF tag of the camera's orientation

# US Letter, Québec's paper format, in points.
_PAGE = (612, 792)
_MARGIN = 18


def to_page(path: Path, clean: Path) -> tuple[int, set[str]]:
    """Write the picture at `path` as a one-page PDF; return 1 and the codes of what was removed.

    :raises Refused: DAMAGED, DIMENSIONS if above `MAX_PIXELS`, TOO_COMPLEX, or POLYGLOT.
    """
    data = path.read_bytes()
    refuse_polyglot_picture(data)
    refuse_picture_bombs(data)
    Image.MAX_IMAGE_PIXELS = None  # replaced by a limit per format, checked before decoding
    # Measured above: an editor's long text is no reason to refuse a picture.
    PngImagePlugin.MAX_TEXT_CHUNK = PngImagePlugin.MAX_TEXT_MEMORY = MAX_TEXT_BYTES
    try:
        with Image.open(path, formats=_formats(data)) as opened:
            if opened.width * opened.height > MAX_PIXELS[str(opened.format)]:
                raise Refused(Reason.DIMENSIONS, width=opened.width, height=opened.height)
            removed = _removed_codes(opened)
            # The second view of an MPO is after the first one, and reported as such.
            if not removed & {"ANIMATION"} and data[end_of_picture(data) :].strip(b"\0 \t\r\n"):
                removed.add("EXTRA_BYTES")
            upright = _oriented(opened)
    except (OSError, SyntaxError, ValueError, EOFError, RuntimeError, Image.DecompressionBombError) as error:
        raise Refused(Reason.DAMAGED) from error
    _write(upright, clean)
    return 1, removed


def _formats(data: bytes) -> list[str]:
    """Return the names of the decoders that a picture may need, and register that of a HEIC."""
    if data[4:8] != b"ftyp":
        return ["JPEG", "PNG"]
    import pillow_heif  # noqa: PLC0415 -- 26 MB of libraries that other pictures do not need

    # The picture alone: no depth, mask or thumbnail of it is decoded.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
    return ["HEIF"]


def _removed_codes(picture: Image.Image) -> set[str]:
    removed = set()
    if picture.getexif() or {"comment", "xmp", "photoshop", "Comment"} & picture.info.keys():
        removed.add("METADATA")
    # An MPO has a second view of the same scene, an animated PNG more images: only the first is kept.
    if getattr(picture, "n_frames", 1) > 1:
        removed.add("ANIMATION")
    return removed


def _oriented(picture: Image.Image) -> Image.Image:
    stored = (MAX_LONG_SIDE_PIXELS, MAX_SHORT_SIDE_PIXELS)
    if picture.width <= picture.height:
        stored = stored[::-1]
    picture.draft("RGB", stored)
    if picture.mode not in {"RGB", "L", "RGBA", "LA"}:
        # Palette indices and 16-bit samples are not averaged when reduced; plain colours are.
        picture = _opaque(picture)
    picture.thumbnail(stored)
    return ImageOps.exif_transpose(_in_usual_colours(picture))


def _in_usual_colours(picture: Image.Image) -> Image.Image:
    """Return the picture opaque, in grey or in sRGB: a wide profile of a phone read as sRGB would look pale."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "CMYK"}:
        return _opaque(picture)
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _opaque(picture)  # a damaged profile, or one for other colours than these
    return _orient_again(picture, converted) if converted else _opaque(picture)


def _opaque(picture: Image.Image) -> Image.Image:
    if picture.mode in {"L", "RGB"} and "transparency" not in picture.info:
        return picture
    if picture.mode.startswith("I"):
        # 16 bits per sample: keep the high byte; a plain conversion would clip everything to white.
        return _orient_again(picture, picture.convert("I").point(lambda sample: sample / 256).convert("L"))
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        paper = Image.new("RGBA", picture.size, "white")
        flat = Image.alpha_composite(paper, picture.convert("RGBA")).convert("RGB")
        return _orient_again(picture, flat)
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _orient_again(picture: Image.Image, flat: Image.Image) -> Image.Image:
    # A new image does not keep the EXIF orientation.
    orientation = picture.getexif().get(_ORIENTATION)
    if orientation:
        flat.getexif()[_ORIENTATION] = orientation
    return flat


def _write(picture: Image.Image, clean: Path) -> None:
    picture.info.clear()  # else the new JPEG would keep the comment of the original
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=_QUALITY, optimize=True, subsampling=0)
    page_width, page_height = _PAGE if picture.height >= picture.width else _PAGE[::-1]
    scale = min((page_width - 2 * _MARGIN) / picture.width, (page_height - 2 * _MARGIN) / picture.height)
    # A small picture keeps one point per pixel: enlarging it would only blur it.
    scale = min(scale, 1.0)
    width, height = picture.width * scale, picture.height * scale
    with pikepdf.new() as pdf:
        drawing = pikepdf.Stream(pdf, encoded.getvalue())
        drawing.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=picture.width,
            Height=picture.height,
            ColorSpace=pikepdf.Name.DeviceGray if picture.mode == "L" else pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        left, bottom = (page_width - width) / 2, (page_height - height) / 2
        content = f"q {width:.3f} 0 0 {height:.3f} {left:.3f} {bottom:.3f} cm /Picture Do Q"
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=pikepdf.Array([0, 0, page_width, page_height]),
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(Picture=drawing)),
            Contents=pikepdf.Stream(pdf, content.encode()),
        )
        pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))
        pdf.save(clean, deterministic_id=True)
