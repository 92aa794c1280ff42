"""The objects of the few pages that the quick run visits: the whole scene takes twenty seconds of a core.

Runs in `manage.py shell` beside the portal, like `tests.journeys.scene`, and prints the same kinds of values.
"""

from django.conf import settings

from tests.factories.factors import invite
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.journeys.delayed_deliveries import delay_deliveries
from tests.journeys.printing import english_cookie, print_found
from tests.journeys.upload_scenes import make_joined


@delay_deliveries()
def make_small_scene() -> None:
    """Make the scene, and print its objects and sessions."""
    candidate = make_user("scene-candidate@exemple.invalid")
    people = {
        "candidate": candidate,
        "newcomer": make_user("scene-nouvelle@exemple.invalid"),
        "staff": make_staff(),
    }
    drafts = {
        "draft": make_draft(offer=make_open_offer(number="2031-101"), candidate=candidate).submission,
        "joined": make_joined(candidate, "2031-117"),
    }
    variants = {
        variant: {
            "public_id": submission.public_id,
            "request_id": submission.offer.documents.get(kind="CV").pk,
        }
        for variant, submission in drafts.items()
    }
    clients = {who: client_of(user) for who, user in people.items()}
    invite(people["staff"], clients["staff"])
    name = settings.SESSION_COOKIE_NAME
    scene = {
        "usual": {},
        "variants": {"": {}, **variants},
        "rows": {},
        "sessions": {who: [name, client.cookies[name].value] for who, client in clients.items()},
        "english": english_cookie(),
    }
    print_found(scene)
