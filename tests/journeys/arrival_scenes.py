"""Applications that arrived: refused ones, and the page of one that waits, which a worker would file at once."""

from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.submissions.filing.line import FEW, line
from intake.submissions.models import Arrival, Submission
from offers.models import Offer
from offers.services.cancelling import ask_cancellation
from tests.factories.arrivals import make_refused_arrival
from tests.factories.offers import cancel_offer
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_arrival, make_draft, make_open_offer
from tests.journeys.printing import print_found
from tests.submissions.pages import pressed, url

_HOST: Final = {"Host": "127.0.0.1"}
_OBEYED: Final = {"Content-Type", "Content-Security-Policy", "Retry-After", "Cache-Control"}


def make_refused(candidate: User) -> dict[str, Submission]:
    """Return two refused applications of `candidate`, by the name of their variant; the offer of one is cancelled."""
    unfiled = make_draft(candidate=candidate, offer=make_open_offer(), birth_date="1970-01-01")
    expired = make_draft(candidate=candidate, offer=make_open_offer())
    with transaction.atomic():
        make_refused_arrival(unfiled, reason="NOT_ELIGIBLE", review_message="Mon âge a été mal calculé.")
        make_refused_arrival(expired, reason="ARRIVAL_EXPIRED")
    offer = Offer.objects.get(pk=expired.submission.offer_id)
    cancel_offer(offer=offer, author=make_staff(), reason="Retrait.", at=timezone.now())
    return {"unfiled": unfiled.submission, "expired": expired.submission}


def print_waiting_pages() -> None:
    """Print a session, the answer to its form in a rush, the later page, and that of its refusal, with their address.

    No worker files it.
    """
    offer = make_open_offer()
    draft = make_draft(offer=offer, candidate=make_user())
    others = [make_draft(offer=offer) for _each in range(FEW)]
    browser = client_of(draft.submission.candidate)
    with transaction.atomic():
        for other in others:
            make_arrival(other)
        line.begin_rush()
        answer = browser.post(url("file", draft), pressed(draft), headers=_HOST)
        refusal = {"state": Arrival.State.REFUSED, "reason": "STALE_DRAFT"}
        Arrival.objects.exclude(draft=draft).update(**refusal)
        later = browser.get(url("arrival", draft), headers=_HOST)
        Arrival.objects.filter(draft=draft).update(**refusal)
        refused = browser.get(url("arrival", draft), headers=_HOST)
        transaction.set_rollback(True)
    cookies = [[name, morsel.value] for name, morsel in browser.cookies.items()]
    pages = {"answer": _printed(answer), "later": _printed(later), "refused": _printed(refused)}
    found = {"path": url("arrival", draft), "email": draft.submission.candidate.email, "cookies": cookies}
    print_found(found | pages)


def _printed(response: Any) -> dict[str, Any]:
    """Return what a browser gets: the page and the headers that its browser obeys."""
    headers = {name: value for name, value in response.headers.items() if name in _OBEYED}
    return {"status": response.status_code, "body": response.content.decode(), "headers": headers}


def make_leaving(asker: User) -> Offer:
    """Make an offer whose cancellation waits for a second person."""
    offer = make_open_offer(number="2031-125")
    ask_cancellation(offer=offer, author=asker, reason="L’organisation se retire.", at=timezone.now())
    return offer
