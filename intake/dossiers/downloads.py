"""Send a dossier to the person a view has let in."""

from django.http import FileResponse

from intake.documents.downloads import safe_response
from intake.documents.names import folded

from .models import Dossier, Seal
from .services import AnonymisedError, read_seal

MAX_NAME_CHARACTERS = 120


def dossier_response(seal: Seal) -> FileResponse | None:
    """Return the dossier made of `seal`, shown in place under a name a person knows again; None until it is made.

    :raises FileNotFoundError: the storage has lost the file.
    """
    dossier = Dossier.objects.filter(seal=seal).first()
    if dossier is None:
        return None
    return safe_response(dossier.file.open("rb"), dossier_name(dossier, seal), "application/pdf")


def dossier_name(dossier: Dossier, seal: Seal) -> str:
    """Return `2027-020-000123-N_Tremblay_dossier.pdf`: ASCII, at most 120 characters, no name once anonymised."""
    try:
        family_name = folded(read_seal(seal).person.last_name)
    except AnonymisedError:
        family_name = ""
    suffix = "_dossier.pdf"
    stem = f"{dossier.number}_{family_name}" if family_name else dossier.number
    return stem[: MAX_NAME_CHARACTERS - len(suffix)] + suffix
