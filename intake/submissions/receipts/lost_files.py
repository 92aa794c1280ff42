"""Request again a signed receipt or a dossier whose file is missing or truncated in the storage."""

from datetime import datetime
from typing import Final

from django.db import transaction

from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.storage import is_complete_file
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_PDF, RECEIPT_PDF_IN_ENGLISH
from intake.submissions.models import Receipt

from .pdf_status import JOBS

_MAX_REMAKES: Final = 100
"""Maximum number of times that one file is generated again. After that, an operator must check the storage."""


@transaction.atomic
def request_lost_receipt(*, receipt: Receipt, at: datetime) -> bool:
    """Post the generation of a receipt's PDF, due at `at`, if the storage lost it; return whether it did.

    Same languages as the first PDF. Idempotent until the file is generated. An erased receipt is not lost.

    :raises OSError: if the storage does not respond.
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
    """Post the generation of a filing's dossier, due at `at`, if the storage lost it; return whether it did.

    Its mail is not sent again. Idempotent until the file is generated. An erased dossier is not lost.

    :raises OSError: if the storage does not respond.
    """
    made = Dossier.objects.filter(seal_id=receipt.filing.seal_id, seal__canonical__isnull=False).first()
    if made is None or is_complete_file(made):
        return False
    _post_again(DOSSIER, (DOSSIER,), receipt, at)
    return True


def _post_again(kind: str, jobs: tuple[str, ...], receipt: Receipt, at: datetime) -> None:
    """Post `kind` under the next key. Do nothing if that delivery is pending, or after `_MAX_REMAKES`.

    `jobs` are the kinds that generate the same file.
    """
    times = [f"{receipt.number}/{rank}" for rank in range(2, _MAX_REMAKES + 2)]
    done = Delivery.objects.filter(kind__in=jobs, key__in=times, state=Delivery.State.DONE).count()
    if done < len(times):
        post(kind=kind, key=times[done], subject=receipt, at=at)
