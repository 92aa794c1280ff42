"""A person deletes their account: what goes at once, what stays, and what prevents it."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.privacy.models import Erasure
from intake.privacy.retention.deletion import StaffAccountError, delete_own_account
from intake.privacy.retention.erasing import erase_due
from intake.privacy.retention.operations import lift_legal_hold
from intake.privacy.retention.queries import erasure_day
from intake.profiles.models import Profile
from intake.submissions.after_filing.operations import withdraw_submission
from intake.submissions.models import Draft, Submission
from intake.web import formats
from tests.accounts.sign_in_steps import last_code
from tests.database_roles import as_owner
from tests.factories.people import client_of, make_administrator, make_profile, make_staff, make_user
from tests.factories.retention import let_every_period_pass, make_hold
from tests.factories.review import make_filed
from tests.factories.submissions import make_draft, make_open_offer

pytestmark = pytest.mark.django_db
ADDRESS = "/profil/supprimer/"


def test_an_account_without_a_file_is_erased_at_once(django_capture_on_commit_callbacks: Any) -> None:
    draft = make_draft(offer=make_open_offer())
    user = draft.submission.candidate
    email = user.email
    client = client_of(user)
    assert client.get(ADDRESS).status_code == 200
    assert client.post(ADDRESS, {}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        page = client.post(ADDRESS, {"confirms": "on"})
    assert page.status_code == 200
    assert "Votre compte est supprimé" in page.content.decode()
    assert client.get("/profil/").status_code == 302
    assert (Draft.objects.count(), Profile.objects.count(), Session.objects.count()) == (0, 0, 0)
    user.refresh_from_db()
    assert not user.is_active
    assert email not in str(vars(user))
    sent: Any = mail.outbox[-1]
    assert (sent.to, sent.subject) == ([email], "Votre compte est supprimé")
    assert sent.extra_headers == {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    assert [kind for _text, kind in sent.alternatives] == ["text/html"]
    actions = Entry.objects.filter(subject_id=str(user.public_id)).values_list("action", flat=True)
    assert {"ACCOUNT_DELETION_ASKED", "ACCOUNT_ANONYMISED"} <= set(actions)


def test_a_session_that_was_left_open_does_not_delete_the_account() -> None:
    user = make_user()
    client = client_of(user, second_factor=False)
    asks = "/securite/confirmer/?next=%2Fprofil%2Fsupprimer%2F"
    for answer in (client.get(ADDRESS), client.post(ADDRESS, {"confirms": "on"})):
        assert answer.headers["Location"] == asks
    user.refresh_from_db()
    assert user.is_active
    client.post("/securite/confirmer/", {"send": "1"})
    kept = client.post("/securite/confirmer/", {"code": last_code(), "next": ADDRESS}).content.decode()
    assert '<input type="hidden" name="confirms" value="on">' in kept
    client.post(ADDRESS, {"confirms": "on"})
    user.refresh_from_db()
    assert not user.is_active


def test_the_mail_of_a_deletion_is_in_the_language_of_the_page(
    django_capture_on_commit_callbacks: Any,
) -> None:
    with translation.override("en"), django_capture_on_commit_callbacks(execute=True):
        delete_own_account(user=make_user())
    assert mail.outbox[-1].subject == "Your account is deleted"


def test_a_held_draft_goes_with_its_account_once_erasure_is_resumed() -> None:
    draft = make_draft(offer=make_open_offer())
    user = draft.submission.candidate
    hold = make_hold(draft.submission)
    delete_own_account(user=user)
    let_every_period_pass()
    erase_due()
    assert (Draft.objects.count(), Erasure.objects.count()) == (1, 0)
    lift_legal_hold(hold=hold, reason="Jugement rendu.", actor=make_administrator())
    erase_due()
    assert not Draft.objects.exists()
    email = user.email
    user.refresh_from_db()
    assert user.email != email


def test_the_page_and_the_mail_of_a_deletion_name_a_held_draft_as_kept(
    django_capture_on_commit_callbacks: Any,
) -> None:
    draft = make_draft(offer=make_open_offer())
    make_hold(draft.submission)
    with django_capture_on_commit_callbacks(execute=True):
        page = client_of(draft.submission.candidate).post(ADDRESS, {"confirms": "on"}).content.decode()
    sent: Any = mail.outbox[-1]
    for text in (page, " ".join(sent.body.split()), sent.alternatives[0][0]):
        assert "L’effacement de vos brouillons est suspendu." in text
        assert "Nous avons effacé votre compte" not in text
        assert "et vos brouillons." not in text


def test_an_application_under_study_prevents_the_deletion() -> None:
    filed = make_filed(make_open_offer())
    client = client_of(filed.candidate)
    page = client.get(ADDRESS).content.decode()
    assert reverse("submissions:withdraw", args=[filed.public_id]) in page
    assert client.post(ADDRESS, {"confirms": "on"}).status_code == 422
    filed.candidate.refresh_from_db()
    assert filed.candidate.is_active


def test_a_withdrawn_application_is_kept_until_its_day(django_capture_on_commit_callbacks: Any) -> None:
    filed = make_filed(make_open_offer())
    user = filed.candidate
    withdraw_submission(submission=filed, actor=user, reason="Autre projet.")
    client = client_of(user)
    day = erasure_day(filed)
    assert day is not None
    assert str(day.year) in client.get(ADDRESS).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(ADDRESS, {"confirms": "on"}).status_code == 200
    user.refresh_from_db()
    assert (user.is_active, Session.objects.count()) == (False, 0)
    assert Submission.objects.get(pk=filed.pk).filed_name
    sent: Any = mail.outbox[-1]
    for part in (sent.body, sent.alternatives[0][0]):
        assert formats.day(day) in part
        assert "suspendu" not in part
    assert not Erasure.objects.exists()
    let_every_period_pass()
    report = erase_due()
    assert (report.anonymised, report.accounts) == (1, 1)


def test_a_held_application_has_no_day_on_the_page_nor_in_the_mail(
    django_capture_on_commit_callbacks: Any,
) -> None:
    filed = make_filed(make_open_offer())
    withdraw_submission(submission=filed, actor=filed.candidate, reason="Autre projet.")
    day = erasure_day(filed)
    make_hold(filed)
    client = client_of(filed.candidate)
    page = client.get(ADDRESS).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(ADDRESS, {"confirms": "on"})
    sent: Any = mail.outbox[-1]
    for text in (page, sent.body, sent.alternatives[0][0]):
        assert "tant que son effacement est suspendu" in " ".join(text.split())
        assert day is not None
        assert formats.day(day) not in text


def test_an_account_with_a_held_draft_keeps_it_and_is_closed(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def refuse(_message: object) -> int:
        raise OSError

    monkeypatch.setattr("intake.privacy.retention.deletion_mail.EmailMultiAlternatives.send", refuse)
    draft = make_draft(offer=make_open_offer())
    user = draft.submission.candidate
    make_hold(draft.submission)
    page = client_of(user).get(ADDRESS).content.decode()
    assert "L’effacement de vos brouillons est suspendu." in page
    assert "votre brouillon pour l’offre" not in page
    assert "votre adresse courriel et votre compte." not in page
    with django_capture_on_commit_callbacks(execute=True):  # the mail is lost, and the account closed
        plan = delete_own_account(user=user)
    assert (plan.drafts, plan.kept, plan.held) == ([draft.submission], [], True)
    user.refresh_from_db()
    assert not user.is_active
    assert (Draft.objects.count(), Profile.objects.count(), Session.objects.count()) == (1, 0, 0)
    assert not Erasure.objects.exists()


def test_a_deletion_makes_another_change_of_the_account_wait() -> None:
    user = make_user()
    with CaptureQueriesContext(connection) as captured:
        delete_own_account(user=user)
    reading = next(query["sql"] for query in captured if 'FROM "accounts_user"' in query["sql"])
    assert reading.endswith("FOR UPDATE")


def test_an_account_of_staff_is_not_deleted_by_its_owner() -> None:
    staff = make_staff()
    make_profile(staff)
    with pytest.raises(StaffAccountError):
        delete_own_account(user=staff)
    administrator = make_user()
    with as_owner():
        User.objects.filter(pk=administrator.pk).update(is_superuser=True)  # alone: no operation does it
    for person in (staff, administrator):
        refused = client_of(person).post(ADDRESS, {"confirms": "on"})
        assert refused.status_code == 422
        assert "Ce compte sert au travail du programme." in refused.content.decode()
        assert "confirms" not in refused.content.decode()
        person.refresh_from_db()
        assert person.is_active
