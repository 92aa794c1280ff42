"""Two files to mark, made in the running portal's database by its own operations."""

import json
from uuid import uuid4

from django.conf import settings

from intake.devtools.demonstration.offers import GRID
from tests.factories.offers import new_number
from tests.factories.people import client_of, make_user
from tests.factories.review import make_reviewer
from tests.factories.submissions import make_filing, make_open_offer
from tests.journeys.delayed_deliveries import delay_deliveries


@delay_deliveries()
def make_two_to_mark() -> None:
    """File two submissions to an offer with a grid. Print its queue, and sessions of two members."""
    offer = make_open_offer(number=new_number(), grid=GRID[:2])
    for _each in range(2):
        make_filing(offer=offer, candidate=make_user(f"{uuid4().hex}@exemple.invalid"))
    reviewer, other = (make_reviewer(offer, email=f"{uuid4().hex}@exemple.invalid") for _member in range(2))
    name = settings.SESSION_COOKIE_NAME
    found = {
        "queue": f"/admin/submissions/submission/?offre={offer.number}",
        "session": [name, client_of(reviewer).cookies[name].value],
        "again": client_of(reviewer).cookies[name].value,
        "other": client_of(other).cookies[name].value,
    }
    print(json.dumps(found))  # noqa: T201 -- the test reads this output
