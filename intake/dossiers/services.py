"""Seal payloads, read and verify seals, and generate PDF dossiers."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from intake.documents.models import Upload
from intake.documents.temp_dirs import temporary_directory
from intake.dossiers.child.sandbox import DRAWING
from intake.web.storage import copy_stored

from .models import Dossier, Seal
from .render import DocumentSource, render_dossier
from .sealed_payload import SCHEMA, Payload, digest_of, new_salt
from .storage import is_complete_file, replace_lost_dossier, store_dossier

logger = logging.getLogger(__name__)


class AnonymisedError(Exception):
    """The payload was erased; only its digest is left."""

    code = "ANONYMISED"


class AlteredError(Exception):
    """The content of a seal does not match its digest."""

    code = "ALTERED"


@dataclass(frozen=True, slots=True)
class FiledPart:
    """One filed document, with the label of its document request."""

    label: str
    upload: Upload


def new_seal(*, payload: Payload, at: datetime) -> Seal:
    """Return the unsaved seal of `payload` with a new salt; `INSERT_SEAL` can save it."""
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
"""CTE that inserts a seal, to insert the filing in the same statement. Parameters: `insert_seal_values`."""


def insert_seal_values(seal: Seal) -> dict[str, Any]:
    """Return the parameters of `INSERT_SEAL` for `seal`."""
    return {name: getattr(seal, name) for name in ("digest", "schema", "canonical", "salt", "created_at")}


def read_seal(seal: Seal) -> Payload:
    """Return the payload of `seal`.

    :raises AnonymisedError: if the payload was erased.
    :raises intake.dossiers.sealed_payload.UnknownSchemaError: if its schema is not one of `READABLE_SCHEMAS`.
    """
    if seal.canonical is None:
        raise AnonymisedError(seal.digest)
    return Payload.parse(seal.canonical)


def verify_seal(seal: Seal) -> None:
    """Compute the digest of `seal` again and compare it.

    :raises AnonymisedError: if the payload was erased, so the digest cannot be computed.
    :raises AlteredError: if text, salt or digest was changed.
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
    """Generate the dossier of a seal: the cover, then every document. Idempotent: return the existing one if any.

    If its file is missing or truncated in the storage, generate it again and record that in the journal. `number` and
    `received_at` are the receipt's; `at` (aware) is the time of generation. A document that is not a readable PDF is
    replaced by a page, and an error is logged. A document that the storage does not return fails the attempt: it may be
    available at the next attempt, and a stored dossier is not generated again.

    :raises AnonymisedError: if the payload was erased.
    :raises AlteredError: if the seal's content does not match its digest.
    :raises OSError: if the storage did not return a document; `FileNotFoundError` if it has none.
    :raises intake.dossiers.render.RenderError: if the limits (`cpu_seconds` and others) were exceeded.
    """
    made = Dossier.objects.filter(seal=seal).first()
    if made is not None and is_complete_file(made):
        return made
    verify_seal(seal)
    with temporary_directory("dossier") as room:
        sources = [
            DocumentSource(
                label=part.label,
                path=copy_stored(part.upload.file, room / f"{rank}.pdf"),
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
