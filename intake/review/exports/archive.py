"""A shortlist as a ZIP: dossiers, the list, a manifest, the list of missing dossiers, and the digest of each file.

`sha256sum -c SHA256SUMS`, run where the archive was extracted, checks every file in it except `SHA256SUMS` itself.

Names are valid on every system, unique by their receipt number and at most 120 characters long. Dossiers are stored
without compression; ZIP64 lifts the size limits. The same shortlist and dossiers give the same bytes.
"""

import hashlib
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from intake.dossiers.models import Dossier
from intake.review.models import Shortlist
from intake.review.pages.sealed_filing import payload_or_none
from intake.review.shortlists.lines import Line, shortlist_lines
from offers.models import Offer

from .csv_file import write_csv, write_table
from .rows import Row, row_of

NAME_MAX = 120
"""Maximum characters of a name in the archive, including its folder. Extraction adds the target directory's path."""
_FOLDER = "dossiers/"
_CHUNK = 1024 * 1024  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Earliest date that a ZIP can store. It is constant, so that the archive's bytes depend only on its content."""
_MODE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class _ManifestLine:
    """One line of the manifest."""

    number: str
    name: str
    size: int
    sha256: str


def safe_name(*parts: str, suffix: str, room: int = NAME_MAX) -> str:
    """Return a file name of `parts`: ASCII letters, digits, `-` and `_`, then `suffix`. At most `room` characters."""
    folded = "_".join(
        re.sub(
            r"[^A-Za-z0-9]+", "-", unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode()
        ).strip("-")
        for part in parts
    )
    return folded.strip("_")[: room - len(suffix)].rstrip("-_") + suffix


def write_zip(
    to: BinaryIO,
    *,
    offer: Offer,
    shortlist: Shortlist | None = None,
    tick: Callable[[], None] = lambda: None,
) -> int:
    """Write the archive of the offer's current list, or of the frozen `shortlist`. Return the number of submissions.

    `MISSING.txt` names each dossier that is not built, whose file is missing, or whose digest differs from the recorded
    one. It is always written, and is empty if nothing is missing. `tick` is called after each submission.

    :raises OSError: if the storage cannot be read or the disk is full.
    """
    packed: list[_ManifestLine] = []
    missing: list[str] = []
    with ZipFile(to, "w", ZIP_STORED, allowZip64=True) as archive, _temporary_file() as listed:

        def rows() -> Iterator[Row]:
            # Read the list once: with two reads, a concurrent move would make the table and the dossiers differ.
            for line in shortlist_lines(offer, shortlist):
                _pack_line(archive, line, packed, missing)
                yield row_of(line)
                tick()

        written = write_csv(listed, rows())
        sums = [(row.sha256, row.name) for row in packed]
        sums.append((_add(archive, "liste.csv", listed), "liste.csv"))
        with _temporary_file() as manifest:
            _write_manifest(manifest, packed)
            sums.append((_add(archive, "manifest.csv", manifest), "manifest.csv"))
        said = io.BytesIO("".join(f"{line}\n" for line in missing).encode())
        sums.append((_add(archive, "MISSING.txt", said), "MISSING.txt"))
        archive.writestr(_info("SHA256SUMS"), "".join(f"{digest}  {name}\n" for digest, name in sums))
    return written


class _AlteredError(Exception):
    """The file's digest differs from the recorded one."""


def _temporary_file() -> BinaryIO:
    """Return a temporary file, in memory up to 16 MiB: an archive's members must be written one after the other."""
    return cast("BinaryIO", SpooledTemporaryFile(max_size=16 * _CHUNK))


def _pack_line(archive: ZipFile, line: Line, packed: list[_ManifestLine], missing: list[str]) -> None:
    """Add the dossier of one line of the list to the archive, or append the reason for its absence to `missing`."""
    filing = line.filing
    payload = payload_or_none(filing.seal)
    person = (payload.person.last_name, payload.person.first_name) if payload else ()
    number = filing.receipt.number
    name = safe_name(number, *person, suffix=".pdf", room=NAME_MAX - len(_FOLDER))
    dossier: Dossier | None = getattr(filing.seal, "dossier", None)
    said = {"number": number}
    if dossier is None:
        missing.append(_("%(number)s : le dossier n’est pas encore produit.") % said)
        return
    try:
        packed.append(_pack(archive, number, f"{_FOLDER}{name}", dossier))
    except FileNotFoundError:
        # Any other storage error ends the job, which is retried: it does not show that the dossier is missing.
        missing.append(_("%(number)s : le fichier du dossier est introuvable.") % said)
    except _AlteredError:
        missing.append(_("%(number)s : le fichier du dossier ne correspond pas à son empreinte.") % said)


def _pack(archive: ZipFile, number: str, name: str, dossier: Dossier) -> _ManifestLine:
    """Copy one dossier into the archive, after its digest was checked.

    The file is copied to a temporary file first: a member cannot be removed from an archive.
    """
    digest = hashlib.sha256()
    with _temporary_file() as aside:
        with dossier.file.open("rb") as source:
            for chunk in source.chunks(_CHUNK):
                digest.update(chunk)
                aside.write(chunk)
        if digest.hexdigest() != dossier.sha256:
            raise _AlteredError
        size = aside.tell()
        _add(archive, name, aside)
    return _ManifestLine(number=number, name=name, size=size, sha256=dossier.sha256)


def _write_manifest(to: BinaryIO, packed: list[_ManifestLine]) -> int:
    header = (_("Numéro de dépôt"), _("Fichier"), _("Taille (octets)"), _("SHA-256"))
    return write_table(to, header, ((row.number, row.name, row.size, row.sha256) for row in packed))


def _add(archive: ZipFile, name: str, content: BinaryIO) -> str:
    """Copy `content`, from its start, into the archive as a member. Return the SHA-256 of its bytes, in hexadecimal."""
    digest = hashlib.sha256()
    info = _info(name)
    info.file_size = content.seek(0, io.SEEK_END)  # zipfile decides on ZIP64 by it
    content.seek(0)
    with archive.open(info, "w") as member:
        while chunk := content.read(_CHUNK):
            digest.update(chunk)
            member.write(chunk)
    return digest.hexdigest()


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, date_time=_EPOCH)
    info.external_attr = _MODE
    return info
