"""The page of one's own data and its archive: all that the portal holds of a person, and nothing of anybody else."""

import json
import re
from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.accounts.models import User
from intake.documents.child.refusal import Reason
from intake.documents.models import Upload
from intake.journal.models import Entry
from intake.outbox.models import Delivery, Message
from intake.privacy.own_data import archive
from intake.privacy.own_data.archive import JSON_NAME, MISSING_NAME, PDF_NAME, archive_of
from intake.privacy.own_data.holdings import holdings_of
from intake.privacy.retention.queries import erasure_day
from intake.profiles.models import NoticeAcceptance
from intake.profiles.services import accept_notice
from intake.submissions.attachments.receiving import settle
from intake.submissions.models import PendingUpload, Submission
from intake.submissions.states import Action, State
from intake.web import formats
from tests.database_roles import write_despite_rules
from tests.factories.people import client_of, make_profile, make_staff, make_user
from tests.factories.retention import make_hold
from tests.factories.review import (
    make_assessment,
    make_dossier,
    make_filed,
    make_reviewer,
    make_shortlisted,
    make_signed_receipt,
)
from tests.factories.submissions import make_draft, make_open_offer, make_waiting_upload
from tests.other_days import zone_of_another_day

pytestmark = pytest.mark.django_db

PAGE = "/mes-renseignements/"
ARCHIVE = f"{PAGE}archive.zip"


def make_mail(person: User, *, sent: bool = True) -> Message:
    delivery = Delivery.objects.filter(kind="RECEIPT_MAIL", message=None).order_by("pk")[0]
    return Message.objects.create(
        delivery=delivery,
        message_id=f"<{delivery.pk}@exemple.invalid>",
        to_address=person.email,
        subject="2031-010 : accusé de réception",
        text="Bonjour",
        created_at=timezone.now(),
        sent_at=timezone.now() if sent else None,
    )


@pytest.fixture(autouse=True)
def drawn_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """The PDF is not drawn: a process takes two seconds. `test_own_data_pdf.py` draws it."""
    monkeypatch.setattr(archive, "render_html", lambda page: page.encode())


def page_of(person: User) -> str:
    return client_of(person).get(PAGE).content.decode()


def zip_of(person: User) -> ZipFile:
    with timezone.override(zone_of_another_day()):
        response, today = client_of(person).get(ARCHIVE), timezone.localdate()
    assert response.headers["Content-Type"] == "application/zip"
    name = f"mes-renseignements-{today:%Y-%m-%d}.zip"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    return ZipFile(BytesIO(b"".join(response)))


def filed_with_files(person: User, *, offer_number: str = "") -> Submission:
    submission = make_filed(
        make_open_offer(**({"number": offer_number} if offer_number else {})), candidate=person
    )
    make_dossier(submission)
    make_signed_receipt(submission)
    return submission


# -- The page -------------------------------------------------------------------------------------------------
def test_the_page_shows_account_profile_applications_documents_mails_and_consents() -> None:
    person = make_user()
    submission = filed_with_files(person)
    make_profile(person, city="Gaspé")
    accept_notice(user=person, notice="collection", version="2026-12.2")
    mail = make_mail(person)
    page = page_of(person)
    upload = Upload.objects.filter(owner=person).order_by("pk")[0]
    filing = submission.standing_filing
    assert filing is not None
    for held in (
        person.email,
        "Gaspé",
        filing.receipt.number,
        upload.original_name,
        mail.subject,
        "Avis de collecte",
        "Version 2026-12.2",
        "Je déclare que les renseignements",
        "Candidature déposée",
    ):
        assert held in page, held


def test_the_page_has_the_latest_first_and_the_archive_the_oldest() -> None:
    person = make_user()
    accept_notice(user=person, notice="collection", version="2026-12.2")
    write_despite_rules(NoticeAcceptance.objects.all(), at=F("at") - timedelta(days=3))
    filed_with_files(person)
    for days, key in enumerate(
        Upload.objects.filter(owner=person).order_by("pk").values_list("pk", flat=True)
    ):
        at = timezone.now() - timedelta(days=days)
        Upload.objects.filter(pk=key).update(created_at=at, original_name=f"il-y-a-{days}.pdf")
    held = holdings_of(person)
    names = [upload.original_name for upload in held.documents]
    assert names == [f"il-y-a-{days}.pdf" for days in range(len(names))]
    assert len(names) > 1
    assert [consent.is_sealed for consent in held.consents][-2:] == [True, False], "the notice came first"
    numbered = sorted(name for name in zip_of(person).namelist() if name.startswith("documents/"))
    assert [name.removesuffix(".pdf").rpartition("-")[2] for name in numbered] == [
        str(days) for days in reversed(range(len(names)))
    ]


def test_the_page_has_the_day_on_which_each_application_is_erased_unless_it_is_held() -> None:
    person = make_user()
    submission = filed_with_files(person)
    day = erasure_day(submission)
    assert day is not None
    ((_status, erased_on),) = holdings_of(person).applications
    assert erased_on == day
    assert "Vos renseignements seront effacés le" in page_of(person)
    make_hold(submission)
    ((_status, erased_on),) = holdings_of(person).applications
    assert erased_on is None
    assert "seront effacés le" not in page_of(person)


def test_the_page_leads_to_a_correction_of_each_application() -> None:
    submitted, declined = make_filed(make_open_offer()), make_filed(make_open_offer())
    write_despite_rules(Submission.objects.filter(pk=declined.pk), state=State.DECLINED)
    for submission, may_amend in ((submitted, True), (declined, False)):
        page = page_of(submission.candidate)
        assert ("Modifier ma candidature" in page) is may_amend
        assert ("écrivez à la personne responsable et donnez ce numéro" in page) is not may_amend


def test_the_page_of_a_person_without_data_names_each_absence() -> None:
    page = page_of(make_user())
    for said in (
        "Votre profil est vide.",
        "aucune candidature",
        "aucun document",
        "aucun courriel",
        "aucun avis",
    ):
        assert said in page, said


def test_files_in_analysis_and_those_that_were_not_added_are_on_the_page() -> None:
    draft = make_draft(documents=False)
    person = draft.submission.candidate
    make_waiting_upload(draft, name="mon-cv.pdf")
    refused = make_waiting_upload(draft, kind="TRANSCRIPT", name="mes-notes.pdf")
    with transaction.atomic():
        settle(pending=refused, state=PendingUpload.State.REFUSED, code=Reason.DAMAGED)
    make_waiting_upload(make_draft(documents=False), name="autre.pdf")
    page = page_of(person)
    assert re.search("mon-cv.pdf.*?En analyse.; .*?, reçu le", page, re.DOTALL)
    assert re.search("mes-notes.pdf.*?Refusé.; ", page, re.DOTALL)
    assert "autre.pdf" not in page
    settled = PendingUpload.objects.filter(owner=person, state=PendingUpload.State.RECEIVED)
    settled.update(state=PendingUpload.State.ADDED, file="", settled_at=timezone.now())
    assert "mon-cv.pdf" not in page_of(person), "it is among the documents"


def test_a_mail_that_is_not_sent_is_not_on_the_page() -> None:
    person = make_user()
    filed_with_files(person)
    make_mail(person, sent=False)
    assert holdings_of(person).mails == []


def test_the_page_reveals_nothing_of_others_nor_of_the_study() -> None:
    offer = make_open_offer()
    person, other = make_user(), make_user("voisine@exemple.invalid")
    make_filed(offer, candidate=other, last_name="Voisine-Unique")
    submission = make_shortlisted(offer, candidate=person)
    reviewer = make_reviewer(offer)
    make_assessment(submission, reviewer, 4, "Note secrète")
    page = page_of(person)
    for hidden in (other.email, "Voisine-Unique", "Note secrète", reviewer.email, "Présélectionnée"):
        assert hidden not in page, hidden
    assert "À l’étude" in page


def test_the_page_runs_as_many_queries_for_three_rows() -> None:
    person = make_user()
    client = client_of(person)

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(PAGE)
        return len(captured)

    filed_with_files(person)
    make_mail(person)
    queries()
    one = queries()
    for _more in range(2):
        filed_with_files(person)
        make_mail(person)
        make_draft(offer=make_open_offer(), candidate=person)
    assert queries() == one


# -- The archive ----------------------------------------------------------------------------------------------
def test_the_archive_has_the_json_the_files_of_each_filing_and_each_document() -> None:
    person = make_user()
    submission = filed_with_files(person)
    filing = submission.standing_filing
    assert filing is not None
    zipped = zip_of(person)
    assert zipped.testzip() is None
    assert {member.external_attr >> 16 for member in zipped.infolist()} == {0o644}
    names = set(zipped.namelist())
    number = filing.receipt.number
    assert {
        JSON_NAME,
        PDF_NAME,
        MISSING_NAME,
        f"depots/{number}_dossier.pdf",
        f"depots/{number}_accuse.pdf",
    } <= names
    documents = {name for name in names if name.startswith("documents/")}
    assert len(documents) == Upload.objects.filter(owner=person).count() > 0
    assert zipped.read(f"depots/{number}_dossier.pdf") == filing.seal.dossier.file.open("rb").read()
    assert json.loads(zipped.read(JSON_NAME))["account"]["email"] == person.email
    assert zipped.read(MISSING_NAME) == b""
    with timezone.override(zone_of_another_day()):
        assert f"Copie faite le {formats.day(timezone.localdate())}" in zipped.read(PDF_NAME).decode()
    assert [entry.actor for entry in Entry.objects.filter(action="OWN_DATA_DOWNLOADED")] == [person]


def test_the_archive_has_no_file_of_another_person() -> None:
    person, other = make_user(), make_user()
    offer = make_open_offer()
    make_dossier(make_filed(offer, candidate=other))
    make_dossier(make_filed(offer, candidate=person))
    theirs = Submission.objects.get(candidate=other).standing_filing
    assert theirs is not None
    zipped = zip_of(person)
    assert not any(theirs.receipt.number in name for name in zipped.namelist())
    documents = [name for name in zipped.namelist() if name.startswith("documents/")]
    assert len(documents) == Upload.objects.filter(owner=person).count()
    assert other.email not in zipped.read(JSON_NAME).decode()


def test_two_documents_of_one_name_have_two_members_with_safe_names() -> None:
    person = make_user()
    make_draft(offer=make_open_offer(), candidate=person)
    Upload.objects.filter(owner=person).update(original_name="../../é=cmd|.pdf")
    names = [name for name in zip_of(person).namelist() if name.startswith("documents/")]
    assert len(names) == len(set(names)) == Upload.objects.filter(owner=person).count() > 1
    assert all(".." not in name and len(name) <= 120 and name.isascii() for name in names)


def test_a_lost_file_is_named_and_the_others_are_there() -> None:
    person = make_user()
    submission = filed_with_files(person)
    filing = submission.standing_filing
    assert filing is not None
    default_storage.delete(str(filing.seal.dossier.file.name))
    zipped = zip_of(person)
    lost = f"depots/{filing.receipt.number}_dossier.pdf"
    assert zipped.read(MISSING_NAME).decode() == f"{lost}\n"
    assert lost not in zipped.namelist()
    assert f"depots/{filing.receipt.number}_accuse.pdf" in zipped.namelist()


def test_the_archive_leaves_in_blocks_smaller_than_its_files() -> None:
    person = make_user()
    submission = make_filed(make_open_offer(), candidate=person)
    make_dossier(submission, content=b"%PDF-1.7 " + bytes(1_000_000))
    blocks = list(archive_of(person, {}, ""))
    assert max(len(block) for block in blocks) < 200_000
    assert len(blocks) > 15


def test_the_archive_of_a_person_never_has_what_staff_wrote() -> None:
    person = make_user()
    submission = make_shortlisted(make_open_offer(), candidate=person)
    make_assessment(submission, make_reviewer(submission.offer), 4, "Note secrète du comité")
    zipped = zip_of(person)
    everything = b"".join(zipped.read(name) for name in zipped.namelist())
    assert "Note secrète".encode() not in everything
    assert Action.SHORTLIST.encode() not in everything
    assert make_staff().email.encode() not in everything


def test_a_person_gets_a_few_copies_at_a_time_and_the_others_still_get_theirs() -> None:
    person, other = make_user("un@exemple.invalid"), make_user("deux@exemple.invalid")
    client = client_of(person)
    assert [client.get(ARCHIVE).status_code for _time in range(4)] == [200, 200, 200, 429]
    refused = client_of(person).get(ARCHIVE)
    assert (refused.status_code, refused["Retry-After"]) == (429, "600")
    assert client_of(other).get(ARCHIVE).status_code == 200
    assert client.get(PAGE).status_code == 200
