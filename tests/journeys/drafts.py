"""Complete drafts, each of a new candidate on its own offer, and changes to an offer before the draft is filed.

Runs in `manage.py shell` beside the running portal.
"""

from typing import Any
from uuid import uuid4

from intake.devtools.demonstration.offers import GRID
from intake.devtools.demonstration.sample_texts import answers_for
from intake.submissions.drafts.collection_notice import COLLECTION
from intake.submissions.drafts.operations import start_draft
from intake.submissions.models import Receipt
from offers.models import Offer
from tests.factories.offers import new_number
from tests.factories.people import make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.journeys.printing import english_cookie, print_found, session_of


def make_drafts(*names: str) -> None:
    """Make a draft for each name. Print its address, its offer's number, and its candidate's address and session."""
    print_found({name: _made(name, _make_offer()) for name in names})


def make_demonstration_drafts() -> None:
    """Make two drafts with the demonstration's answers: one eligible, one refused for its age and its domicile."""
    offer = _make_offer()
    given = answers_for(offer)
    refused = given | {"birth_date": "1970-01-01", "domicile_province": "ON"}
    print_found(
        {"eligible": _made("eligible", offer, **given), "refused": _made("refused", offer, **refused)}
    )


def _make_offer() -> Offer:
    return make_open_offer(number=new_number(), grid=GRID)


def _made(name: str, offer: Offer, **answers: Any) -> dict[str, Any]:
    candidate = make_user(f"{name}-{uuid4().hex[:8]}@exemple.invalid")
    draft = make_draft(offer=offer, candidate=candidate, **answers)
    return {
        "number": offer.number,
        "path": f"/candidatures/{draft.submission.public_id}/",
        "address": candidate.email,
        "session": session_of(candidate),
    }


def make_first_screens() -> None:
    """Make an empty and a complete draft of a new candidate. Print their addresses, session and English cookie."""
    candidate = make_user(f"ecran-{uuid4().hex[:8]}@exemple.invalid")
    offers = [make_open_offer(number=new_number(), grid=GRID) for _each in range(2)]
    # In this order: the answers of the complete draft would prefill the other.
    empty = start_draft(candidate=candidate, offer=offers[0], accepts=COLLECTION)
    full = make_draft(offer=offers[1], candidate=candidate)
    print_found(
        {
            "full": f"/candidatures/{full.submission.public_id}/",
            "empty": f"/candidatures/{empty.submission.public_id}/",
            "session": session_of(candidate),
            "english": english_cookie(),
        }
    )


def count_receipts(*addresses: str) -> None:
    """Print the number of receipts of each candidate."""
    print_found(
        {
            address: Receipt.objects.filter(filing__submission__candidate__email=address).count()
            for address in addresses
        }
    )
