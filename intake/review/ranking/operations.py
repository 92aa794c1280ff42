"""Add meeting notes on the ranking of an offer's submissions."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.errors import ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.models import MeetingNote
from offers.models import Offer


class EmptyNoteError(ReviewError):
    """The note is blank."""

    code = "EMPTY_NOTE"


@transaction.atomic
def add_meeting_note(*, offer: Offer, author: User, text: str) -> MeetingNote:
    """Add a note on the ranking of the submissions to `offer`; return it.

    Idempotent: if the offer's last note has the same author and text, it is returned.

    :raises PermissionDenied: if the author is not a decider.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises EmptyNoteError: if `text` is blank.
    """
    if not author.has_perm("submissions.decide_submission"):
        raise PermissionDenied
    check_impartial(actor=author, offer=offer)
    text = text.strip()
    if not text:
        raise EmptyNoteError
    # Serialises two windows of one user. NO KEY: a filing, whose row references the offer, does not wait.
    Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
    last = MeetingNote.objects.filter(offer=offer).order_by("-at", "-pk").first()
    if last is not None and (last.author, last.text) == (author, text):
        return last
    note = MeetingNote.objects.create(offer=offer, author=author, text=text)
    # The journal records no content of the note.
    record(actor=author, action="MEETING_NOTE_ADDED", subject=offer)
    return note
