"""Send a dossier or a receipt to the person a view has let in."""

import json

from django.core.files.base import ContentFile
from django.http import FileResponse

from eligibility.canonical import canonical
from intake.documents.downloads import safe_response
from intake.documents.names import folded
from intake.transparency.documents import inclusion_document
from intake.transparency.selectors import log_position

from .file_integrity import open_complete_file
from .models import Dossier, Seal, SignedReceipt
from .services import AnonymisedError, read_seal

MAX_NAME_CHARACTERS = 120


def dossier_response(seal: Seal) -> FileResponse | None:
    """Return the dossier made of `seal`, shown in place under a name a person knows again; None until it is made.

    :raises FileNotFoundError: the storage has lost the file, or the end of it.
    """
    dossier = Dossier.objects.filter(seal=seal).first()
    if dossier is None:
        return None
    return safe_response(open_complete_file(dossier), dossier_name(dossier, seal), "application/pdf")


def receipt_response(seal: Seal) -> FileResponse | None:
    """Return the signed receipt made of `seal`, byte for byte, to be saved; None until it is made.

    :raises FileNotFoundError: the storage has lost the file, or the end of it.
    """
    receipt = SignedReceipt.objects.filter(seal=seal).first()
    if receipt is None:
        return None
    name = f"{receipt.number}_accuse.pdf"
    return safe_response(open_complete_file(receipt), name, "application/pdf", as_attachment=True)


def json_receipt_response(seal: Seal) -> FileResponse | None:
    """Return the JSON twin of the receipt made of `seal`, to be saved, with the proof that the public log holds it.

    None until it is made; without the proof, as member `log`, until a root is over it.
    """
    receipt = SignedReceipt.objects.filter(seal=seal).first()
    if receipt is None:
        return None
    content = ContentFile(_with_log_proof(receipt).encode())
    return safe_response(content, f"{receipt.number}_accuse.json", "application/json", as_attachment=True)


def dossier_name(dossier: Dossier, seal: Seal) -> str:
    """Return `2027-020-000123-N_Tremblay_dossier.pdf`: ASCII, at most 120 characters, no name once anonymised."""
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
