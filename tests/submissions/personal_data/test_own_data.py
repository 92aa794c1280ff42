"""The export of a candidate's own data: all data they supplied, and nothing else."""

import json
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.dossiers.sealed_payload import digest_of
from intake.journal.models import Entry
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.states import Action
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_assessment, make_reviewer
from tests.factories.submissions import ALL_DECLARATIONS, make_filing, make_open_offer
from tests.other_days import zone_of_another_day
from tests.submissions.filed_pages import amend, browser_of, read, submission_of, withdraw

pytestmark = pytest.mark.django_db


def test_the_export_contains_all_supplied_data_and_proves_the_seal() -> None:
    receipt = make_filing(first_name="Anaïs", last_name="Ó Briain")
    amend(receipt, first_name="Anne")
    withdraw(make_filing(candidate=receipt.filing.submission.candidate), "Mes mots à moi")
    with timezone.override(zone_of_another_day()):
        answer, today = browser_of(receipt).get(reverse("submissions:own_data")), timezone.localdate()
    assert answer.headers["Content-Type"] == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "no-store" in answer.headers["Cache-Control"]
    data = json.loads(answer.content)
    assert answer.content.decode() == json.dumps(data, ensure_ascii=False, indent=2), "a person can read it"
    name = re.fullmatch(
        r'attachment; filename="mes-renseignements-(.+)\.json"', answer.headers["Content-Disposition"]
    )
    assert name is not None
    assert name[1] == f"{today}"
    first, second = data["applications"]
    assert data["profile"]["last_name"]
    assert [draft["answers"]["first_name"] for draft in first["drafts"]] == ["Anaïs", "Anne"]
    (filing,) = first["filings"]
    assert filing["number"] == receipt.number
    text = json.dumps(filing["sealed"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert (
        digest_of(canonical_text=text, salt=filing["salt"]) == filing["digest"] == receipt.filing.seal.digest
    )
    assert second["withdrawals"][0]["reason"] == "Mes mots à moi"
    assert {row["key"] for row in data["consents"]} == ALL_DECLARATIONS
    assert {row["sha256"] for row in data["documents"]} >= {row["sha256"] for row in filing["documents"]}
    assert Entry.objects.filter(action="OWN_DATA_DOWNLOADED").count() == 1


def test_the_export_contains_no_data_of_other_people() -> None:
    offer = make_open_offer()
    receipt = make_filing(offer=offer)
    other = make_user("voisine@exemple.invalid")
    make_filing(offer=offer, candidate=other, first_name="Zénobie", last_name="Voisine-Unique")
    reviewer = make_reviewer(offer, email="juge@exemple.invalid")
    staff = make_staff(email="personnel-unique@exemple.invalid", display_name="Claude Décideur")
    submission = submission_of(receipt)
    make_assessment(submission, reviewer, 3, "Note secrète du comité")
    for action in (Action.START_REVIEW, Action.SHORTLIST, Action.LEAVE_SHORTLIST):
        move_submission(submission=submission, action=action, actor=staff, reason="Motif interne")
    text = browser_of(receipt).get(reverse("submissions:own_data")).content.decode()
    for needle in (
        "Zénobie",
        "Voisine-Unique",
        other.email,
        reviewer.email,
        staff.email,
        "Claude Décideur",
        "Note secrète",
        "Motif interne",
        "LEAVE_SHORTLIST",
        '"mark"',
    ):
        assert needle not in text, needle
    assert receipt.number in text
    theirs = client_of(other).get(reverse("submissions:own_data")).content.decode()
    for needle in ("Zénobie", "Voisine-Unique", other.email):
        assert needle in theirs, needle


def test_the_export_is_linked_from_the_page_of_own_data_and_that_page_from_others() -> None:
    client = client_of(make_user())
    assert f'href="{reverse("submissions:own_data")}"' in read(client, reverse("own_data:own_data"))
    for page in ("profiles:profile", "submissions:mine", "web:privacy"):
        assert f'href="{reverse("own_data:own_data")}"' in read(client, reverse(page))
