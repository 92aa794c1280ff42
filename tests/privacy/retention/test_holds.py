"""Legal holds and retention rules: who sets them, and what they change."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.privacy.models import LegalHold, Outcome, RetentionRule
from intake.privacy.retention.erasing import erase_due, erase_submission
from intake.privacy.retention.operations import (
    AlreadyErasedError,
    AlreadyHeldError,
    NotHeldError,
    lift_legal_hold,
    put_legal_hold,
    set_retention_rule,
)
from intake.privacy.retention.queries import erasure_day, read_retention
from intake.submissions.models import Submission
from tests.factories.people import client_of, make_administrator, make_staff
from tests.factories.retention import let_every_period_pass
from tests.factories.review import make_filed
from tests.factories.submissions import make_open_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed() -> Submission:
    return make_filed(make_open_offer())


@pytest.fixture
def administrator() -> User:
    return make_administrator()


def test_a_suspended_erasure_waits_until_an_administrator_resumes_it(
    filed: Submission, administrator: User
) -> None:
    hold = put_legal_hold(submission=filed, reason="Recours.", actor=administrator)
    let_every_period_pass()
    report = erase_due()
    assert (report.due, report.held, report.anonymised) == (1, 1, 0)
    with pytest.raises(IntegrityError, match="is held"), transaction.atomic():
        erase_submission(submission=filed)
    assert erasure_day(filed) is None
    lift_legal_hold(hold=hold, reason="Jugement rendu.", actor=administrator)
    assert erase_due().anonymised == 1
    actions = Entry.objects.filter(subject_id=str(filed.public_id)).values_list("action", flat=True)
    assert {"LEGAL_HOLD_PUT", "LEGAL_HOLD_LIFTED", "SUBMISSION_ANONYMISED"} <= set(actions)
    assert LegalHold.objects.get().reason == "Effacé"


def test_an_erasure_is_suspended_once_and_resumed_once(filed: Submission, administrator: User) -> None:
    hold = put_legal_hold(submission=filed, reason="Recours.", actor=administrator)
    with pytest.raises(AlreadyHeldError):
        put_legal_hold(submission=filed, reason="Recours.", actor=administrator)
    lift_legal_hold(hold=hold, reason="Fin.", actor=administrator)
    with pytest.raises(NotHeldError):
        lift_legal_hold(hold=hold, reason="Fin.", actor=administrator)


def test_an_erased_file_cannot_be_held(filed: Submission, administrator: User) -> None:
    let_every_period_pass()
    assert erase_submission(submission=filed)
    with pytest.raises(AlreadyErasedError):
        put_legal_hold(submission=filed, reason="Recours.", actor=administrator)


def test_staff_set_no_rule_and_suspend_no_erasure(filed: Submission) -> None:
    staff = make_staff()
    with pytest.raises(PermissionDenied):
        put_legal_hold(submission=filed, reason="Recours.", actor=staff)
    with pytest.raises(PermissionDenied):
        set_retention_rule(outcome=Outcome.DRAFT, months=2, reason="Avis.", actor=staff)


def test_a_longer_period_applies_at_once_and_a_shorter_one_later(
    filed: Submission, administrator: User
) -> None:
    before = read_retention(filed)
    assert (before.outcome, before.months) == (Outcome.NOT_SELECTED, 36)
    assert before.since == filed.offer.ends_on
    shorter = set_retention_rule(outcome=Outcome.NOT_SELECTED, months=12, reason="Avis.", actor=administrator)
    assert shorter.applies_at - shorter.at == timedelta(days=30)
    assert read_retention(filed) == before
    set_retention_rule(outcome=Outcome.NOT_SELECTED, months=48, reason="Avis.", actor=administrator)
    assert read_retention(filed).months == 48
    assert Entry.objects.filter(action="RETENTION_RULE_SET").count() == 2


def test_the_candidate_reads_the_day_of_the_erasure(filed: Submission) -> None:
    page = client_of(filed.candidate).get(reverse("submissions:follow", args=[filed.public_id]))
    day = erasure_day(filed)
    assert day is not None
    assert "Vos renseignements seront effacés le" in page.content.decode()
    assert str(day.year) in page.content.decode()
    assert page.context["erased_on"] == day


def test_the_pages_of_an_erased_file_still_open(filed: Submission) -> None:
    client = client_of(filed.candidate)
    staff = client_of(make_staff())
    let_every_period_pass()
    erase_submission(submission=filed)
    assert client.get(reverse("submissions:follow", args=[filed.public_id])).status_code == 200
    page = client.get(reverse("submissions:receipt", args=[filed.public_id]))
    assert page.status_code == 410
    assert "Candidature effacée" in page.content.decode()
    for name in ("submissions:mine", "submissions:own_data", "privacy:schedule"):
        assert client.get(reverse(name)).status_code == 200
    assert staff.get(reverse("review:file", args=[filed.public_id])).status_code == 200
    assert staff.get(reverse("admin:submissions_submission_changelist")).status_code == 200


def test_an_administrator_sets_a_rule_and_suspends_an_erasure_on_the_page(
    filed: Submission, administrator: User
) -> None:
    client, address = client_of(administrator), reverse("privacy:retention")
    assert filed.standing_filing is not None
    number = filed.standing_filing.receipt.number
    sent = {"act": "rule", "rule-outcome": "DRAFT", "rule-months": "3", "rule-reason": "Avis."}
    assert client.post(address, sent).status_code == 302
    assert RetentionRule.objects.latest("pk").months == 3
    assert client.post(address, sent | {"rule-months": "0"}).status_code == 422
    hold = {"act": "hold", "hold-number": number.lower(), "hold-reason": "Recours."}
    assert client.post(address, hold).status_code == 302
    assert client.post(address, hold).status_code == 422
    assert number in client.get(address).content.decode()
    kept = LegalHold.objects.get()
    lift = {"act": "lift", "lift-hold": str(kept.pk), "lift-reason": "Fin."}
    assert client.post(address, lift).status_code == 302
    assert client.post(address, lift).status_code == 422
    assert client_of(make_staff()).get(address).status_code == 403
