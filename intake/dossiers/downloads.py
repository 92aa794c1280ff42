"""HTTP responses with a dossier or a receipt. The caller checks access."""

import json

from django.core.files.base import ContentFile
from django.http import FileResponse

from eligibility.canonical import canonical
from intake.documents.downloads import safe_response
from intake.documents.names import folded
from intake.transparency.documents import inclusion_document
from intake.transparency.selectors import log_position

from .models import Dossier, Seal, SignedReceipt
from .services import AnonymisedError, read_seal
from .storage import open_complete_file

MAX_NAME_CHARACTERS = 120


def dossier_response(seal: Seal) -> FileResponse | None:
    """Return the PDF dossier of `seal` for inline display, named by `dossier_name`. None until it is generated.

    :raises FileNotFoundError: if the file is missing or truncated in the storage.
    """
    dossier = Dossier.objects.filter(seal=seal).first()
    if dossier is None:
        return None
    return safe_response(open_complete_file(dossier), dossier_name(dossier, seal), "application/pdf")


def receipt_response(seal: Seal) -> FileResponse | None:
    """Return the signed receipt of `seal` as an attachment, byte for byte. None until it is generated.

    :raises FileNotFoundError: if the file is missing or truncated in the storage.
    """
    receipt = SignedReceipt.objects.filter(seal=seal).first()
    if receipt is None:
        return None
    name = f"{receipt.number}_accuse.pdf"
    return safe_response(open_complete_file(receipt), name, "application/pdf", as_attachment=True)


def json_receipt_response(seal: Seal) -> FileResponse | None:
    """Return the JSON receipt of `seal` as an attachment, with its inclusion proof as member `log`.

    None until it is generated. Without `log` until a published root includes its leaf.
    """
    receipt = SignedReceipt.objects.filter(seal=seal).first()
    if receipt is None:
        return None
    content = ContentFile(_with_log_proof(receipt).encode())
    return safe_response(content, f"{receipt.number}_accuse.json", "application/json", as_attachment=True)


def dossier_name(dossier: Dossier, seal: Seal) -> str:
    """Return the file name in ASCII: `2027-020-000123-N_Tremblay_dossier.pdf`; no family name if anonymised."""
    try:
        family_name = folded(read_seal(seal).person.last_name)
    except AnonymisedError:
        family_name = ""
    suffix = "_dossier.pdf"
    stem = f"{dossier.number}_{family_name}" if family_name else dossier.number
    return stem[: MAX_NAME_CHARACTERS - len(suffix)] + suffix


def _with_log_proof(receipt: SignedReceipt) -> str:
    where = log_position(receipt.number)
    if where is None or where.since is None:
        return receipt.twin
    proof = inclusion_document(where.leaf, where.since)
    return canonical(json.loads(receipt.twin) | {"log": proof}).decode()
