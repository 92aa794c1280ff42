"""Redacted pages: what is covered is in no pixel, text, tag or metadata; words and pictures are found where shown."""

import io
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pikepdf
import pypdfium2
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from intake.dossiers.child import merge
from intake.dossiers.models import Dossier
from intake.dossiers.page_pictures import Area, draw_pages, read_content
from intake.dossiers.redaction import RedactionNotDrawnError, draw_redacted, extract_redacted
from intake.dossiers.render import DocumentSource, RedactedSource, render_anonymous_dossier, render_dossier
from intake.review.access.anonymous_review import mask_payload
from tests.documents.corpus.case import Case
from tests.documents.corpus.table import HOSTILE
from tests.dossiers.in_process import draw_in_process
from tests.dossiers.pdf_samples import AT
from tests.dossiers.test_anonymous_dossier import everything
from tests.dossiers.test_page_pictures import pdf
from tests.factories.payloads import payload
from tests.factories.receipts import DIGEST, NUMBER
from tests.factories.review import make_dossier, make_filed
from tests.factories.submissions import make_open_offer

WHOLE = Area(0, 0, 100, 100)
BLACK, WHITE = 40, 215
"""Levels of grey that a JPEG may make of black and of white."""
FAMILY_NAME = "Tremblay"


def stored(content: bytes) -> Dossier:
    """Return an unsaved dossier whose file has `content`."""
    return Dossier(number=NUMBER, file=default_storage.save("dossiers/redaction.pdf", ContentFile(content)))


def pictures(archive: bytes) -> dict[str, Image.Image]:
    with ZipFile(io.BytesIO(archive)) as packed:
        return {name: Image.open(io.BytesIO(packed.read(name))) for name in packed.namelist()}


def as_file(archive: bytes) -> Any:
    made = Dossier(file=default_storage.save("redacted/x.zip", ContentFile(archive)))
    return made.file


def document(*lines: str, more: bytes = b"") -> bytes:
    """Return a page with `lines` of text, one below the other from the top left, an annotation and an attachment."""
    made, to = pikepdf.new(), io.BytesIO()
    page = made.add_blank_page(page_size=(612, 792))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    shown = b"".join(
        b"BT /F1 24 Tf 72 %d Td (%s) Tj ET " % (700 - 50 * rank, line.encode())
        for rank, line in enumerate(lines)
    )
    page.Contents = made.make_stream(shown + more)
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Text,
        Contents=pikepdf.String(FAMILY_NAME),
        Rect=[0, 0, 20, 20],
    )
    page.Annots = made.make_indirect(pikepdf.Array([note]))
    made.attachments[f"{FAMILY_NAME}.txt"] = FAMILY_NAME.encode()
    with made.open_metadata() as metadata:
        metadata["dc:creator"] = [FAMILY_NAME]
    made.save(to)
    return to.getvalue()


def ink(picture: Image.Image, area: Area) -> tuple[int, int]:
    """Return the darkest and the lightest level of grey of a part of a picture."""
    across, down = picture.width / 100, picture.height / 100
    box = (
        area.left * across,
        area.top * down,
        (area.left + area.width) * across,
        (area.top + area.height) * down,
    )
    low, high = picture.convert("L").crop(box).getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    return low, high


@pytest.mark.django_db
def test_a_covered_word_is_in_nothing_that_an_anonymous_reader_receives() -> None:
    content = document(f"{FAMILY_NAME} Marie", "Programmation")
    dossier = make_dossier(make_filed(make_open_offer()), content=content)
    draw_pages(dossier=dossier, at=timezone.now())
    words = dict((read_content(dossier) or {})[1].words)
    assert words.keys() == {FAMILY_NAME, "Marie", "Programmation"}
    archive = draw_redacted(dossier=dossier, areas={1: [words[FAMILY_NAME]]})
    (page,) = pictures(archive).values()
    assert ink(page, words[FAMILY_NAME])[1] < BLACK
    for kept in ("Marie", "Programmation"):
        assert ink(page, words[kept])[0] < BLACK
        assert ink(page, words[kept])[1] > WHITE
    assert FAMILY_NAME.encode() not in archive
    assert not page.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert page.size == pytest.approx((1275, 1650), abs=1)


def test_the_anonymous_dossier_has_redacted_pages_without_a_word_beneath(tmp_path: Path) -> None:
    archive = draw_redacted(dossier=stored(document(FAMILY_NAME)), areas={1: [Area(10, 5, 40, 10)]})
    file = as_file(archive)
    masked = mask_payload(payload())
    with draw_in_process():
        made = render_anonymous_dossier(
            masked,
            number=NUMBER,
            received_at=AT,
            documents=payload().documents,
            redacted=[RedactedSource("Curriculum vitæ", tuple(extract_redacted(file, [1], tmp_path)))],
        )
    assert FAMILY_NAME not in everything(made)
    assert FAMILY_NAME.encode() not in made
    with pikepdf.open(io.BytesIO(made)) as result:
        last = result.pages[-1]
        (form,) = last.resources.XObject.values()
        (picture,) = form.Resources.XObject.values()
        assert (form.Resources.keys(), picture.Filter) == ({"/XObject"}, pikepdf.Name.DCTDecode)
        assert not result.attachments
        assert all("/Annots" not in page.obj or page is not last for page in result.pages)
        assert "/Thumb" not in last.obj
        assert float(last.mediabox[1]) == pytest.approx(-792, abs=1)
    with pypdfium2.PdfDocument(made) as read:
        shown = read[len(read) - 1].render(scale=1).to_pil()
    assert ink(shown, Area(12, 11, 30, 4))[1] < BLACK


def test_the_strip_of_a_dossier_is_left_out(tmp_path: Path) -> None:
    source = tmp_path / "cv.pdf"
    source.write_bytes(document("Programmation"))
    with draw_in_process():
        made = render_dossier(
            payload(),
            number=NUMBER,
            received_at=AT,
            digest=DIGEST,
            sources=[DocumentSource("Curriculum vitæ", source, 1)],
        )
    (page,) = pictures(draw_redacted(dossier=stored(made.content), areas={made.starts[0]: []})).values()
    assert page.size == pytest.approx((1275, 1650), abs=1)


@pytest.mark.django_db
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_an_area_covers_a_word_of_a_turned_page(turned: int) -> None:
    dossier = make_dossier(make_filed(make_open_offer()), content=pdf({"Rotate": turned}))
    draw_pages(dossier=dossier, at=timezone.now())
    ((_word, area),) = (read_content(dossier) or {})[1].words
    (page,) = pictures(draw_redacted(dossier=dossier, areas={1: [area]})).values()
    assert ink(page, area)[1] < BLACK
    outside = page.convert("L").point(lambda level: 255 * (level < 128)).getbbox()
    assert outside is not None
    shown = [side * 100 / whole for side, whole in zip(outside, page.size * 2, strict=True)]
    expected = (area.left, area.top, area.left + area.width, area.top + area.height)
    assert shown == pytest.approx(expected, abs=0.5)


@pytest.mark.django_db
def test_a_picture_inside_a_form_is_found_where_the_page_has_it(tmp_path: Path) -> None:
    made = pikepdf.new()
    page = made.add_blank_page(page_size=(612, 792))
    photo = made.make_stream(
        bytes(3 * 4),
        {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": 2,
            "/Height": 2,
            "/ColorSpace": pikepdf.Name.DeviceRGB,
            "/BitsPerComponent": 8,
        },
    )
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=photo))
    page.Contents = made.make_stream(b"q 100 0 0 120 450 600 cm /Photo Do Q")
    made.save(tmp_path / "cv.pdf")
    with draw_in_process():
        whole = render_dossier(
            payload(),
            number=NUMBER,
            received_at=AT,
            digest=DIGEST,
            sources=[DocumentSource("Curriculum vitæ", tmp_path / "cv.pdf", 1)],
        )
    dossier = make_dossier(make_filed(make_open_offer()), content=whole.content, pages=whole.pages)
    draw_pages(dossier=dossier, at=timezone.now())
    (area,) = (read_content(dossier) or {})[whole.starts[0]].pictures
    height = 792 + 28  # with its strip
    assert (area.left, area.top, area.width, area.height) == pytest.approx(
        (450 / 6.12, 100 * (28 + 72) / height, 100 / 6.12, 12_000 / height), abs=0.2
    )


def test_a_page_that_cannot_be_drawn_is_black() -> None:
    made = pictures(draw_redacted(dossier=stored(document(FAMILY_NAME)), areas={1: [], 2: []}))
    assert ink(made["2.jpg"], WHOLE)[1] < BLACK
    assert ink(made["1.jpg"], WHOLE)[1] > WHITE


def test_a_large_page_is_drawn_more_coarsely() -> None:
    (page,) = pictures(
        draw_redacted(dossier=stored(pdf({"MediaBox": [0, 0, 14_400, 14_400]})), areas={1: []})
    ).values()
    assert page.width * page.height <= 12_010_000


def test_what_is_no_pdf_is_an_error() -> None:
    with pytest.raises(RedactionNotDrawnError):
        draw_redacted(dossier=stored(b"%PDF-1.7 broken"), areas={1: []})


def _hostile_pdfs(number: int) -> list[Case]:
    """Return `number` hostile PDFs: the first of each family, then the second of each, and so on."""
    families: dict[str, list[Case]] = {}
    for case in HOSTILE:
        families.setdefault(case.family, []).append(case)
    ranked = (case for rank in zip_longest(*families.values()) for case in rank if case and not case.is_heavy)
    return list(islice((case for case in ranked if case.build().startswith(b"%PDF")), number))


@pytest.mark.parametrize("case", _hostile_pdfs(40), ids=lambda case: case.id)
def test_a_hostile_file_ends_as_pixels_or_not_at_all(case: Case, tmp_path: Path) -> None:
    try:
        archive = draw_redacted(dossier=stored(case.build()), areas={1: [WHOLE]})
    except RedactionNotDrawnError:
        return
    (page,) = pictures(archive).values()
    assert ink(page, WHOLE)[1] < BLACK
    to = io.BytesIO()
    with merge.open_part([str(path) for path in extract_redacted(as_file(archive), [1], tmp_path)]) as made:
        made.save(to)
        assert {
            str(item.get("/Subtype", "")) for item in made.objects if isinstance(item, pikepdf.Stream)
        } == {
            "",
            "/Image",
        }
    with pypdfium2.PdfDocument(to.getvalue()) as read:
        assert read[0].get_textpage().count_chars() == 0
