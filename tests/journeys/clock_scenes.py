"""Drafts whose offer closes at a chosen instant, in the running portal's database."""

from uuid import uuid4

import psycopg

from intake.devtools.embedded import servers
from tests.factories.offers import new_number
from tests.factories.people import make_user
from tests.factories.submissions import make_draft, make_open_offer
from tests.journeys.portal import Portal
from tests.journeys.printing import print_found, session_of


def make_counted(*names: str) -> None:
    """Make a draft for each name, without documents for « unready ». Print each draft's address and session."""
    found = {}
    for name in names:
        candidate = make_user(f"{name}-{uuid4().hex[:8]}@exemple.invalid")
        offer = make_open_offer(number=new_number())
        draft = make_draft(offer=offer, candidate=candidate, documents=name != "unready")
        found[name] = {
            "number": offer.number,
            "path": f"/candidatures/{draft.submission.public_id}/",
            "session": session_of(candidate),
        }
    print_found(found)


def set_closing(portal: Portal, number: str, *, left: float) -> float:
    """Set an offer's closing `left` seconds from now, as the owner of the tables; return it as a time stamp."""
    with servers(portal.data_dir) as urls, psycopg.connect(urls.database_owner) as connection:
        connection.execute("ALTER TABLE offers_offer DISABLE TRIGGER USER")
        row = connection.execute(
            "UPDATE offers_offer SET closes_at = clock_timestamp() + make_interval(secs => %s)"
            " WHERE number = %s RETURNING extract(epoch FROM closes_at)::float",
            [left, number],
        ).fetchone()
        connection.execute("ALTER TABLE offers_offer ENABLE TRIGGER USER")
    assert row is not None
    closes_at: float = row[0]
    return closes_at
