"""A shortlist as a ZIP: dossiers, the list, a manifest, the list of missing dossiers, and the digest of each file.

`sha256sum -c SHA256SUMS`, run where the archive was extracted, checks every file in it except `SHA256SUMS` itself.

Names are valid on every system, unique by their receipt number and at most 120 characters long. Dossiers are stored
without compression; ZIP64 lifts the size limits. The same shortlist and dossiers give the same bytes.
"""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, NamedTuple, cast
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from intake.documents.names import folded
from intake.review.models import Shortlist
from intake.review.shortlists.lines import Line, shortlist_lines
from offers.models import Offer

from .columns import Row, row_of
from .csv_file import write_csv, write_table
from .file_check import sha256_of

NAME_MAX = 120
"""Maximum characters of a name in the archive, including its folder. Extraction adds the target directory's path."""
_FOLDER = "dossiers/"
_CHUNK = 1024 * 1024  # bytes


class _ManifestLine(NamedTuple):
    number: str
    name: str
    size: int
    sha256: str


def safe_name(*parts: str, suffix: str, room: int = NAME_MAX) -> str:
    """Return a file name of `parts`: ASCII letters, digits, `-` and `_`, then `suffix`. At most `room` characters."""
    plain = "_".join(re.sub(r"[^A-Za-z0-9]+", "-", folded(part)).strip("-") for part in parts)
    return plain.strip("_")[: room - len(suffix)].rstrip("-_") + suffix


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
                row = row_of(line)
                _pack_line(archive, line, row, packed, missing)
                yield row
                tick()

        written = write_csv(listed, rows())
        sums = [(row.sha256, row.name) for row in packed]
        sums.append((_add(archive, "liste.csv", listed), "liste.csv"))
        with _temporary_file() as manifest:
            write_table(
                manifest, (_("Numéro de dépôt"), _("Fichier"), _("Taille (octets)"), _("SHA-256")), packed
            )
            sums.append((_add(archive, "manifest.csv", manifest), "manifest.csv"))
        absences = io.BytesIO("".join(f"{line}\n" for line in missing).encode())
        sums.append((_add(archive, "MISSING.txt", absences), "MISSING.txt"))
        archive.writestr(_info("SHA256SUMS"), "".join(f"{digest}  {name}\n" for digest, name in sums))
    return written


class _AlteredError(Exception):
    """A file's digest differs from the recorded one."""


def _temporary_file() -> BinaryIO:
    """Return a temporary file, in memory up to 16 MiB: an archive's members must be written one after the other."""
    return cast("BinaryIO", SpooledTemporaryFile(max_size=16 * _CHUNK))


def _pack_line(
    archive: ZipFile, line: Line, row: Row, packed: list[_ManifestLine], missing: list[str]
) -> None:
    """Add the dossier of one line of the list to the archive, or append the reason for its absence to `missing`."""
    number = line.entry.number
    person = (str(row["last_name"]), str(row["first_name"]))
    name = _FOLDER + safe_name(number, *person, suffix=".pdf", room=NAME_MAX - len(_FOLDER))
    named = {"number": number}
    if line.dossier is None or line.dossier_sha256 is None:
        missing.append(_("%(number)s : le dossier n’est pas encore produit.") % named)
        return
    try:
        # The file is read in full before it is added: a member cannot be removed from an archive.
        with _temporary_file() as aside:
            with default_storage.open(line.dossier) as source:
                shutil.copyfileobj(source, aside, _CHUNK)
            size = aside.tell()
            _add(archive, name, aside, expected=line.dossier_sha256)
        packed.append(_ManifestLine(number, name, size, line.dossier_sha256))
    except FileNotFoundError:
        # Any other storage error ends the job, which is retried: it does not show that the dossier is missing.
        missing.append(_("%(number)s : le fichier du dossier est introuvable.") % named)
    except _AlteredError:
        missing.append(_("%(number)s : le fichier du dossier ne correspond pas à son empreinte.") % named)


def _add(archive: ZipFile, name: str, content: BinaryIO, *, expected: str | None = None) -> str:
    """Copy `content`, from its start, into the archive as a member. Return the SHA-256 of its bytes, in hexadecimal.

    :raises _AlteredError: before anything is written, if the digest is not `expected`.
    """
    content.seek(0)
    digest = sha256_of(content)
    if expected is not None and digest != expected:
        raise _AlteredError
    info = _info(name)
    info.file_size = content.tell()  # zipfile decides on ZIP64 by it
    content.seek(0)
    with archive.open(info, "w") as member:
        shutil.copyfileobj(content, member, _CHUNK)
    return digest


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name)  # with its default date, so that the archive's bytes depend only on its content
    info.external_attr = 0o644 << 16
    return info
