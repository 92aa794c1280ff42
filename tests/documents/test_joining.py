"""Several files become one document: in order, turned, the same bytes each time. A file is copied for another use."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

import pikepdf
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from intake.documents import joining
from intake.documents.invariants import stored_sha256
from intake.documents.isolated_process import ProcessTimeoutError
from intake.documents.joining import Part, copy_upload, join_uploads
from intake.documents.models import Upload
from intake.documents.reasons import UploadRefused
from tests.factories.documents import AT, make_upload
from tests.factories.files import pdf_bytes, picture_bytes
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db

MIB = 1024 * 1024


def join(parts: Sequence[Part], *, max_pages: int = 20, max_bytes: int = 10 * MIB) -> Upload:
    owner = parts[0].upload.owner
    return join_uploads(
        owner=owner, kind="TRANSCRIPT", parts=parts, max_pages=max_pages, max_bytes=max_bytes, at=AT
    )


def pages_of(upload: Upload) -> list[tuple[str, int]]:
    """Return the width of each page, which tells the files apart, with its rotation."""
    with pikepdf.open(io.BytesIO(upload.file.read())) as pdf:
        return [(str(page.mediabox[2]), int(page.obj.get("/Rotate", 0))) for page in pdf.pages]


def files_of_one_owner() -> tuple[Upload, Upload]:
    owner = make_user()
    return (
        make_upload(owner, content=pdf_bytes(2, size=(600, 800)), pages=2, original_name="photo-1.jpg"),
        make_upload(owner, content=pdf_bytes(1, size=(500, 800)), neutralised=["LINK"]),
    )


def test_files_are_joined_in_order_and_turned() -> None:
    first, second = files_of_one_owner()
    joined = join([Part(second, 90), Part(first), Part(second, 270)])
    assert pages_of(joined) == [("500", 90), ("600", 0), ("600", 0), ("500", 270)]
    assert (joined.pages, joined.kind, joined.media_type) == (4, "TRANSCRIPT", "application/pdf")
    assert joined.neutralised == ["LINK"]
    assert (joined.owner, joined.created_at) == (first.owner, AT)


def test_warnings_name_the_pages_of_the_joined_document() -> None:
    first, second = files_of_one_owner()
    first.warnings, second.warnings = ["BLANK_PAGE:1", "CUT:2"], ["TOO_DARK:1"]
    joined = join([Part(second), Part(first), Part(second)])
    assert joined.warnings == ["TOO_DARK:1", "BLANK_PAGE:2", "CUT:3", "TOO_DARK:4"]
    assert copy_upload(upload=first, kind="CV", at=AT).warnings == first.warnings


def test_a_page_that_was_turned_already_is_turned_further() -> None:
    upright = pikepdf.new()
    upright.add_blank_page(page_size=(300, 400))
    upright.pages[0].rotate(270, relative=True)
    content = io.BytesIO()
    upright.save(content)
    joined = join([Part(make_upload(content=content.getvalue()), 180)])
    assert pages_of(joined) == [("300", 90)]


def test_the_same_files_give_the_same_bytes() -> None:
    first, second = files_of_one_owner()
    one, other = (join([Part(first, 90), Part(second)]) for _time in range(2))
    assert one.sha256 == other.sha256 == stored_sha256(one.file)
    assert one.file.name != other.file.name
    assert join([Part(second), Part(first, 90)]).sha256 != one.sha256


def test_a_joined_document_has_the_digest_and_size_of_what_its_owner_downloads() -> None:
    first, second = files_of_one_owner()
    joined = join([Part(first), Part(second)])
    content = joined.file.read()
    assert joined.sha256 == joined.clean_sha256 == hashlib.sha256(content).hexdigest()
    assert (joined.size, joined.original_name, bool(joined.original)) == (len(content), "photo-1.pdf", False)


def test_the_thumbnail_is_that_of_the_first_file_turned() -> None:
    first, second = files_of_one_owner()
    wide = Image.open(io.BytesIO(picture_bytes(size=(60, 40))))
    with first.thumbnail.open("wb") as out:
        wide.convert("RGB").save(out, "JPEG")
    joined = join([Part(first, 90), Part(second)])
    for thumbnail in (joined.thumbnail, joined.small_thumbnail):
        with thumbnail.open("rb") as stream, Image.open(stream) as picture:
            assert picture.size == (40, 60)
            across = picture.convert("L").crop((0, 30, 40, 31)).tobytes()
            assert across[37] < 128 < across[2], "the dark band of the top is at the right"


@pytest.mark.parametrize(
    "limits, code, words",
    [
        ({"max_pages": 2}, "TOO_MANY_PAGES", "Ce document a 3 pages. Réduisez le document à 2 pages au plus"),
        ({"max_bytes": 500}, "TOO_LARGE", "la limite est de 500 octets"),
    ],
)
def test_a_joined_document_over_a_limit_is_refused_and_not_stored(
    limits: dict[str, int], code: str, words: str
) -> None:
    first, second = files_of_one_owner()
    before = default_storage.listdir("documents/clean")[1]
    with pytest.raises(UploadRefused) as refused:
        join([Part(first), Part(second)], **limits)
    assert refused.value.code == code
    assert words in refused.value.reason.replace("\N{NO-BREAK SPACE}", " ")
    assert Upload.objects.count() == 2
    assert default_storage.listdir("documents/clean")[1] == before


def test_a_copy_has_files_of_its_own_and_no_original() -> None:
    upload = make_upload(neutralised=["LINK"], sha256="0" * 64)
    copied = copy_upload(upload=upload, kind="OTHER", at=AT)
    assert (copied.sha256, copied.pages, copied.neutralised) == (upload.sha256, 1, ["LINK"])
    assert (copied.kind, copied.owner, bool(copied.original)) == ("OTHER", upload.owner, False)
    assert stored_sha256(copied.file) == upload.clean_sha256 == copied.clean_sha256
    assert {copied.file.name, copied.thumbnail.name}.isdisjoint({upload.file.name, upload.thumbnail.name})


def test_nothing_is_copied_if_the_storage_has_lost_the_file() -> None:
    upload = make_upload()
    default_storage.delete(str(upload.file.name))
    with pytest.raises(FileNotFoundError):
        copy_upload(upload=upload, kind="CV", at=AT)
    assert Upload.objects.get() == upload


@pytest.mark.parametrize(
    "result, code",
    [(None, "TOO_COMPLEX"), ('{"pages"', "TOO_COMPLEX"), (ProcessTimeoutError(), "TIMED_OUT")],
    ids=["no result", "half of one", "no time"],
)
def test_files_that_take_too_much_to_join_are_refused(
    result: str | Exception | None, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*_args: str, room: Path, **_options: float) -> int:
        if isinstance(result, Exception):
            raise result
        if result is not None:
            (room / "result.json").write_text(result)
        return -9

    monkeypatch.setattr(joining, "run_isolated", run)
    with pytest.raises(UploadRefused) as refused:
        join([Part(make_upload(), 90)])
    assert refused.value.code == code
