"""Applications that arrived: refused ones, and the page of one that waits, which a worker would file at once."""

import json

from django.db import transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.submissions.models import Submission
from offers.models import Offer
from offers.services.lifecycle import cancel_offer
from tests.factories.arrivals import make_refused_arrival
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_arrival, make_draft, make_open_offer
from tests.submissions.pages import url


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


def print_waiting_page() -> None:
    """Print a session, and the page of an arrival that waits, with its address. Uncommitted: no worker files it."""
    draft = make_draft(candidate=make_user("arrivee@exemple.invalid"))
    browser = client_of(draft.submission.candidate)
    with transaction.atomic():
        make_arrival(draft)
        page = browser.get(url("arrival", draft), headers={"Host": "127.0.0.1"}).content.decode()
        transaction.set_rollback(True)
    cookies = [[name, morsel.value] for name, morsel in browser.cookies.items()]
    print(json.dumps({"path": url("arrival", draft), "page": page, "cookies": cookies}))  # noqa: T201 -- the test reads it
