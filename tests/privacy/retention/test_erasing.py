"""What an erasure removes, what it keeps, and how often it may run."""

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from intake.accounts.models import User
from intake.documents.models import Upload
from intake.dossiers.models import Dossier, Seal, SignedReceipt
from intake.journal.models import Entry
from intake.outbox.models import Delivery, Message
from intake.outbox.selectors import subject_columns
from intake.privacy.models import Erasure
from intake.privacy.retention import erasing
from intake.privacy.retention.erasing import (
    ErasureFailedError,
    erase_account,
    erase_due,
    erase_submission,
    remove_left_files,
)
from intake.privacy.retention.queries import due_submissions
from intake.profiles.models import Profile
from intake.review.models import MeetingNote
from intake.review.queue.saved_views import save_view
from intake.submissions.models import DocumentPart, Submission, Transition
from intake.web.sessions import SessionStore
from intake.web.storage import StorageUnavailableError
from tests.database_roles import as_owner
from tests.factories.decisions import make_batch
from tests.factories.documents import make_upload as make_whole_upload
from tests.factories.everything import Everything, make_everything
from tests.factories.people import client_of, make_profile, make_staff
from tests.factories.retention import let_every_period_pass, make_hold
from tests.factories.review import (
    make_conflict,
    make_dossier,
    make_filed,
    make_shortlisted,
    make_signed_receipt,
)
from tests.factories.submissions import make_draft, make_extension, make_filing, make_open_offer, make_upload
from tests.submissions.filed_pages import amend, file_again, submission_of

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def _anonymise(*options: str) -> dict[str, Any]:
    said = StringIO()
    call_command("anonymise", "--due", *options, stdout=said)
    report: dict[str, Any] = json.loads(said.getvalue())
    return report


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
        "failed": 0,
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


def test_what_cannot_be_erased_leaves_the_others_their_turn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule of the database refuses one file and one account, and the storage one file."""
    offer = make_open_offer()
    files = [make_filed(offer) for _each in range(3)]
    accounts = [make_profile().user for _each in range(3)]
    let_every_period_pass()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE submissions_submission ADD CHECK (id <> {files[0].pk} OR filed_name <> '')"
        )
        cursor.execute(f"ALTER TABLE accounts_user ADD CHECK (id <> {accounts[0].pk} OR is_active)")
    stuck: list[str] = []
    delete = default_storage.delete

    def refuse_the_first(name: str) -> None:
        stuck.append(name)
        if name == stuck[0]:
            raise PermissionError
        delete(name)

    monkeypatch.setattr(default_storage, "delete", refuse_the_first)
    posted: list[Any] = []
    monkeypatch.setattr(erasing, "post_notices", lambda *, at: posted.append(at))
    with pytest.raises(ErasureFailedError):
        erasing.run_anonymise(Delivery(), timezone.now())
    assert len(posted) == 1, "notices are posted all the same"
    kept = [files[0].candidate, accounts[0]]
    assert {user.pk for user in [*(each.candidate for each in files), *accounts] if not _is_erased(user)} == {
        user.pk for user in kept
    }
    assert Erasure.objects.exclude(files=[]).count() == 1
    with pytest.raises(SystemExit, match="1"):
        call_command("anonymise", "--due")
    assert json.loads(capsys.readouterr().out)["failed"] == 3


def _is_erased(user: User) -> bool:
    return User.objects.get(pk=user.pk).email.endswith("@compte.invalid")


def test_an_outage_of_the_storage_keeps_the_names_of_all_files(monkeypatch: pytest.MonkeyPatch) -> None:
    offer = make_open_offer()
    for _each in range(2):
        make_filed(offer)
    let_every_period_pass()
    asked: list[str] = []

    def be_away(name: str) -> None:
        asked.append(name)
        raise StorageUnavailableError

    with monkeypatch.context() as away:
        away.setattr(default_storage, "delete", be_away)
        report = erase_due()
    assert (report.anonymised, report.files, report.failed) == (2, 0, 1)
    assert len(asked) == 1, "a storage that is away is not asked for each file"
    named = [name for erasure in Erasure.objects.filter(files_removed_at=None) for name in erasure.files]
    assert asked[0] in named
    assert all(default_storage.exists(name) for name in named)
    assert erase_due().files == len(named) > 4
    assert not any(default_storage.exists(name) for name in named)


def test_saved_views_that_name_an_erased_person_are_erased_and_no_others() -> None:
    offer, staff = make_open_offer(), make_staff()
    gone, short = make_filed(offer, last_name="Roÿ"), make_filed(offer, last_name="Ng")
    for query in ("q=roy", "q=RO%C3%BF", f"q={gone.candidate.email}", "q=ng", "q=autre"):
        save_view(owner=staff, name=query[:40], query=query)
    let_every_period_pass()
    assert all(erase_submission(submission=each) for each in (gone, short))
    left = staff.saved_views.order_by("query").values_list("query", flat=True)
    assert list(left) == ["q=autre", "q=ng"], "two letters are part of many words"


@pytest.mark.parametrize(
    "name, query, is_left",
    [
        ("Par le prénom", "q=aissatou", False),
        ("Début du nom", "q=dial&state=SUBMITTED", False),
        ("Dossier Diallo", "q=autre", False),
        ("Un autre nom", "q=diallonge", True),
        ("Trois lettres", "q=dia", True),
        ("Un prénom de trois lettres, Ana", "q=autre", True),
    ],
)
def test_a_saved_view_goes_with_a_part_of_the_name_of_an_erased_person(
    *, name: str, query: str, is_left: bool
) -> None:
    staff = make_staff()
    filed = make_filed(make_open_offer(), first_name="Aïssatou", last_name="Diallo-Ba")
    account = make_profile(first_name="Aïssatou", last_name="Diallo-Ba").user
    let_every_period_pass()
    erasures: list[Callable[[], bool]] = [
        lambda: erase_submission(submission=filed),
        lambda: erase_account(user=account),
    ]
    for erase in erasures:
        save_view(owner=staff, name=name, query=query)
        assert erase()
        assert staff.saved_views.exists() is is_left
        staff.saved_views.all().delete()


def test_what_a_session_of_staff_keeps_of_an_erased_person_is_erased(
    django_capture_on_commit_callbacks: Any,
) -> None:
    """A form that waits for a second step is kept in the session, as the messages are that the next page shows."""
    filed = make_filed(make_open_offer(), last_name="Zébulon-Lacanarie")
    session = client_of(make_staff()).session
    session["kept"] = {"fields": {"reason": ["M. ZEBULON LACANARIE insiste."]}}
    session["other"] = "Bonne séance."
    session.save()
    let_every_period_pass()
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_submission(submission=filed)
    left = SessionStore(session.session_key)
    assert "kept" not in left
    assert left["other"] == "Bonne séance."
    assert left["_auth_user_id"] == session["_auth_user_id"]


@pytest.mark.parametrize(
    "words, family, is_named",
    [
        ("Dossier de Mme ROŸ.", "Roy", True),
        ("Relance : Aline Roy-Caron", "Roy", True),
        ("Royaume", "Roy", False),
        ("Ng a téléphoné.", "Ng", False),
        ("Écrire à Une.Personne@Exemple.invalid", None, True),
        ("Rien d’elle.", None, False),
    ],
)
def test_the_database_knows_a_text_that_names_a_person(
    words: str, family: str | None, *, is_named: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT names_the_person(%s, %s, %s)", [words, ["une.personne@exemple.invalid"], family]
        )
        assert cursor.fetchone() == (is_named,)


def test_the_mails_of_another_subject_with_the_same_key_stay() -> None:
    """Keys of two tables may be equal: only the kind of the subject tells whose a mail is."""
    receipt, at = make_filing(offer=make_open_offer()), timezone.now()
    filed = submission_of(receipt)
    own = [Delivery(**subject_columns(row)) for row in (filed.drafts.get(), receipt, filed)]
    others = [Delivery(subject_kind="offers.offer", subject_id=each.subject_id) for each in own]
    for rank, each in enumerate([*own, *others]):
        each.kind, each.key, each.due_at, each.created_at = "RECEIPT_MAIL", f"double-{rank}", at, at
        each.save()
    let_every_period_pass()
    assert erase_submission(submission=filed)
    for expected, rows in (("DONE", own), ("PENDING", others)):
        assert {Delivery.objects.get(pk=row.pk).state for row in rows} == {expected}


def test_the_mails_of_an_account_that_wait_are_not_sent_once_it_is_erased() -> None:
    user, other = make_profile().user, make_profile().user
    at = timezone.now()
    for each in (user, other):
        Delivery.objects.create(
            kind="RECEIPT_MAIL", key=str(each.pk), due_at=at, created_at=at, **subject_columns(each)
        )
    assert erase_account(user=user)
    assert [Delivery.objects.get(key=str(each.pk)).state for each in (user, other)] == ["DONE", "PENDING"]


def test_the_files_of_each_filing_of_an_amended_application_are_deleted() -> None:
    first = make_filing(offer=make_open_offer())
    make_dossier(submission_of(first))
    make_signed_receipt(submission_of(first))
    filed = submission_of(file_again(amend(first)))
    make_dossier(filed)
    make_signed_receipt(filed)
    names = [str(row.file) for model in (Dossier, SignedReceipt) for row in model.objects.all()]
    let_every_period_pass()
    assert erase_submission(submission=filed)
    assert len(names) == 4
    assert set(names) <= set(Erasure.objects.get().files)
    assert not Seal.objects.exclude(canonical=None).exists()


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
    assert remove_left_files().files == len(erasure.files)
    assert not any(default_storage.exists(name) for name in erasure.files)
    erasure.refresh_from_db()
    assert (erasure.files, erasure.files_removed_at is not None) == ([], True)
    assert remove_left_files().files == 0


def test_each_file_of_an_upload_is_deleted_with_the_draft_or_with_the_account() -> None:
    draft = make_draft(offer=make_open_offer(), documents=False)
    candidate = draft.submission.candidate
    used, unused = (make_whole_upload(candidate) for _each in range(2))
    draft.documents.create(request=draft.submission.offer.documents.all()[0], upload=used)
    assert erase_submission(submission=draft.submission)
    assert erase_account(user=candidate)
    for upload, erasure in zip((used, unused), Erasure.objects.order_by("pk"), strict=True):
        files = (upload.original, upload.file, upload.thumbnail, upload.small_thumbnail)
        assert sorted(erasure.files) == sorted(str(file) for file in files)


def test_a_document_of_another_application_stays() -> None:
    draft = make_draft(offer=make_open_offer())
    other = make_draft(offer=make_open_offer(), candidate=draft.submission.candidate, documents=False)
    shared = draft.documents.all()[0]
    other.documents.create(request=other.submission.offer.documents.all()[0], upload=shared.upload)
    assert erase_submission(submission=draft.submission)
    assert Upload.objects.filter(pk=shared.upload_id).exists()
    assert str(shared.upload.file) not in Erasure.objects.get().files


def test_a_discarded_draft_leaves_the_notes_of_the_meeting() -> None:
    drafted = make_draft(offer=make_open_offer()).submission
    note = MeetingNote.objects.create(offer=drafted.offer, author=make_staff(), text="Bonne séance.")
    assert erase_submission(submission=drafted)
    note.refresh_from_db()
    assert note.text == "Bonne séance."


def test_the_texts_about_others_stay() -> None:
    offer = make_open_offer()
    files = gone, kept = [make_shortlisted(offer) for _each in range(2)]
    for each in files:
        make_extension(offer, each.candidate)
        make_batch(each, messages={each.pk: "Merci."})
        make_conflict(each)

    def texts_about(file: Submission) -> list[str]:
        extension = file.candidate.personal_extensions.get()
        conflict, item = file.conflicts.get(), file.decision_items.get()
        return [extension.reason, conflict.reason, item.message]

    before = texts_about(kept)
    let_every_period_pass()
    assert erase_submission(submission=gone)
    assert texts_about(gone) == ["Effacé", "", ""]
    assert texts_about(kept) == before
    assert "" not in before
