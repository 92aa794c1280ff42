"""Asking for the receipt's mail once more."""

from datetime import datetime
from typing import Final

from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.models import Delivery
from intake.outbox.selectors import mails_about
from intake.outbox.services import post
from intake.submissions.delivery_kinds import RECEIPT_MAIL
from intake.submissions.lifecycle.errors import MoveNotAllowedError
from intake.submissions.lifecycle.locks import with_row_locks
from intake.submissions.models import Receipt, Submission
from intake.submissions.states import Action, State

from .errors import TooManyResendsError

MAX_RESENDS_PER_DAY: Final = 3
"""How often the receipt of one filing is mailed again in one day, by the offer's own clock."""


@transaction.atomic
def resend_receipt(*, submission: Submission, actor: User, at: datetime) -> Delivery:
    """Ask that the receipt of the standing filing be mailed again, due at `at`, and return the delivery.

    While one is on its way, that one is returned: a second click sends nothing more.

    :raises MoveNotAllowedError: if nothing was filed.
    :raises TooManyResendsError: if it was sent again `A_DAY` times already on the day of `at`.
    """
    current = with_row_locks(Submission.objects.filter(pk=submission.pk)).get()
    if current.standing_filing_id is None:
        raise MoveNotAllowedError(action=Action.FILE, state=State(current.state))
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
