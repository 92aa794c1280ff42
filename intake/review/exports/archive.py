"""The shortlist as an archive: each dossier, a manifest, digests that `sha256sum -c` checks, and what is missing.

Names are safe on every system, unique by their receipt number and at most 120 characters long. Dossiers are stored,
not compressed again; ZIP64 lifts the size limits. The same shortlist and dossiers make the same bytes.
"""

import hashlib
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
from intake.review.shortlists import lines_of
from offers.models import Offer

from .csv_file import write_csv, write_table
from .rows import payload_of, shortlist_rows

NAME_MAX = 120
"""Characters that a name in the archive may have, its folder included: extracted, a path grows longer still."""
_FOLDER = "dossiers/"
_CHUNK = 1024 * 1024  # bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest date a ZIP can say: the archive's bytes depend on its content alone."""
_MODE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class _Packed:
    """One line of the manifest."""

    number: str
    name: str
    size: int
    sha256: str


def safe_name(*parts: str, suffix: str, room: int = NAME_MAX) -> str:
    """Return a file name of `parts`: ASCII letters, figures, `-` and `_`; with `suffix`, `room` characters at most."""
    folded = "_".join(
        re.sub(
            r"[^A-Za-z0-9]+", "-", unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode()
        ).strip("-")
        for part in parts
    )
    return folded.strip("_")[: room - len(suffix)].rstrip("-_") + suffix


def write_zip(to: BinaryIO, *, offer: Offer, shortlist: Shortlist | None = None) -> int:
    """Write the archive of the offer's shortlist, a frozen one if given; return how many candidatures it is about.

    A dossier that is not built, cannot be read or differs from its recorded digest is named in `MISSING.txt`, which
    is always there, and empty when nothing is missing.
    """
    packed: list[_Packed] = []
    missing: list[str] = []
    with ZipFile(to, "w", ZIP_STORED, allowZip64=True) as archive:
        for number, name, dossier in _dossiers(offer, shortlist):
            if dossier is None:
                missing.append(_("%(number)s : le dossier n’est pas encore produit.") % {"number": number})
                continue
            try:
                packed.append(_pack(archive, number, f"{_FOLDER}{name}", dossier))
            except OSError:
                missing.append(_("%(number)s : le fichier du dossier est introuvable.") % {"number": number})
            except _AlteredError:
                missing.append(
                    _("%(number)s : le fichier du dossier ne correspond pas à son empreinte.")
                    % {"number": number}
                )
        listed = _write_member(
            archive, "liste.csv", lambda file: write_csv(file, shortlist_rows(offer, shortlist))
        )
        _write_member(archive, "manifest.csv", lambda file: _write_manifest(file, packed))
        archive.writestr(_info("SHA256SUMS"), "".join(f"{row.sha256}  {row.name}\n" for row in packed))
        archive.writestr(_info("MISSING.txt"), "".join(f"{line}\n" for line in missing))
    return listed


class _AlteredError(Exception):
    """The file is not the one whose digest was recorded."""


def _dossiers(offer: Offer, shortlist: Shortlist | None) -> Iterator[tuple[str, str, Dossier | None]]:
    for line in lines_of(offer, shortlist):
        filing = line.filing
        payload = payload_of(filing.seal)
        person = (payload.person.last_name, payload.person.first_name) if payload else ()
        number = filing.receipt.number
        name = safe_name(number, *person, suffix=".pdf", room=NAME_MAX - len(_FOLDER))
        yield number, name, getattr(filing.seal, "dossier", None)


def _pack(archive: ZipFile, number: str, name: str, dossier: Dossier) -> _Packed:
    """Copy one dossier into the archive, once its digest was checked.

    The file is copied aside first: what is already in an archive cannot be taken back.
    """
    digest = hashlib.sha256()
    with SpooledTemporaryFile(max_size=16 * _CHUNK) as aside:
        with dossier.file.open("rb") as source:
            for chunk in source.chunks(_CHUNK):
                digest.update(chunk)
                aside.write(chunk)
        if digest.hexdigest() != dossier.sha256:
            raise _AlteredError
        size = aside.tell()
        aside.seek(0)
        info = _info(name)
        info.file_size = size
        with archive.open(info, "w", force_zip64=size > 1 << 31) as member:
            while chunk := aside.read(_CHUNK):
                member.write(chunk)
    return _Packed(number=number, name=name, size=size, sha256=dossier.sha256)


def _write_manifest(to: BinaryIO, packed: list[_Packed]) -> int:
    header = (_("Numéro de dépôt"), _("Fichier"), _("Taille (octets)"), _("SHA-256"))
    return write_table(to, header, ((row.number, row.name, row.size, row.sha256) for row in packed))


def _write_member(archive: ZipFile, name: str, write: Callable[[BinaryIO], int]) -> int:
    with SpooledTemporaryFile(max_size=16 * _CHUNK) as aside:
        written = write(cast("BinaryIO", aside))
        aside.seek(0)
        with archive.open(_info(name), "w") as member:
            while chunk := aside.read(_CHUNK):
                member.write(chunk)
    return written


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name, date_time=_EPOCH)
    info.external_attr = _MODE
    return info
