"""Rows loaded in bulk equal those that the operations write for the same people, table by table.

With this seed, the first six people cover every case: a draft, a withdrawal, a recommendation, a filing with a HUMAN
finding, and one with a review request.
"""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from intake.accounts.models import User
from intake.devtools.synthetic import service_steps
from intake.documents.models import Upload
from intake.journal.models import Entry
from intake.profiles.models import Profile
from intake.submissions.models import (
    Draft,
    DraftDocument,
    FiledDocument,
    Filing,
    Receipt,
    ReviewRequest,
    Submission,
    Transition,
    Verdict,
)
from offers.models import Offer
from tests.factories.documents import make_upload
from tests.factories.files import pdf_bytes
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db
SEED, PEOPLE = 2624, 6
WHOSE = "submission__candidate__email"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Store every document without inspection: other tests cover inspections."""
    content = pdf_bytes()

    def prepare_upload(*, owner: User, kind: str, **_options: Any) -> Upload:
        return make_upload(owner, kind=kind, content=content)

    monkeypatch.setattr(service_steps, "prepare_upload", prepare_upload)


def rows(offer: Offer) -> dict[str, list[Any]]:
    """Return each table's rows of an offer's submissions, by candidate, without keys and instants."""
    mine = {"submission__offer": offer}
    filed = {"filing__submission__offer": offer}
    who = "filing__submission__candidate__email"
    closed = Draft.objects.filter(**mine, closed_at__isnull=False)
    said = []
    for submission in Submission.objects.filter(offer=offer).order_by("candidate__email"):
        entries = Entry.objects.filter(subject_id=str(submission.public_id)).order_by("pk")
        said.append(list(entries.values_list("actor__email", "action", "detail", "subject_kind")))
    held: dict[str, Any] = {
        "submissions": Submission.objects.filter(offer=offer).values_list(
            "candidate__email", "state", "version", "reserve", "filed_name", "standing_filing__sequence"
        ),
        "drafts": Draft.objects.filter(**mine).values_list(WHOSE, "answers"),
        "closed": closed.values_list(WHOSE, flat=True),
        "documents": DraftDocument.objects.filter(draft__submission__offer=offer).values_list(
            "draft__submission__candidate__email", "request__kind", "upload__owner__email", "upload__kind"
        ),
        "filings": Filing.objects.filter(**mine).values_list(
            WHOSE, "sequence", "draft__submission_id", "replaces"
        ),
        "filed": FiledDocument.objects.filter(**filed).values_list(
            who, "request__kind", "sha256", "upload__sha256"
        ),
        "receipts": Receipt.objects.filter(**filed).values_list(who, flat=True),
        "verdicts": Verdict.objects.filter(**filed).values_list(
            *(who, "outcome", "under_reserve", "facts_digest", "blocking", "rulebook__number"),
        ),
        "reviews": ReviewRequest.objects.filter(**filed).values_list(who, "message"),
        "moves": Transition.objects.filter(**mine).values_list(
            WHOSE, "action", "from_state", "to_state", "actor__email", "reason"
        ),
    }
    found = {name: sorted(map(str, values)) for name, values in held.items() if name != "filings"}
    found["filings"] = sorted(
        str((who, sequence, replaces)) for who, sequence, _own, replaces in held["filings"]
    )
    assert all(filing.draft.submission_id == filing.submission_id for filing in Filing.objects.filter(**mine))
    return found | {"journal": said}


def generate(offer: Offer, through: str) -> dict[str, Any]:
    out = StringIO()
    call_command(
        "generate_submissions",
        *("--offer", str(offer.number), "--count", str(PEOPLE), "--seed", str(SEED), "--through", through),
        stdout=out,
        stderr=StringIO(),
    )
    printed: dict[str, Any] = json.loads(out.getvalue())
    return printed


def test_bulk_rows_equal_those_of_the_operations() -> None:
    one_by_one, together = make_open_offer(), make_open_offer()
    printed = generate(together, "bulk")
    assert 0 <= printed.pop("seconds") < 300
    profiles = sorted(
        map(str, Profile.objects.values_list("user__email", "first_name", "birth_date", "city"))
    )
    people = {user.email: (user.has_usable_password(), user.is_staff) for user in User.objects.all()}
    opened = list(
        Entry.objects.filter(action="ACCOUNT_OPENED").order_by("actor__email").values_list("actor__email")
    )
    assert len(profiles) == PEOPLE
    assert len(opened) == PEOPLE + 1
    bulk = rows(together)
    assert len(bulk["moves"]) > len(bulk["filings"]) > 3
    assert bulk["reviews"]
    again = generate(one_by_one, "services")
    assert again | {"seconds": 0} == printed | {
        "seconds": 0,
        "offer": one_by_one.number,
        "through": "services",
    }
    assert (printed["offer"], printed["seed"], printed["asked"], printed["through"]) == (
        *(together.number, SEED, PEOPLE),
        "bulk",
    )
    services = rows(one_by_one)
    for name, held in services.items():
        assert bulk[name] == held, name
    assert {user.email: (user.has_usable_password(), user.is_staff) for user in User.objects.all()} == people
    assert all(not usable for usable, _is_staff in people.values())
