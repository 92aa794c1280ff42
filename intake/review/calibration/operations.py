"""Name the anchor files of an offer, and remove them."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from intake.accounts.models import User
from intake.journal.services import record
from intake.review.access.committee_membership import is_divided
from intake.review.access.errors import ReviewError
from intake.review.access.impartiality import check_impartial
from intake.review.access.visibility import visible_submissions
from intake.review.assignment.operations import assign_files
from intake.review.assignment.queries import files_to_mark, members_of, refusals
from intake.review.models import AnchorFile, Assignment
from intake.submissions.models import Submission
from offers.models import Offer


class NotAnAnchorError(ReviewError):
    """The number is not of a file of the offer that waits for marks and that the actor may read."""

    code = "NOT_AN_ANCHOR"
    message = _("Ce numéro n’est pas celui d’une candidature de cette offre qui attend des notes.")


@transaction.atomic
def name_anchor(*, offer: Offer, number: str, actor: User, at: datetime) -> AnchorFile:
    """Name the file with the receipt `number` an anchor of `offer`; return it. Idempotent.

    If files are assigned to members, the anchor is assigned to each current member who may assess it. Otherwise every
    member already reads every file.

    :raises PermissionDenied: if `actor` may not assign files.
    :raises OwnSubmissionError, InConflictError: as `check_impartial`.
    :raises NotAnAnchorError: see the class.
    """
    _check_may_name(actor, offer)
    found = files_to_mark(offer=offer, actor=actor).filter(standing_filing__receipt__number=number)
    file = Submission.objects.filter(pk__in=found.values("pk")).select_for_update(of=("self",)).first()
    if file is None:
        raise NotAnAnchorError
    anchor, created = AnchorFile.objects.get_or_create(submission=file, defaults={"named_by": actor})
    if created:
        record(actor=actor, action="ANCHOR_NAMED", subject=file)
    if is_divided(offer.pk):
        pairs = [(file.pk, member.pk) for member in members_of(offer)]
        refused = refusals(pairs, offer=offer, actor=actor, files=Submission.objects.filter(pk=file.pk))
        allowed = [pair for pair in pairs if pair not in refused]
        way = Assignment.Way.HAND
        assign_files(offer=offer, pairs=allowed, way=way, due_on=None, actor=actor, at=at)
    return anchor


@transaction.atomic
def remove_anchor(*, offer: Offer, number: str, actor: User) -> None:
    """Remove the anchor of `offer` with the receipt `number`, if there is one. Its assignments and marks stay.

    Errors as `name_anchor`, except `NotAnAnchorError`.
    """
    _check_may_name(actor, offer)
    readable = visible_submissions(actor).filter(offer=offer, standing_filing__receipt__number=number)
    for anchor in AnchorFile.objects.filter(submission__in=readable).select_related("submission"):
        anchor.delete()
        record(actor=actor, action="ANCHOR_REMOVED", subject=anchor.submission)


def _check_may_name(actor: User, offer: Offer) -> None:
    if not actor.has_perm("review.assign_submission"):
        raise PermissionDenied
    check_impartial(actor=actor, offer=offer)
