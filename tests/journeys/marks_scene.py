"""Two files to mark, made in the running portal's database by its own operations."""

from django.conf import settings

from intake.devtools.demonstration.offers import GRID
from tests.factories.offers import new_number
from tests.factories.people import client_of
from tests.factories.review import make_reviewer
from tests.factories.submissions import make_filing, make_open_offer
from tests.journeys.delayed_deliveries import delay_deliveries
from tests.journeys.printing import new_address, new_candidate, print_found, session_of


@delay_deliveries()
def make_two_to_mark() -> None:
    """File two submissions to an offer with a grid. Print its queue, and sessions of two members."""
    offer = make_open_offer(number=new_number(), grid=GRID[:2])
    for _each in range(2):
        make_filing(offer=offer, candidate=new_candidate())
    reviewer, other = (make_reviewer(offer, email=new_address()) for _member in range(2))
    name = settings.SESSION_COOKIE_NAME
    found = {
        "queue": f"/admin/submissions/submission/?offre={offer.number}",
        "session": session_of(reviewer),
        "again": client_of(reviewer).cookies[name].value,
        "other": client_of(other).cookies[name].value,
    }
    print_found(found)
