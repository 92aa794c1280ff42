"""Asking that a file which the storage has lost, or the end of it, be made again: a signed receipt, or a dossier."""

from datetime import datetime
from typing import Final

from django.db import transaction

from intake.dossiers.file_integrity import is_complete_file
from intake.dossiers.models import Dossier, SignedReceipt
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.models import Receipt

from .pdf_status import JOBS

_MAX_REMAKES: Final = 100
"""That one file is made again: past them, a person looks at the storage."""


@transaction.atomic
def request_lost_receipt(*, receipt: Receipt, at: datetime) -> bool:
    """Ask, due at `at`, that the PDF of a receipt be made again if the storage has lost it; return whether it has.

    Once for each loss, in the languages of the first: until it is made, asking again asks for nothing. What was erased
    is not lost.

    :raises OSError: when the storage does not answer.
    """
    signed = SignedReceipt.objects.filter(
        seal_id=receipt.filing.seal_id, seal__canonical__isnull=False
    ).first()
    if signed is None or is_complete_file(signed):
        return False
    in_english = Delivery.objects.filter(kind=RECEIPT_PDF_IN_ENGLISH, key=receipt.number).exists()
    _post_again(RECEIPT_PDF_IN_ENGLISH if in_english else RECEIPT_PDF, JOBS, receipt, at)
    return True


@transaction.atomic
def request_lost_dossier(*, receipt: Receipt, at: datetime) -> bool:
    """Ask, due at `at`, that the dossier of a filing be made again if the storage has lost it; return whether it has.

    Once for each loss, as for receipts; its mail is not sent again. What was erased is not lost.

    :raises OSError: when the storage does not answer.
    """
    made = Dossier.objects.filter(seal_id=receipt.filing.seal_id, seal__canonical__isnull=False).first()
    if made is None or is_complete_file(made):
        return False
    _post_again(DOSSIER, (DOSSIER,), receipt, at)
    return True


def _post_again(kind: str, jobs: tuple[str, ...], receipt: Receipt, at: datetime) -> None:
    """Ask for `kind`, unless one of the `jobs` that make the same file is asked for since it was made last."""
    times = [f"{receipt.number}/{rank}" for rank in range(2, _MAX_REMAKES + 2)]
    done = Delivery.objects.filter(kind__in=jobs, key__in=times, state=Delivery.State.DONE).count()
    if done < len(times):
        post(kind=kind, key=times[done], subject=receipt, at=at)
