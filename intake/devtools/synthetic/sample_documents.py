"""Documents of invented people: one small PDF for each document request of the offer, shared by all."""

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile

from intake.accounts.models import User
from intake.devtools.sample_pdf import TEXT, make_pdf
from intake.documents.models import Upload
from intake.documents.services import accept_upload
from offers.models import DocumentRequest


def make_sample_upload(*, owner: User, request: DocumentRequest, at: datetime) -> Upload:
    """Accept a one-page PDF for `request` as an upload of `owner`, inspected like any other."""
    content = make_pdf(
        title=request.label, blocks=[(TEXT, "Document inventé : personne ne l’a écrit ni délivré.")]
    )
    return accept_upload(
        owner=owner,
        kind=request.kind,
        uploaded_file=SimpleUploadedFile(f"{request.kind.lower().replace('_', '-')}.pdf", content),
        max_pages=request.max_pages,
        max_bytes=request.max_bytes,
        at=at,
    )


def copy_uploads(uploads: Sequence[Upload], *, owner: User) -> list[Upload]:
    """Return a copy of each upload with `owner` as its owner: an identifier of its own, the same stored files.

    Destroying one person's files destroys all copies: acceptable only for invented people.
    """
    return [
        Upload(
            owner=owner,
            **{
                field.name: getattr(upload, field.name)
                for field in Upload._meta.concrete_fields
                if field.name not in {"id", "public_id", "owner"}
            },
        )
        for upload in uploads
    ]
