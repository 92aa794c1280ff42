"""Size and digest of a written export file, and its check in full before an order becomes READY."""

import csv
import hashlib
import io
from typing import IO, BinaryIO
from zipfile import BadZipFile, ZipFile

_CHUNK = 1024 * 1024  # bytes
_SUMS, _MISSING = "SHA256SUMS", "MISSING.txt"


class DamagedExportError(Exception):
    """The stored file differs from what was written."""

    code = "damaged_export"


def sha256_of(file: IO[bytes]) -> str:
    """Return the SHA-256, in hexadecimal, of `file` from its current position to its end."""
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def size_and_digest(file: BinaryIO) -> tuple[int, str]:
    """Return the size of `file` in bytes and its SHA-256 in hexadecimal; leave it at its start."""
    file.seek(0)
    digest = sha256_of(file)
    size = file.tell()
    file.seek(0)
    return size, digest


def check_file(file: BinaryIO, *, file_format: str, rows: int) -> None:
    """Read `file` in full from its start, and check it; leave it at its start.

    The members of an archive are checked against their own checksums, and those of a ZIP of dossiers also against
    `SHA256SUMS`. A CSV has one line per submission and a header. A PDF has its end marker.

    :raises DamagedExportError: if a part is missing or altered.
    """
    try:
        match file_format:
            case "zip":
                is_whole = _is_whole_archive(file)
            case "xlsx":
                with ZipFile(file) as book:
                    is_whole = book.testzip() is None
            case "csv":
                is_whole = _lines_of(file) == rows + 1
            case _:
                is_whole = _is_whole_pdf(file)
    except BadZipFile as error:
        raise DamagedExportError from error
    if not is_whole:
        raise DamagedExportError
    file.seek(0)


def missing_in(archive: BinaryIO) -> int:
    """Return how many dossiers the `MISSING.txt` of an archive names. The position in `archive` is not restored.

    :raises DamagedExportError: if it is not an archive of dossiers.
    """
    try:
        with ZipFile(archive) as read:
            return len(read.read(_MISSING).decode().splitlines())
    except (BadZipFile, KeyError) as error:
        raise DamagedExportError from error


def _is_whole_archive(file: BinaryIO) -> bool:
    with ZipFile(file) as archive:
        lines = [line.split("  ", 1) for line in archive.read(_SUMS).decode().splitlines()]
        sums = {name: digest for digest, name in lines}
        if set(archive.namelist()) != {*sums, _SUMS}:
            return False
        for name, expected in sums.items():
            with archive.open(name) as member:  # checks its CRC at its end
                if sha256_of(member) != expected:
                    return False
    return True


def _lines_of(file: BinaryIO) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        return sum(1 for _line in csv.reader(text))
    finally:
        text.detach()  # the caller's file stays open


def _is_whole_pdf(file: BinaryIO) -> bool:
    start = file.read(5)
    file.seek(-min(1024, file.seek(0, io.SEEK_END)), io.SEEK_END)
    return start == b"%PDF-" and b"%%EOF" in file.read()
