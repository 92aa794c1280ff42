"""Notify the deciders of a candidate's other submissions when the candidate is selected, or no longer is."""

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.services import record
from intake.outbox.messages import Letter, render_letter
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.access.visibility import deciders_of
from intake.review.delivery_kinds import SELECTED_ELSEWHERE_MAIL, SELECTION_TAKEN_BACK_MAIL
from intake.review.models import DecisionItem
from intake.submissions.models import Submission
from intake.submissions.states import Action
from intake.web.mails import portal_url

from .queries import UNDECIDED_STATES


class Notice(NamedTuple):
    """Journal action, kind and template of the mail of a decision that concerns the candidate's other submissions."""

    action: str
    kind: str
    template: str


NOTICES: Final = {
    Action.SELECT: Notice(
        action="SELECTED_ELSEWHERE", kind=SELECTED_ELSEWHERE_MAIL, template="selected_elsewhere"
    ),
    Action.TAKE_BACK: Notice(
        action="SELECTION_TAKEN_BACK", kind=SELECTION_TAKEN_BACK_MAIL, template="selection_taken_back"
    ),
}


def notify_deciders(*, item: DecisionItem, decided: Submission, actor: User, at: datetime) -> None:
    """Notify the deciders of each other undecided submission of the candidate of a decision of `NOTICES`; journal it.

    One mail per decider and submission, in the transaction that made the decision. The subject of mails and entries is
    the decision: a user from whom one of the two submissions is hidden reads none of them (`hidden_subjects`).
    """
    notice = NOTICES[Action(item.action)]
    others = Submission.objects.filter(candidate=decided.candidate_id, state__in=UNDECIDED_STATES)
    for other in others.exclude(pk=decided.pk).order_by("pk"):
        record(actor=actor, action=notice.action, subject=item, detail=str(other.public_id))
        for person in deciders_of(other, decided):
            post(kind=notice.kind, key=f"{item.pk}-{other.pk}-{person.pk}", subject=item, at=at)


def compose_notice(delivery: Delivery, _at: datetime) -> Letter:
    """Return the mail to one decider. The key names the decision, the other submission and the recipient."""
    item, other, person = _parse_key(delivery)
    decided = DecisionItem.objects.select_related("batch__offer").get(pk=item)
    submissions = Submission.objects.select_related("offer__programme", "standing_filing__receipt")
    submission = submissions.get(pk=other)
    return render_letter(
        next(notice.template for notice in NOTICES.values() if notice.kind == delivery.kind),
        {
            "submission": submission,
            "receipt": submission.standing_filing.receipt if submission.standing_filing else None,
            "offer": submission.offer,
            "held_offer": decided.batch.offer,
            "portal_name": submission.offer.programme.name,
            "page": portal_url(reverse("review:file", args=[submission.public_id])),
        },
        to=User.objects.get(pk=person).email,
    )


def is_obsolete(delivery: Delivery, _at: datetime) -> bool:
    """True if the recipient may no longer read and decide on both submissions."""
    item, other, person = _parse_key(delivery)
    both = Submission.objects.filter(Q(pk=other) | Q(decision_items=item)).distinct()
    return not deciders_of(*both).filter(pk=person).exists()


def _parse_key(delivery: Delivery) -> tuple[int, int, int]:
    item, other, person = (int(part) for part in delivery.key.split("-"))
    return item, other, person
