"""Make a filing's receipt and dossier, request those that are missing or lost, and send a receipt's mail again."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.dossiers.child.sandbox import DRAWING
from intake.dossiers.models import Dossier, SignedReceipt
from intake.dossiers.page_pictures import draw_pages
from intake.dossiers.receipts.building import build_receipt
from intake.dossiers.services import FiledPart, build_dossier
from intake.dossiers.storage import is_complete_file
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.selectors import deliveries_for, mails_about
from intake.outbox.services import post, post_many
from intake.submissions.delivery_kinds import (
    DOSSIER,
    DOSSIER_MAIL,
    DOSSIER_PAGES,
    RECEIPT_MAIL,
    RECEIPT_PDF,
    RECEIPT_PDF_IN_ENGLISH,
)
from intake.submissions.lifecycle.errors import MoveNotAllowedError, SubmissionError
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Receipt, Submission
from intake.submissions.states import Action, State

from .queries import JOBS, receipt_of, receipts_without_pdf, statement_of


class TooManyResendsError(SubmissionError):
    """The receipt was already mailed again `MAX_RESENDS_PER_DAY` times that day."""

    code = "TOO_MANY_RESENDS"
    message = _(
        "Nous avons déjà renvoyé l’accusé de réception trois fois aujourd’hui. Regardez dans les courriels "
        "indésirables, ou écrivez-nous. Le numéro à conserver est ci-dessous."
    )


@transaction.atomic
def request_receipt_pdf(*, submission: Submission, actor: User, reads_english: bool, at: datetime) -> bool:
    """Request the PDF of the current filing's receipt, due at `at`; return whether it had not been requested yet.

    Idempotent: posted under the same key as by the filing. `reads_english`: in French, then in English too.

    :raises MoveNotAllowedError: if nothing was filed.
    """
    current = _lock_filed(submission)
    receipt = receipts_without_pdf().filter(filing=current.standing_filing_id).first()
    if receipt is None:
        return False
    kind = RECEIPT_PDF_IN_ENGLISH if reads_english else RECEIPT_PDF
    post(kind=kind, key=receipt.number, subject=receipt, at=at)
    record(actor=actor, action="RECEIPT_PDF_ASKED", subject=current)
    return True


def _lock_filed(submission: Submission) -> Submission:
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    if current.standing_filing_id is None:
        raise MoveNotAllowedError(action=Action.FILE, state=State(current.state))
    return current


@transaction.atomic
def request_receipt_pdfs(*, offer_number: str, at_most: int, at: datetime) -> tuple[int, int]:
    """Request the French PDFs that an offer's receipts lack, oldest filings first, `at_most` of them.

    Return the number requested and the number left. The sweep starts them, so the receipts of new filings go first.
    """
    mine = receipts_without_pdf().filter(filing__submission__offer__number=offer_number)
    chosen: list[Receipt] = list(mine.order_by("filing__received_at", "pk")[:at_most])
    post_many(kind=RECEIPT_PDF, subjects={receipt.number: receipt for receipt in chosen}, at=at)
    return len(chosen), mine.count()


MAX_RESENDS_PER_DAY: Final = 3
"""Maximum number of resends of one filing's receipt per day, in the offer's time zone."""


@transaction.atomic
def resend_receipt(*, submission: Submission, actor: User, at: datetime) -> Delivery:
    """Post the mail of the current filing's receipt again, due at `at`, and return the delivery.

    If a delivery is pending or leased, return it and post nothing.

    :raises MoveNotAllowedError: if nothing was filed.
    :raises TooManyResendsError: if it was sent again `MAX_RESENDS_PER_DAY` times on the day of `at`.
    """
    current = _lock_filed(submission)
    receipt = Receipt.objects.get(filing=current.standing_filing_id)
    sent = list(mails_about([receipt], of_kinds=[RECEIPT_MAIL]))
    on_its_way = [row for row in sent if row.state in {Delivery.State.PENDING, Delivery.State.LEASED}]
    if on_its_way:
        return on_its_way[0]
    day = f"{receipt.number}/{at.astimezone(current.offer.zone):%Y-%m-%d}/"
    again = sum(row.key.startswith(day) for row in sent)
    if again >= MAX_RESENDS_PER_DAY:
        raise TooManyResendsError
    record(actor=actor, action="RECEIPT_RESENT", subject=current)
    return post(kind=RECEIPT_MAIL, key=f"{day}{again + 1}", subject=receipt, at=at)


_MAX_REMAKES: Final = 100
"""Maximum number of times that one file is generated again. After that, an operator must check the storage."""


@transaction.atomic
def request_lost_receipt(*, receipt: Receipt, at: datetime) -> bool:
    """Post the generation of a receipt's PDF, due at `at`, if the storage lost it; return whether it did.

    Same languages as the first PDF. Idempotent until the file is generated. An erased receipt is not lost.

    :raises OSError: if the storage does not respond.
    """
    if not _is_lost(SignedReceipt, receipt):
        return False
    _post_again(RECEIPT_PDF_IN_ENGLISH if _is_in_english(receipt) else RECEIPT_PDF, JOBS, receipt, at)
    return True


def _is_in_english(receipt: Receipt) -> bool:
    return Delivery.objects.filter(kind=RECEIPT_PDF_IN_ENGLISH, key=receipt.number).exists()


@transaction.atomic
def request_lost_dossier(*, receipt: Receipt, at: datetime) -> bool:
    """Post the generation of a filing's dossier, due at `at`, if the storage lost it; return whether it did.

    Its mail is not sent again. Idempotent until the file is generated. An erased dossier is not lost.

    :raises OSError: if the storage does not respond.
    """
    if not _is_lost(Dossier, receipt):
        return False
    _post_again(DOSSIER, (DOSSIER,), receipt, at)
    return True


def _is_lost(model: type[SignedReceipt | Dossier], receipt: Receipt) -> bool:
    made = model.objects.filter(seal_id=receipt.filing.seal_id, seal__canonical__isnull=False).first()
    return made is not None and not is_complete_file(made)


def _post_again(kind: str, jobs: tuple[str, ...], receipt: Receipt, at: datetime) -> None:
    """Post `kind` under the next key, `_MAX_REMAKES` times at most. `jobs`: kinds that make the same file.

    The next key counts the jobs that are done: a job that is still pending is not posted twice.
    """
    times = [f"{receipt.number}/{rank}" for rank in range(2, _MAX_REMAKES + 2)]
    done = Delivery.objects.filter(kind__in=jobs, key__in=times, state=Delivery.State.DONE).count()
    if done < len(times):
        post(kind=kind, key=times[done], subject=receipt, at=at)


def make_receipt(delivery: Delivery, at: datetime) -> None:
    """Generate the signed receipt of a filing, in the languages of the delivery's kind. Idempotent."""
    _build_receipt(receipt_of(delivery), in_english_too=delivery.kind == RECEIPT_PDF_IN_ENGLISH, at=at)


def _build_receipt(receipt: Receipt, *, in_english_too: bool, at: datetime) -> None:
    build_receipt(seal=receipt.filing.seal, facts=statement_of(receipt), in_english_too=in_english_too, at=at)


FIRST_CPU_SECONDS: Final = 1
"""CPU limit of the first attempt. Most dossiers take a quarter of it. Later attempts queue behind other dossiers and
get `DRAWING.cpu_seconds`: a document that only uses CPU does not delay others for long."""


def make_dossier(delivery: Delivery, at: datetime) -> None:
    """Generate the dossier of a filing and post its mail. Idempotent.

    The mail attaches the signed receipt too: generate it first, if its own job did not yet.
    """
    receipt = receipt_of(delivery)
    filing = receipt.filing
    parts = [
        FiledPart(label=row.request.label, upload=row.upload)
        for row in filing.documents.select_related("request", "upload").order_by("request__position")
    ]
    build_dossier(
        seal=filing.seal,
        number=receipt.number,
        received_at=filing.received_at,
        parts=parts,
        at=at,
        cpu_seconds=FIRST_CPU_SECONDS if delivery.attempts <= 1 else DRAWING.cpu_seconds,
    )
    _build_receipt(receipt, in_english_too=_is_in_english(receipt), at=at)
    with transaction.atomic():
        post(kind=DOSSIER_MAIL, key=receipt.number, subject=receipt, at=at)
        post(kind=DOSSIER_PAGES, key=receipt.number, subject=receipt, at=at)


def draw_dossier_pages(delivery: Delivery, at: datetime) -> None:
    """Draw the pages of a filing's dossier. Idempotent; nothing to do once it is erased."""
    dossier = Dossier.objects.filter(seal_id=receipt_of(delivery).filing.seal_id).first()
    if dossier is not None and dossier.file:
        draw_pages(dossier=dossier, at=at)


@transaction.atomic
def request_dossier_pages(*, receipt: Receipt, at: datetime) -> None:
    """Post the drawing of a dossier's pages, due at `at`, unless it is posted and not done, or failed for good."""
    posted = deliveries_for(receipt).filter(kind=DOSSIER_PAGES)
    if posted.exclude(state=Delivery.State.DONE).exists():
        return
    times = posted.count()
    if times <= _MAX_REMAKES:
        key = f"{receipt.number}/{times + 1}" if times else receipt.number
        post(kind=DOSSIER_PAGES, key=key, subject=receipt, at=at)
