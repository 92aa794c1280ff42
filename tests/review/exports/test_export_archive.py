"""The archive of a shortlist, to the byte, and the check of files before their user is notified."""

import csv
import hashlib
import io
from collections.abc import Callable
from zipfile import ZIP_STORED, ZipFile

import pytest

from intake.review.exports.archive import safe_name, write_zip
from intake.review.exports.file_check import DamagedExportError, check_file, missing_in
from intake.submissions.models import Submission
from tests.factories.review import make_dossier, make_shortlisted
from tests.factories.submissions import make_open_offer


def number_of(submission: Submission) -> str:
    assert submission.standing_filing is not None
    return submission.standing_filing.receipt.number


@pytest.mark.django_db
def test_the_archive_has_the_listed_members_without_dates() -> None:
    offer = make_open_offer()
    people = ("Roy", "Côté", "Absent", "Disparu", "Altéré")
    roy, cote, absent, gone, altered = (make_shortlisted(offer, last_name=name) for name in people)
    dossiers = [make_dossier(roy), make_dossier(cote)]
    lost = make_dossier(gone)
    lost.file.storage.delete(lost.file.name or "")
    wrong = make_dossier(altered)
    with wrong.file.storage.open(wrong.file.name or "", "wb") as file:
        file.write(b"%PDF-1.7")
    ticks: list[int] = []
    to = io.BytesIO()
    assert write_zip(to, offer=offer, tick=lambda: ticks.append(1)) == 5
    assert len(ticks) == 5
    packed = [f"dossiers/{number_of(roy)}_Roy_Alex.pdf", f"dossiers/{number_of(cote)}_Cote_Alex.pdf"]
    names = [*packed, "liste.csv", "manifest.csv", "MISSING.txt", "SHA256SUMS"]
    with ZipFile(to) as archive:
        assert [
            (info.filename, info.date_time, info.external_attr >> 16, info.compress_type)
            for info in archive.infolist()
        ] == [(name, (1980, 1, 1, 0, 0, 0), 0o644, ZIP_STORED) for name in names]
        assert archive.read("MISSING.txt").decode() == (
            f"{number_of(absent)}\u00a0: le dossier n’est pas encore produit.\n"
            f"{number_of(gone)}\u00a0: le fichier du dossier est introuvable.\n"
            f"{number_of(altered)}\u00a0: le fichier du dossier ne correspond pas à son empreinte.\n"
        )
        manifest = io.StringIO(archive.read("manifest.csv").decode("utf-8-sig"), newline="")
        assert list(csv.reader(manifest)) == [
            ["Numéro de dépôt", "Fichier", "Taille (octets)", "SHA-256"],
            *(
                [number_of(submission), name, str(dossier.size), dossier.sha256]
                for submission, name, dossier in zip((roy, cote), packed, dossiers, strict=True)
            ),
        ]
        digests = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names[:-1]}
        sums = archive.read("SHA256SUMS").decode()
        assert sums == "".join(f"{digest}  {name}\n" for name, digest in digests.items())
    to.seek(0)
    assert missing_in(to) == 3


@pytest.mark.parametrize(
    "parts, room, name",
    [
        (("a", "b-c"), 20, "a_b-c.pdf"),
        (("abc", "def"), 8, "abc.pdf"),  # cut before a trailing sign
        (("abc", "def"), 9, "abc_d.pdf"),
        (("-a-", " b! c "), 20, "a_b-c.pdf"),
        (("李", "a", "明"), 20, "a.pdf"),
    ],
)
def test_a_name_is_shortened_to_its_maximum_length(parts: tuple[str, ...], room: int, name: str) -> None:
    assert safe_name(*parts, suffix=".pdf", room=room) == name


# -- Check of the file -------------------------------------------------------------------------------------------
def zipped(sums: str | None = None, **changes: bytes | None) -> bytes:
    """Return an archive of two files with their digests, with changes; None leaves a file out."""
    whole: dict[str, bytes | None] = {"MISSING.txt": b"a\nb\n", "liste.csv": b"x"}
    digests = "".join(f"{hashlib.sha256(data or b'').hexdigest()}  {name}\n" for name, data in whole.items())
    to = io.BytesIO()
    with ZipFile(to, "w") as archive:
        for name, data in (whole | {name.replace("_", "."): data for name, data in changes.items()}).items():
            if data is not None:
                archive.writestr(name, data)
        archive.writestr("SHA256SUMS", digests if sums is None else sums)
    return to.getvalue()


def altered(content: bytes) -> bytes:
    """Return an archive with one changed byte."""
    return content.replace(b"a\nb\n", b"a\nc\n", 1)


PDF = b"%PDF-1.7\n" + b"x" * 2_000
GOOD: list[tuple[str, int, Callable[[], bytes]]] = [
    ("zip", 9, zipped),
    ("xlsx", 9, zipped),
    ("csv", 0, "\ufeffa,b\r\n".encode),
    ("csv", 2, lambda: b'a\r\n"1\r\n2"\r\n3\r\n'),
    ("pdf", 9, lambda: b"%PDF-1.7 %%EOF"),
    ("pdf", 9, lambda: PDF + b"%%EOF" + b"\n" * 1_019),
]
BAD: list[tuple[str, int, Callable[[], bytes]]] = [
    ("zip", 9, lambda: zipped()[:-30]),
    ("zip", 9, lambda: altered(zipped())),
    ("zip", 9, lambda: zipped(autre_txt=b"")),
    ("zip", 9, lambda: zipped(liste_csv=None)),
    ("zip", 9, lambda: zipped(liste_csv=b"y")),
    ("zip", 9, lambda: zipped(sums="")),
    ("xlsx", 9, lambda: altered(zipped())),
    ("xlsx", 9, lambda: b"PK"),
    ("csv", 1, lambda: b"a\r\n"),
    ("csv", 1, lambda: b"a\r\n1\r\n2\r\n"),
    ("pdf", 9, lambda: PDF),
    ("pdf", 9, lambda: PDF + b"%%EOF" + b"\n" * 1_020),
    ("pdf", 9, lambda: b" %PDF-1.7 %%EOF"),
    ("pdf", 9, lambda: b""),
]


@pytest.mark.parametrize("file_format, rows, content", GOOD)
def test_a_complete_file_is_checked_and_left_at_its_start(
    file_format: str, rows: int, content: Callable[[], bytes]
) -> None:
    file = io.BytesIO(content())
    check_file(file, file_format=file_format, rows=rows)
    assert not file.closed
    assert file.tell() == 0


@pytest.mark.parametrize("file_format, rows, content", BAD)
def test_a_damaged_file_is_not_archived(file_format: str, rows: int, content: Callable[[], bytes]) -> None:
    with pytest.raises(DamagedExportError) as refused:
        check_file(io.BytesIO(content()), file_format=file_format, rows=rows)
    assert refused.value.code == "damaged_export"


def test_missing_dossiers_are_counted_and_damaged_archives_refused() -> None:
    assert missing_in(io.BytesIO(zipped())) == 2
    assert missing_in(io.BytesIO(zipped(MISSING_txt=b""))) == 0
    for content in (b"PK", zipped(MISSING_txt=None)):
        with pytest.raises(DamagedExportError):
            missing_in(io.BytesIO(content))
