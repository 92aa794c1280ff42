"""Candidates before and after a closing, made in the running portal's database by its own operations."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from intake.accounts.models import User
from intake.devtools.demonstration.offers import GRID
from intake.devtools.demonstration.sample_texts import answers_for
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import start_draft
from intake.submissions.extensions.operations import extend_personal_deadline
from intake.submissions.models import Submission
from offers.models import Offer
from tests.factories.offers import TORONTO, new_number
from tests.factories.submissions import make_draft, make_open_offer
from tests.journeys.printing import new_candidate, print_found, session_of

REASON = "Panne du service en ligne de l’université."


def extend(offer: Offer, candidate: User, staff: User) -> None:
    """Give `candidate` a personal extension of three days from now."""
    last_day = timezone.now().astimezone(offer.zone).date() + timedelta(days=3)
    extend_personal_deadline(
        offer=offer, candidate=candidate, author=staff, reason=REASON, closes_on=last_day, at=timezone.now()
    )


def make_extended(candidate: User, number: str, staff: User) -> Submission:
    """Start a draft on an offer that closed yesterday for every candidate except `candidate`."""
    yesterday = timezone.localdate() - timedelta(days=1)
    offer = make_open_offer(number=number, closes_on=yesterday)
    extend(offer, candidate, staff)
    return start_draft(candidate=candidate, offer=offer, accepts=COLLECTION).submission


def make_closing(*names: str, seconds: float) -> None:
    """Make a candidate with a complete draft for each name, on an offer that closes in `seconds`; print sessions."""
    closes_at = timezone.now() + timedelta(seconds=seconds)
    closes_on = (closes_at - timedelta(microseconds=1)).astimezone(TORONTO).date()
    offer = make_open_offer(number=new_number(), grid=GRID, closes_on=closes_on, closes_at=closes_at)
    found: dict[str, Any] = {"offer": offer.number}
    for who in names:
        draft = make_draft(offer=offer, candidate=new_candidate(), **answers_for(offer))
        found[who] = {
            "public_id": draft.submission.public_id,
            "session": session_of(draft.submission.candidate),
        }
    print_found(found)
