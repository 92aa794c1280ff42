"""Pictures of a dossier's pages: text where the picture shows it, holes, and what is drawn again or erased."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image, ImageChops

from intake.dossiers.models import Dossier, PagePictures
from intake.dossiers.page_pictures import PicturesNotDrawnError, draw_pages, open_picture, read_pages
from intake.privacy.retention.erasing import erase_submission, remove_left_files
from tests.factories.retention import let_every_period_pass
from tests.factories.review import make_dossier, make_filed
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db
WORD = "Bonjour"
NEAR = 4
"""Points by which the box of a word, as its font measures it, differs from its ink."""


def pdf(*pages: dict[str, Any]) -> bytes:
    """Return a PDF with a page for each of `pages`, its entries; each shows `WORD` off its middle."""
    made, to = pikepdf.new(), BytesIO()
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    for entries in pages:
        page = made.add_blank_page(page_size=(612, 792))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = made.make_stream(f"BT /F1 24 Tf 120 600 Td ({WORD}) Tj ET".encode())
        for name, value in entries.items():
            page[f"/{name}"] = value
    made.save(to)
    return to.getvalue()


def drawn(content: bytes, pages: int = 1) -> Dossier:
    dossier = make_dossier(make_filed(make_open_offer()), content=content, pages=pages)
    draw_pages(dossier=dossier, at=timezone.now())
    return dossier


@pytest.mark.parametrize(
    "entries",
    [{}, {"Rotate": 90}, {"Rotate": 180}, {"Rotate": 270}, {"CropBox": [90, 500, 400, 700]}],
    ids=["upright", "90", "180", "270", "cropped"],
)
def test_a_word_is_where_the_picture_shows_it(entries: dict[str, Any]) -> None:
    dossier = drawn(pdf(entries))
    page = (read_pages(dossier) or {})[1]
    (line,) = page.lines
    picture = Image.open(open_picture(dossier, 1)).convert("L")
    scale = page.width / picture.width
    ink = ImageChops.invert(picture).point(lambda level: 255 * (level > 100)).getbbox()
    assert ink is not None
    shown = [side * scale for side in ink]
    assert line.text == WORD
    assert [line.x, line.y, line.x + line.width, line.y + line.height] == pytest.approx(shown, abs=NEAR)
    assert (page.width, page.height) == pytest.approx((picture.width * scale, picture.height * scale), abs=1)


def test_a_page_that_cannot_be_drawn_leaves_the_others() -> None:
    dossier = drawn(pdf({}, {"MediaBox": [0, 0, 1, 2_000_000]}, {}), pages=3)
    pages = read_pages(dossier) or {}
    assert {1, 3} <= pages.keys()
    assert pages[3].lines[0].text == WORD


def test_what_is_no_pdf_is_an_error_of_the_job() -> None:
    dossier = make_dossier(make_filed(make_open_offer()), content=b"%PDF-1.7 broken")
    with pytest.raises(PicturesNotDrawnError):
        draw_pages(dossier=dossier, at=timezone.now())
    assert read_pages(dossier) is None


def test_pages_are_drawn_once_and_again_when_lost_damaged_or_of_another_file() -> None:
    dossier = drawn(pdf({}))
    made = PagePictures.objects.get()
    draw_pages(dossier=dossier, at=timezone.now())
    assert PagePictures.objects.get().built_at == made.built_at
    storage, name = made.file.storage, str(made.file.name)
    storage.delete(name)
    assert read_pages(dossier) is None
    storage.save(name, ContentFile(b"PK damaged"))
    assert read_pages(dossier) is None
    storage.delete(name)
    draw_pages(dossier=dossier, at=timezone.now())
    assert read_pages(dossier) is not None
    Dossier.objects.update(sha256="0" * 64)
    dossier.refresh_from_db()
    assert read_pages(dossier) is None
    draw_pages(dossier=dossier, at=timezone.now())
    assert read_pages(dossier) is not None
    assert PagePictures.objects.count() == 1


def test_an_erasure_deletes_the_pictures_and_those_drawn_meanwhile_are_not_kept() -> None:
    submission = make_filed(make_open_offer())
    dossier = make_dossier(submission, content=pdf({}))
    draw_pages(dossier=dossier, at=timezone.now())
    made = PagePictures.objects.get()
    let_every_period_pass()
    assert erase_submission(submission=submission)
    remove_left_files()
    assert not PagePictures.objects.exists()
    assert not made.file.storage.exists(str(made.file.name))
    # A worker that had read the dossier before.
    make_again = Dossier(pk=dossier.pk, number=dossier.number, sha256=dossier.sha256)
    name = dossier.file.storage.save("dossiers/copy.pdf", ContentFile(pdf({})))
    make_again.file.name = name
    draw_pages(dossier=make_again, at=timezone.now())
    assert not PagePictures.objects.exists()
