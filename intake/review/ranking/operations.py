"""Notes of the meetings that rank an offer's candidatures."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.impartiality import check_impartial
from intake.review.models import MeetingNote
from offers.models import Offer

from .errors import EmptyNoteError


@transaction.atomic
def add_meeting_note(*, offer: Offer, author: User, text: str) -> MeetingNote:
    """Add a note on the ranking of the candidatures to `offer`; return it.

    What its author said last, said again (a button pressed twice), is that note: nothing is added.

    :raises PermissionDenied: if the author does not decide on candidatures.
    :raises OwnSubmissionError: if they apply to the offer themselves.
    :raises InConflictError: if they have a conflict of interest on a candidature to it.
    :raises EmptyNoteError: if `text` is blank.
    """
    if not author.has_perm("submissions.decide_submission"):
        raise PermissionDenied
    check_impartial(actor=author, offer=offer)
    text = text.strip()
    if not text:
        raise EmptyNoteError
    # Two windows of one person take turns; an application may be filed meanwhile, whose row points to the offer's.
    Offer.objects.select_for_update(of=("self",), no_key=True).get(pk=offer.pk)
    last = MeetingNote.objects.filter(offer=offer).order_by("-at", "-pk").first()
    if last is not None and (last.author, last.text) == (author, text):
        return last
    note = MeetingNote.objects.create(offer=offer, author=author, text=text)
    # What it says is not written in the journal.
    record(actor=author, action="MEETING_NOTE_ADDED", subject=offer)
    return note
