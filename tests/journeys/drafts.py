"""Complete drafts, each of a new candidate on its own offer, and changes to an offer before the draft is filed.

Runs in `manage.py shell` beside the running portal.
"""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from intake.devtools.demonstration.offers import GRID
from intake.devtools.demonstration.sample_texts import answers_for
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import start_draft
from intake.submissions.models import Receipt
from intake.web.language import _SALT, COOKIE
from offers.models import Offer
from offers.services.correcting import correct_offer
from offers.services.lifecycle import extend_deadline
from tests.factories.offers import cancel_offer, new_number
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_draft, make_open_offer


def make_drafts(*names: str) -> None:
    """Make a draft for each name. Print its address, its offer's number, and its candidate's address and session."""
    _answer({name: _made(name, _make_offer()) for name in names})


def make_demonstration_drafts() -> None:
    """Make two drafts with the demonstration's answers: one eligible, one refused for its age and its domicile."""
    offer = _make_offer()
    given = answers_for(offer)
    refused = given | {"birth_date": "1970-01-01", "domicile_province": "ON"}
    _answer({"eligible": _made("eligible", offer, **given), "refused": _made("refused", offer, **refused)})


def _make_offer() -> Offer:
    return make_open_offer(number=new_number(), grid=GRID)


def _made(name: str, offer: Offer, **answers: Any) -> dict[str, Any]:
    candidate = make_user(f"{name}-{uuid4().hex[:8]}@exemple.invalid")
    draft = make_draft(offer=offer, candidate=candidate, **answers)
    cookie = settings.SESSION_COOKIE_NAME
    return {
        "number": offer.number,
        "path": f"/candidatures/{draft.submission.public_id}/",
        "address": candidate.email,
        "session": [cookie, client_of(candidate).cookies[cookie].value],
    }


def make_first_screens() -> None:
    """Make an empty and a complete draft of a new candidate. Print their addresses, session and English cookie."""
    candidate = make_user(f"ecran-{uuid4().hex[:8]}@exemple.invalid")
    offers = [make_open_offer(number=new_number(), grid=GRID) for _each in range(2)]
    # In this order: the answers of the complete draft would prefill the other.
    empty = start_draft(candidate=candidate, offer=offers[0], accepts=COLLECTION)
    full = make_draft(offer=offers[1], candidate=candidate)
    name = settings.SESSION_COOKIE_NAME
    attested = HttpResponse()
    attested.set_signed_cookie(COOKIE, "en", salt=_SALT)
    _answer(
        {
            "full": f"/candidatures/{full.submission.public_id}/",
            "empty": f"/candidatures/{empty.submission.public_id}/",
            "session": [name, client_of(candidate).cookies[name].value],
            "english": [COOKIE, attested.cookies[COOKIE].value],
        }
    )


def change_offers(*, extended: str, corrected: str, cancelled: str) -> None:
    """Extend, correct and cancel the offers with these numbers."""
    at = timezone.now()
    author = make_staff(email=f"{uuid4().hex}@exemple.invalid")
    later = Offer.objects.get(number=extended)
    extend_deadline(
        offer=later,
        author=author,
        reason="Une panne a retardé les dépôts.",
        at=at,
        closes_at=later.closes_at + timedelta(days=2),
    )
    correct_offer(
        offer=Offer.objects.get(number=corrected),
        author=author,
        reason="Le lieu était mal écrit.",
        at=at,
        header={"place": "Rome et Milan, Italie"},
    )
    cancel_offer(
        offer=Offer.objects.get(number=cancelled), author=author, reason="Le poste est aboli.", at=at
    )
    _answer({})


def count_receipts(*addresses: str) -> None:
    """Print the number of receipts of each candidate."""
    _answer(
        {
            address: Receipt.objects.filter(filing__submission__candidate__email=address).count()
            for address in addresses
        }
    )


def _answer(found: object) -> None:
    print(json.dumps(found, default=str))  # noqa: T201 -- the test reads this output
