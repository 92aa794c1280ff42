"""Legal holds and retention rules: who sets them, and what they change."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.privacy.models import LegalHold, Outcome, RetentionRule
from intake.privacy.retention.defaults import write_default_rules
from intake.privacy.retention.erasing import ErasureReport, erase_due, erase_submission, preview_due
from intake.privacy.retention.forms import RetentionRuleForm
from intake.privacy.retention.operations import (
    AlreadyErasedError,
    AlreadyHeldError,
    NotHeldError,
    lift_legal_hold,
    put_legal_hold,
    set_retention_rule,
)
from intake.privacy.retention.queries import (
    due_submissions,
    erasure_day,
    open_holds,
    pending_rules,
    read_retention,
    schedule,
)
from intake.submissions.models import Submission
from intake.web.templatetags.portal import instant
from tests.factories.people import client_of, make_administrator, make_staff
from tests.factories.retention import let_every_period_pass, make_hold
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
    assert preview_due() == ErasureReport(due=1, held=1, accounts=0)
    with pytest.raises(IntegrityError, match="is held"), transaction.atomic():
        erase_submission(submission=filed)
    assert erasure_day(filed) is None
    lift_legal_hold(hold=hold, reason="Jugement rendu.", actor=administrator)
    assert erase_due().anonymised == 1
    actions = Entry.objects.filter(subject_id=str(filed.public_id)).values_list("action", flat=True)
    assert {"LEGAL_HOLD_PUT", "LEGAL_HOLD_LIFTED", "SUBMISSION_ANONYMISED"} <= set(actions)
    kept = LegalHold.objects.get()
    assert (kept.reason, kept.put_by, kept.lifted_by) == ("Effacé", administrator, administrator)
    assert erasure_day(filed) is None
    authors = Entry.objects.filter(subject_id=str(filed.public_id), action__startswith="LEGAL_HOLD")
    assert {entry.actor for entry in authors} == {administrator}


def test_an_erasure_is_suspended_once_and_resumed_once(filed: Submission, administrator: User) -> None:
    hold = put_legal_hold(submission=filed, reason="Recours.", actor=administrator)
    with pytest.raises(AlreadyHeldError):
        put_legal_hold(submission=filed, reason="Recours.", actor=administrator)
    lift_legal_hold(hold=hold, reason="Fin.", actor=administrator)
    with pytest.raises(NotHeldError):
        lift_legal_hold(hold=hold, reason="Fin.", actor=administrator)
    hold.refresh_from_db()
    assert (hold.put_by, hold.lifted_by, hold.lift_reason) == (administrator, administrator, "Fin.")
    again = put_legal_hold(submission=filed, reason="Appel.", actor=administrator)
    assert list(open_holds()) == [again]


def test_a_suspended_erasure_keeps_its_file_alone_until_it_is_resumed(
    filed: Submission, administrator: User
) -> None:
    other = make_filed(filed.offer)
    hold = put_legal_hold(submission=filed, reason="Recours.", actor=administrator)
    assert (erasure_day(filed), erasure_day(other)) == (None, read_retention(other).day)
    let_every_period_pass()
    assert due_submissions() == [(filed.pk, True), (other.pk, False)]
    lift_legal_hold(hold=hold, reason="Fin.", actor=administrator)
    assert erasure_day(filed) == read_retention(filed).day
    assert due_submissions() == [(filed.pk, False), (other.pk, False)]


def test_an_erased_file_cannot_be_held(filed: Submission, administrator: User) -> None:
    let_every_period_pass()
    assert erase_submission(submission=filed)
    with pytest.raises(AlreadyErasedError):
        put_legal_hold(submission=filed, reason="Recours.", actor=administrator)


def test_staff_set_no_rule_and_suspend_no_erasure(filed: Submission) -> None:
    hold, closed = make_hold(filed), make_administrator()
    closed.is_active = False
    for actor in (make_staff(), closed):
        with pytest.raises(PermissionDenied):
            put_legal_hold(submission=filed, reason="Recours.", actor=actor)
        with pytest.raises(PermissionDenied):
            lift_legal_hold(hold=hold, reason="Fin.", actor=actor)
        with pytest.raises(PermissionDenied):
            set_retention_rule(outcome=Outcome.DRAFT, months=2, reason="Avis.", actor=actor)


def test_a_longer_period_applies_at_once_and_a_shorter_one_later(
    filed: Submission, administrator: User
) -> None:
    before = read_retention(filed)
    assert (before.outcome, before.months) == (Outcome.NOT_SELECTED, 36)
    assert before.since == filed.offer.ends_on
    shorter = set_retention_rule(outcome=Outcome.NOT_SELECTED, months=12, reason="Avis.", actor=administrator)
    assert shorter.applies_at - shorter.at == timedelta(days=30)
    assert read_retention(filed) == before
    assert list(pending_rules(at=shorter.at)) == [shorter]
    assert list(pending_rules(at=shorter.applies_at)) == []
    set_retention_rule(outcome=Outcome.NOT_SELECTED, months=48, reason="Avis.", actor=administrator)
    assert read_retention(filed).months == 48
    rules = schedule(at=shorter.at)
    assert {rule.outcome: rule.months for rule in rules}["NOT_SELECTED"] == 48
    write_default_rules()  # as the next migration does
    assert schedule(at=shorter.at) == rules
    entries = Entry.objects.filter(action="RETENTION_RULE_SET").order_by("pk")
    assert [(entry.actor, entry.detail) for entry in entries] == [
        (administrator, "NOT_SELECTED 12"),
        (administrator, "NOT_SELECTED 48"),
    ]


def test_each_outcome_has_the_shortest_period_that_the_form_accepts() -> None:
    for outcome in Outcome:
        least = {Outcome.DRAFT: 1, Outcome.ACCOUNT: 6}.get(outcome, 12)
        sent = {"outcome": outcome.value, "reason": "Avis."}
        forms = {
            months: RetentionRuleForm(sent | {"months": str(months)})
            for months in (least - 1, least, 240, 241)
        }
        assert [months for months, form in forms.items() if form.is_valid()] == [least, 240], outcome
        assert f"au moins {least}\u00a0mois" in str(forms[least - 1].errors)
    assert "reason" in RetentionRuleForm({"reason": "x" * 251}).errors
    assert "reason" not in RetentionRuleForm({"reason": "x" * 250}).errors


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
    done = client.post(address, sent, follow=True)
    assert "La règle de conservation est enregistrée." in done.content.decode()
    rule = RetentionRule.objects.latest("pk")
    assert rule.months == 3
    assert instant(rule.applies_at) in done.content.decode()
    assert client.post(address, sent | {"rule-months": "0"}).status_code == 422
    hold = {"act": "hold", "hold-number": number.lower(), "hold-reason": "Recours."}
    done = client.post(address, hold, follow=True)
    assert "L’effacement de cette candidature est suspendu." in done.content.decode()
    assert client.post(address, hold).status_code == 422
    unknown = client.post(address, hold | {"hold-number": "2031-010-XXXX"})
    assert "Aucun dépôt ne porte ce numéro." in unknown.content.decode()
    assert client.post(address, hold | {"act": "autre"}).status_code == 422
    page = client.get(address).content.decode()
    assert f"{number} — Recours." in page
    kept = LegalHold.objects.get()
    lift = {"act": "lift", "lift-hold": str(kept.pk), "lift-reason": "Fin."}
    assert "La suspension est levée." in client.post(address, lift, follow=True).content.decode()
    assert client.post(address, lift).status_code == 422
    assert client_of(make_staff()).get(address).status_code == 403
