"""Invariants of the files generated from seals."""

from collections.abc import Iterator
from typing import Final

from intake.documents.invariants import stored_sha256
from intake.journal.invariants import StoredInvariant
from intake.web.batches import read_in_batches

from .models import Dossier, SignedReceipt

_BATCH_SIZE: Final = 500


def altered_dossiers() -> Iterator[str]:
    """Yield the number of each dossier whose file is missing or differs from its digest."""
    for dossier in read_in_batches(Dossier.objects.order_by("pk"), size=_BATCH_SIZE):
        if dossier.file and stored_sha256(dossier.file) != dossier.sha256:
            yield dossier.number


def altered_receipts() -> Iterator[str]:
    """Yield the number of each signed receipt whose file is missing or altered. Erased payloads are skipped."""
    kept = SignedReceipt.objects.filter(seal__canonical__isnull=False)
    for receipt in read_in_batches(kept.order_by("pk").prefetch_related("remade"), size=_BATCH_SIZE):
        # If two workers regenerated the file concurrently, either file is valid.
        made = {receipt.sha256, *(again.sha256 for again in receipt.remade.all())}
        if stored_sha256(receipt.file) not in made:
            yield receipt.number


FILES: Final = (
    StoredInvariant("a_dossier_file_is_the_one_made", altered_dossiers),
    StoredInvariant("a_receipt_file_is_the_one_made", altered_receipts),
)
