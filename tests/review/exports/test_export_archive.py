"""The archive of a shortlist, to the byte, and the check of files before their user is notified."""

import hashlib
import io
from collections.abc import Callable
from zipfile import ZipFile

import pytest

from intake.review.exports.archive import safe_name
from intake.review.exports.file_check import DamagedExportError, check_file, missing_in


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
