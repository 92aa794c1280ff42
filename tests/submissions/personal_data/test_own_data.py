"""The export of a candidate's own data: all data they supplied, and nothing else."""

import json
import re
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.documents.models import Upload
from intake.dossiers.sealed_payload import digest_of
from intake.journal.models import Entry
from intake.profiles.selectors import answers_from_profile
from intake.submissions.after_filing.operations import start_amendment, withdraw_submission
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.models import Draft
from intake.submissions.personal_data.operations import export_own_data
from intake.submissions.states import Action
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_assessment, make_reviewer
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    make_filing,
    make_open_offer,
)
from tests.other_days import zone_of_another_day
from tests.submissions.filed_pages import amend, browser_of, read, submission_of, withdraw
from tests.submissions.rows import record_writes, transaction_instant

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


def test_the_export_contains_exactly_the_supplied_data() -> None:
    receipt = make_filing()
    filing, at = receipt.filing, datetime.fromisoformat("2027-09-01T14:00:00-04:00")
    person, offer = filing.submission.candidate, filing.submission.offer
    draft = start_amendment(submission=filing.submission, actor=person)
    draft.refresh_from_db()
    withdraw_submission(
        submission=make_filing(candidate=person).filing.submission, actor=person, reason="Un."
    )
    with record_writes() as (entries, deliveries):
        data = export_own_data(user=person, at=at)
    assert (entries, deliveries) == ([("OWN_DATA_DOWNLOADED", person, str(person.public_id), "")], [])

    def utc(instant: datetime | None) -> str | None:
        return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z" if instant is not None else None

    person.refresh_from_db()
    first, second = data.pop("applications")
    documents, consents = data.pop("documents"), data.pop("consents")
    assert data.pop("received_files") == []
    assert data == {
        "schema": 1,
        "made_at": "2027-09-01T18:00:00Z",
        "account": {
            "email": person.email,
            "created_at": utc(person.date_joined),
            "last_sign_in_at": utc(person.last_login),
        },
        "profile": answers_from_profile(person),
    }

    def files(rows: Any) -> list[dict[str, str]]:
        return [
            {"document": row.request.label, "name": row.upload.original_name, "sha256": row.upload.sha256}
            for row in rows.order_by("pk")
        ]

    filed, amending = (Draft.objects.get(pk=pk) for pk in (filing.draft_id, draft.pk))
    sealed = first["filings"][0].pop("sealed")
    assert sealed["person"]["email"] == person.email
    assert first == {
        "offer": {"number": offer.number, "organisation": offer.organisation},
        "started_at": utc(filing.submission.created_at),
        "drafts": [
            {
                "opened_at": utc(row.opened_at),
                "saved_at": utc(row.saved_at),
                "filed_at": utc(row.closed_at),
                "answers": row.answers,
                "documents": files(row.documents),
            }
            for row in (filed, amending)
        ],
        "arrivals": [],
        "filings": [
            {
                "number": receipt.number,
                "received_at": utc(filing.received_at),
                "replaces": None,
                "digest": filing.seal.digest,
                "salt": filing.seal.salt,
                "signed_receipt": None,
                "documents": files(filing.documents),
            }
        ],
        "withdrawals": [],
    }
    assert amending.closed_at is None
    (withdrawn,) = second["withdrawals"]
    assert withdrawn == {"at": utc(transaction_instant()), "reason": "Un."}
    assert [(row["number"], row["key"], row["version"], row["accepted_at"]) for row in consents] == [
        (row["number"], key, version, utc(filing.received_at))
        for row in (first["filings"][0], second["filings"][0])
        for key, version in (("truth", "2026-11"), ("consent", "2026-12.2"))
    ]
    uploads = Upload.objects.filter(owner=person)
    assert documents == [
        {
            "name": row.original_name,
            "kind": row.kind,
            "media_type": "application/pdf",
            "size": row.size,
            "pages": 1,
            "sha256": row.sha256,
            "received_at": utc(row.created_at),
        }
        for row in uploads.order_by("created_at", "pk")
    ]
