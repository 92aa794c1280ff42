"""Seal what is filed, read it back, and make its dossier."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from intake.documents.models import Upload
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.child.sandbox import DRAWING

from .file_integrity import is_complete_file
from .models import Dossier, Seal
from .payload import SCHEMA, Payload, digest_of, new_salt
from .render import DocumentSource, render_dossier
from .storage import replace_lost_dossier, store_dossier

logger = logging.getLogger(__name__)


class AnonymisedError(Exception):
    """What was sealed was erased; only its digest is left."""

    code = "ANONYMISED"


class AlteredError(Exception):
    """What a seal holds is not what its digest was computed over."""

    code = "ALTERED"


@dataclass(frozen=True, slots=True)
class FiledPart:
    """One filed document, under the label that the offer gives it."""

    label: str
    upload: Upload


def seal_payload(*, payload: Payload, at: datetime) -> Seal:
    """Seal `payload` under a fresh salt, in the caller's transaction; `at` is the aware instant of sealing."""
    seal = new_seal(payload=payload, at=at)
    seal.save(force_insert=True)
    return seal


def new_seal(*, payload: Payload, at: datetime) -> Seal:
    """Return the seal of `payload` under a fresh salt, not saved: see `SEALED`."""
    salt = new_salt()
    text = payload.canonical()
    return Seal(
        digest=digest_of(canonical_text=text, salt=salt),
        schema=SCHEMA,
        canonical=text,
        salt=salt,
        created_at=at,
    )


INSERT_SEAL: Final = """
sealed AS (
    INSERT INTO dossiers_seal (digest, schema, canonical, salt, created_at)
    VALUES (%(digest)s, %(schema)s, %(canonical)s, %(salt)s, %(created_at)s) RETURNING id
)
"""
"""The part of a statement that saves a seal, for what is sealed to be written in the same one (`sealed_values`)."""


def insert_seal_values(seal: Seal) -> dict[str, Any]:
    """Return the parameters of `SEALED` that save `seal`."""
    return {name: getattr(seal, name) for name in ("digest", "schema", "canonical", "salt", "created_at")}


def read_seal(seal: Seal) -> Payload:
    """Return what `seal` holds.

    :raises AnonymisedError: it was erased.
    :raises intake.dossiers.payload.UnknownSchemaError: it was sealed in a schema that this code does not read.
    """
    if seal.canonical is None:
        raise AnonymisedError(seal.digest)
    return Payload.parse(seal.canonical)


def verify_seal(seal: Seal) -> None:
    """Compute the digest of what `seal` holds once more.

    :raises AnonymisedError: it was erased: nothing can be said.
    :raises AlteredError: text, salt or digest is not the one that was sealed.
    """
    if seal.canonical is None or seal.salt is None:
        raise AnonymisedError(seal.digest)
    if digest_of(canonical_text=seal.canonical, salt=seal.salt) != seal.digest:
        raise AlteredError(seal.digest)


def build_dossier(
    *,
    seal: Seal,
    number: str,
    received_at: datetime,
    parts: Sequence[FiledPart],
    at: datetime,
    cpu_seconds: int = DRAWING.cpu_seconds,
) -> Dossier:
    """Make the dossier of a seal, once: the cover, then every document; return the one made before, if any.

    When the storage has lost the file that was made, it is made again of the same seal and documents, and the journal
    says so. `number` and `received_at` are the receipt's; `at` is the aware instant of making. A document that is no
    readable PDF is replaced by a page that says so, and an error is logged; one that the storage does not give fails
    the attempt, because it may be back at the next one and a dossier that is kept is never made again.

    :raises AnonymisedError: what was sealed was erased.
    :raises AlteredError: what the seal holds is not what was sealed.
    :raises OSError: the storage did not give a document; `FileNotFoundError` if it says that it has none.
    :raises intake.dossiers.render.RenderError: the dossier could not be made within `cpu_seconds` and other limits.
    """
    made = Dossier.objects.filter(seal=seal).first()
    if made is not None and is_complete_file(made):
        return made
    verify_seal(seal)
    with temporary_directory("dossier") as room:
        sources = [
            DocumentSource(
                label=part.label,
                path=_copy(part.upload, room / f"{rank}.pdf"),
                pages=part.upload.pages,
            )
            for rank, part in enumerate(parts)
        ]
        rendered = render_dossier(
            read_seal(seal),
            number=number,
            received_at=received_at,
            digest=seal.digest,
            sources=sources,
            cpu_seconds=cpu_seconds,
        )
    if rendered.replaced:
        logger.error(
            "in the dossier of receipt %s, %d of %d documents are replaced by a page: they are no readable PDF",
            number,
            len(rendered.replaced),
            len(sources),
        )
    if made is not None:
        return replace_lost_dossier(dossier=made, rendered=rendered, at=at)
    return store_dossier(seal=seal, number=number, rendered=rendered, at=at)


def _copy(upload: Upload, to: Path) -> Path:
    """Bring a document beside the renderer."""
    with upload.file.open("rb") as stored, to.open("wb") as out:
        for chunk in stored.chunks():
            out.write(chunk)
    return to
