"""What an erasure removes, what it keeps, and how often it may run."""

import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, transaction

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.dossiers.models import Seal
from intake.journal.models import Entry
from intake.outbox.models import Message
from intake.privacy.models import Erasure
from intake.privacy.retention import erasing
from intake.privacy.retention.erasing import erase_account, erase_due, erase_submission, remove_left_files
from intake.privacy.retention.queries import due_submissions
from intake.profiles.models import Profile
from intake.review.queue.saved_views import save_view
from intake.submissions.models import DocumentPart, Submission, Transition
from tests.factories.everything import Everything, make_everything
from tests.factories.people import client_of, make_profile, make_staff
from tests.factories.retention import let_every_period_pass, make_hold
from tests.factories.review import make_filed
from tests.factories.submissions import make_draft, make_open_offer, make_upload

pytestmark = pytest.mark.django_db


def _anonymise(*options: str) -> dict[str, Any]:
    said = StringIO()
    call_command("anonymise", "--due", *options, stdout=said)
    report: dict[str, Any] = json.loads(said.getvalue())
    return report


def test_nothing_is_due_before_its_day() -> None:
    make_everything()
    assert _anonymise()["due"] == 0
    assert not Erasure.objects.exists()


def test_a_fresh_file_is_refused_by_the_database() -> None:
    filed = make_filed(make_open_offer())
    with pytest.raises(IntegrityError, match="is kept until"), transaction.atomic():
        erase_submission(submission=filed)


def test_all_that_is_due_is_erased_once() -> None:
    whole = make_everything()
    document = whole.drafted.drafts.get().documents.earliest("pk")
    part = make_upload(whole.drafted.candidate)
    DocumentPart.objects.create(document=document, position=1, upload=part)
    let_every_period_pass()
    count = len(due_submissions())
    assert count == Submission.objects.count() > 5
    assert _anonymise("--dry-run") == {
        "dry_run": True,
        "due": count,
        "held": 0,
        "anonymised": 0,
        "accounts": _anonymise("--dry-run")["accounts"],
        "files": 0,
    }
    first = _anonymise()
    assert (first["due"], first["anonymised"], first["held"]) == (count, count, 0)
    assert first["files"] > 0
    assert first["accounts"] > 0
    second = _anonymise()
    assert {key: second[key] for key in ("due", "anonymised", "held", "accounts", "files")} == dict.fromkeys(
        ("due", "anonymised", "held", "accounts", "files"), 0
    )
    assert not Seal.objects.filter(canonical__isnull=False, filing__isnull=False).exists()
    assert not Submission.objects.exclude(filed_name="").exists()
    assert not Transition.objects.exclude(reason="").exists()
    assert not Upload.objects.exists()
    assert not default_storage.exists(str(part.file.name))
    assert not Profile.objects.exists()
    assert not Message.objects.exclude(to_address="").exists()
    assert not Submission.objects.filter(pk=whole.drafted.pk).exists()
    assert not User.objects.filter(is_staff=False).exclude(email__startswith="efface-").exists()


def test_what_verifies_counts_what_was_erased(whole_erased: Everything) -> None:
    said = StringIO()
    call_command("verify_audit", stdout=said)
    audit = json.loads(said.getvalue())
    filings = Seal.objects.filter(filing__isnull=False).count()
    assert audit["seals"]["anonymised"] == audit["verdicts"]["anonymised"] == filings
    assert audit["differs"] is None
    said = StringIO()
    call_command("verify_dossiers", stdout=said)
    assert json.loads(said.getvalue()) == {
        "checked": filings,
        "anonymised": filings,
        "not_made": 0,
        "differs": None,
    }
    call_command("verify_log", stdout=StringIO())
    call_command("check_invariants", "--files", stdout=StringIO())


@pytest.fixture
def whole_erased() -> Everything:
    whole = make_everything()
    let_every_period_pass()
    erase_due()
    return whole


def test_an_erased_account_ends_its_sessions(django_capture_on_commit_callbacks: Any) -> None:
    user = make_profile().user
    client_of(user)
    kept = client_of(make_profile().user)
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_account(user=user)
    assert Session.objects.count() == 1
    assert kept.get("/profil/").status_code == 200
    user.refresh_from_db()
    assert (user.email.partition("@")[2], user.is_active) == ("compte.invalid", False)
    assert Profile.objects.count() == 1
    assert Entry.objects.filter(action="ACCOUNT_ANONYMISED", subject_id=str(user.public_id)).exists()


def test_an_account_with_a_file_is_refused_by_the_database() -> None:
    filed = make_filed(make_open_offer())
    with pytest.raises(IntegrityError, match="still has a file"), transaction.atomic():
        erase_account(user=filed.candidate)


def test_a_file_that_changes_during_a_run_stops_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft, offer = make_draft(offer=make_open_offer()), make_open_offer()
    held, fresh = make_filed(offer).pk, make_filed(offer).pk
    listed = [(held, True), (0, False), (fresh, False), (draft.submission_id, False)]  # 0: discarded
    monkeypatch.setattr(erasing, "due_submissions", lambda: listed)
    report = erase_due()
    assert (report.due, report.held, report.anonymised) == (4, 1, 1)
    make_hold(Submission.objects.get(pk=held))
    let_every_period_pass()
    monkeypatch.setattr(erasing, "due_submissions", lambda: [(held, False)])  # held since
    assert (erase_due().held, Submission.objects.filter(filed_name="").count()) == (1, 0)

    def refuse(**_submission: Submission) -> bool:
        raise IntegrityError

    monkeypatch.setattr(erasing, "erase_submission", refuse)
    with pytest.raises(IntegrityError):  # of another rule
        erase_due()


def test_saved_views_that_name_an_erased_person_are_erased_and_no_others() -> None:
    offer, staff = make_open_offer(), make_staff()
    gone, short = make_filed(offer, last_name="Roÿ"), make_filed(offer, last_name="Ng")
    for query in ("q=roy", "q=RO%C3%BF", f"q={gone.candidate.email}", "q=ng", "q=autre"):
        save_view(owner=staff, name=query[:40], query=query)
    let_every_period_pass()
    assert all(erase_submission(submission=each) for each in (gone, short))
    left = staff.saved_views.order_by("query").values_list("query", flat=True)
    assert list(left) == ["q=autre", "q=ng"], "two letters are part of many words"


def test_a_killed_run_is_finished_by_the_next_one() -> None:
    """The rows are erased and the process ends before the files are deleted."""
    filed = make_filed(make_open_offer())
    let_every_period_pass()
    assert erase_submission(submission=filed)
    (erasure,) = Erasure.objects.all()
    assert len(erasure.files) >= 4
    assert all(default_storage.exists(name) for name in erasure.files)
    assert not erase_submission(submission=filed)
    default_storage.delete(erasure.files[0])  # as a run does that was killed between two files
    assert remove_left_files() == len(erasure.files)
    assert not any(default_storage.exists(name) for name in erasure.files)
    erasure.refresh_from_db()
    assert (erasure.files, erasure.files_removed_at is not None) == ([], True)
    assert remove_left_files() == 0


def test_a_document_of_another_application_stays() -> None:
    draft = make_draft(offer=make_open_offer())
    other = make_draft(offer=make_open_offer(), candidate=draft.submission.candidate, documents=False)
    shared = draft.documents.all()[0]
    other.documents.create(request=other.submission.offer.documents.all()[0], upload=shared.upload)
    assert erase_submission(submission=draft.submission)
    assert Upload.objects.filter(pk=shared.upload_id).exists()
    assert str(shared.upload.file) not in Erasure.objects.get().files
