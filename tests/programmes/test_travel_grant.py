"""A second programme that is only data: a small grant for artists, from publication to shortlist.

The complete offer is `travel_grant.yaml`; no code of the product mentions it. Data that its criteria do not need are
not requested, sealed, printed or exported. No page of its candidates, committee or juries uses the word stage.

One exception, on purpose: the reasons of the rules (`eligibility.bilingual`) name a rulebook's two days, `starts_on`
and `closes_on`, in fixed words, so that a verdict can be recomputed years later from its rulebook and facts alone. For
a criterion on `starts_on` they would read « date de début du stage ». This offer's criterion uses the closing day,
which every offer has, and its page describes the criteria in the programme's own labels.
"""

import csv
import io
import re
from copy import deepcopy
from typing import Any
from zipfile import ZipFile

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from intake.dossiers.services import read_seal
from intake.outbox.models import Delivery
from intake.review.exports.operations import export_shortlist
from intake.submissions.delivery_kinds import DOSSIER, DOSSIER_MAIL, RECEIPT_MAIL
from intake.submissions.lifecycle.operations import move_submission
from intake.submissions.mails.filing_mails import compose_dossier, compose_receipt
from intake.submissions.models import Filing, Submission
from intake.submissions.receipts.operations import make_dossier
from intake.submissions.states import Action
from intake.web.language import _SALT, COOKIE
from offers.models import Offer
from tests.documents.in_process import inspect_in_process
from tests.dossiers.in_process import draw_in_process
from tests.factories.files import pdf_bytes
from tests.factories.people import client_of, make_staff, make_user
from tests.factories.review import make_assessment, make_reviewer
from tests.factories.submissions import close_offer, make_open_offer, without_triggers_on_offers
from tests.programmes.programme_offers import publish_programme_offer
from tests.submissions.pages import pressed
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db

OURS = re.compile(r"\bstag(?:e|es|iaire|iaires)\b", re.IGNORECASE)
"""Words of the portal's own programme."""
ANSWERS = {
    "identite": {"first_name": "Noor", "last_name": "Haché", "birth_date": "4 mai 2005"},
    "coordonnees": {
        "phone": "506 555-0142",
        "address_line": "12, rue du Quai",
        "city": "Caraquet",
        "province": "NB",
        "postal_code": "E1W 1A1",
    },
    "residence": {"domicile_province": "NB"},
}
SAID = "Trois expositions collectives à Caraquet, en 2024 et en 2025."
NOT_ASKED = ("statut", "etudes", "langues", "attestations")


@pytest.fixture(scope="module")
def kept_call(module_db: None) -> Offer:
    make_open_offer(number="2031-020")
    return publish_programme_offer("travel_grant", at=timezone.now())


@pytest.fixture
def call(kept_call: Offer) -> Offer:
    """The grant, open beside an offer of the portal's own programme."""
    return deepcopy(kept_call)


def words_of(answer: Any, *, status: int = 200) -> str:
    """Return the text of a page between header and footer, with white space folded."""
    assert answer.status_code == status
    page = re.sub(r"<(script|style)\b.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    body = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body)).replace("&#x27;", "'")


def read(client: Client, name: str, *arguments: object, status: int = 200) -> str:
    """Return the text of one of the offer's pages, and check that it does not mention another programme."""
    said = words_of(client.get(reverse(name, args=arguments)), status=status)
    assert not OURS.search(said), OURS.findall(said)
    return said


def apply(call: Offer) -> tuple[Client, Submission]:
    """Fill in an application page by page, up to the review page."""
    person = make_user()
    client = client_of(person)
    started = client.post(reverse("submissions:start", args=[call.number]), {"accepts_notice": "on"})
    assert started.status_code == 302
    submission = Submission.objects.get(candidate=person, offer=call)
    sections = ANSWERS | {"competences": {f"line_{line.pk}": SAID for line in call.grid_lines.all()}}
    keys = list(sections)
    for key, following in zip(keys, [*keys[1:], ""], strict=True):
        page = reverse("submissions:section", args=[submission.public_id, key])
        read(client, "submissions:section", submission.public_id, key)
        saved = client.post(page, sections[key])
        assert saved.status_code == 302, saved.content.decode()
        assert saved.headers["Location"].endswith(f"/{following or 'documents'}/")
    for asked, pages in zip(call.documents.filter(required=True).order_by("position"), (4, 1), strict=True):
        page = reverse("submissions:document", args=[submission.public_id, asked.pk])
        file = SimpleUploadedFile(f"{asked.label}.pdf", pdf_bytes(pages))
        assert client.post(page, {"file": file}).status_code == 302
    inspect_received()
    return client, submission


@pytest.fixture(scope="module")
def kept_draft(kept_call: Offer) -> Submission:
    with inspect_in_process():
        _client, submission = apply(kept_call)
    return submission


@pytest.fixture
def applied(kept_draft: Submission) -> tuple[Client, Submission]:
    """An application to the grant, filled in up to its review page, and its candidate's browser."""
    submission = deepcopy(kept_draft)
    return client_of(submission.candidate), submission


@pytest.fixture(scope="module")
def kept_filed(kept_call: Offer) -> Submission:
    with inspect_in_process():
        client, submission = apply(kept_call)
    answer = client.post(
        reverse("submissions:file", args=[submission.public_id]), pressed(submission.drafts.get())
    )
    assert answer.status_code == 302, answer.content.decode()
    submission.refresh_from_db()
    with connection.cursor() as cursor:
        # Check deferred constraints now: a test may set the closing long ago.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return submission


@pytest.fixture
def filed(kept_filed: Submission) -> Submission:
    """An application to the grant, filed on the review page."""
    return deepcopy(kept_filed)


def filing_of(submission: Submission) -> Filing:
    filing = submission.standing_filing
    assert filing is not None
    return filing


def delivery(kind: str) -> Delivery:
    return Delivery.objects.get(kind=kind)


def test_its_offer_page_uses_its_own_labels(call: Offer) -> None:
    assert OURS.search(words_of(Client().get(reverse("offers:page", args=["2031-020"]))))
    page = read(Client(), "offers:page", call.number)
    for said in (
        "Bourse de mobilité pour jeunes artistes",
        "Dates du séjour",
        "(12 jours)",
        "Montant de la bourse",
        "1 500 € à 2 500 €",
        "23 h 59 (heure de l’Atlantique)",
        "Habiter au Québec, en Ontario ou au Nouveau-Brunswick.",
        "Autre critère de l’offre (1)",
        "Autre critère de l’offre (2)",
        "Portfolio",
    ):
        assert said in page
    assert "JobPosting" in Client().get(reverse("offers:page", args=["2031-020"])).content.decode()
    assert "JobPosting" not in Client().get(call.get_absolute_url()).content.decode()


def test_the_list_names_the_programme_of_each_offer(call: Offer) -> None:
    both = words_of(Client().get(reverse("offers:list")))
    assert call.programme.name in both
    assert "Ces offres relèvent de plusieurs programmes" in both
    alone = words_of(Client().get(reverse("offers:list"), {"q": "rive"}))
    assert call.programme.lead in alone
    assert not OURS.search(alone)


def test_an_offer_without_an_amount_names_none(call: Offer) -> None:
    assert "Montant de la bourse" in read(Client(), "offers:page", call.number)
    with without_triggers_on_offers():
        Offer.objects.filter(pk=call.pk).update(allowance_min=None, allowance_max=None)
    page = read(Client(), "offers:page", call.number)
    assert "Dates du séjour" in page
    assert "Montant de la bourse" not in page


def test_a_candidate_gets_only_the_questions_of_its_criteria(
    call: Offer, applied: tuple[Client, Submission]
) -> None:
    client, submission = applied
    tasks = read(client, "submissions:tasks", submission.public_id)
    assert "Domicile" in tasks
    assert "Domicile et résidence" not in tasks
    for key in NOT_ASKED:
        read(client, "submissions:section", submission.public_id, key, status=404)
    residence = read(client, "submissions:section", submission.public_id, "residence")
    assert "assurance maladie" not in residence
    page = client.get(reverse("submissions:tasks", args=[submission.public_id])).content.decode()
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    read(client, "submissions:documents", submission.public_id)
    start = read(client_of(make_user()), "submissions:start", call.number)
    assert "3 courtes séries de questions 1 texte obligatoire, de 600 caractères au plus" in start


def test_the_check_without_an_account_has_the_same_questions(call: Offer) -> None:
    questions = read(Client(), "submissions:check", call.number)
    assert "Date de naissance" in questions
    assert "assurance maladie" in words_of(Client().get(reverse("submissions:check", args=["2031-020"])))
    assert "assurance maladie" not in questions
    address = reverse("submissions:check", args=[call.number])
    told = words_of(Client().post(address, {"birth_date": "4 mai 2005", "domicile_province": "ON"}))
    assert not OURS.search(told)
    assert "en Ontario" in told


def test_a_draft_that_a_person_must_examine_can_be_filed(applied: tuple[Client, Submission]) -> None:
    client, submission = applied
    review = read(client, "submissions:review", submission.public_id)
    assert "une personne examinera un critère" in review
    assert "Déposer ma candidature" in review


def test_a_domicile_elsewhere_is_refused_with_the_three_provinces(applied: tuple[Client, Submission]) -> None:
    client, submission = applied
    page = reverse("submissions:section", args=[submission.public_id, "residence"])
    assert client.post(page, {"domicile_province": "AB"}).status_code == 302
    review = read(client, "submissions:review", submission.public_id)
    assert "au Québec, en Ontario ou au Nouveau-Brunswick" in review
    answer = client.post(
        reverse("submissions:file", args=[submission.public_id]),
        pressed(submission.drafts.get()),
        follow=True,
    )
    assert answer.status_code == 422


def test_the_seal_contains_the_answers_to_its_questions_and_no_others(filed: Submission) -> None:
    payload = read_seal(filing_of(filed).seal)
    *sections, grid = payload.sections
    assert [section.key for section in sections] == list(ANSWERS)
    asked = {answer.key for section in sections for answer in section.answers}
    assert asked == {key for answers in ANSWERS.values() for key in answers}
    lines = filed.offer.grid_lines.order_by("position").values_list("text", flat=True)
    assert [(answer.label, answer.value) for answer in grid.answers] == [(line, SAID) for line in lines]
    assert payload.facts == {"birth_date": "2005-05-04", "domicile_province": "NB"}
    assert payload.verdict["outcome"] == "NEEDS_REVIEW"
    assert [document.label for document in payload.documents] == ["Portfolio", "Lettre d’invitation"]
    assert (payload.call.programme, payload.call.dates_label) == (
        "Bourse de mobilité pour jeunes artistes",
        "Dates du séjour",
    )


def test_prefilled_answers_to_questions_of_other_offers_are_not_sealed(
    applied: tuple[Client, Submission],
) -> None:
    client, submission = applied
    draft = submission.drafts.get()
    draft.answers |= {"legal_status": "CITIZEN", "past_participant": True, "resident_for_tax": False}
    draft.save()
    client.post(reverse("submissions:file", args=[submission.public_id]), pressed(draft))
    submission.refresh_from_db()
    sealed = filing_of(submission).seal.canonical or ""
    unasked = ("legal_status", "past_participant", "resident_for_tax")
    assert [key in sealed for key in ("domicile_province", *unasked)] == [True, False, False, False]


def test_its_receipt_mails_and_dossier_use_its_own_labels(filed: Submission) -> None:
    client = client_of(filed.candidate)
    receipt = read(client, "submissions:receipt", filed.public_id)
    assert "Un jury d’artistes choisit" in receipt
    assert "anglais" not in receipt
    mine = read(client, "submissions:mine")
    assert "Dakar, Sénégal" in mine
    assert ", Dakar" not in mine
    at = timezone.now()
    mail = compose_receipt(delivery(RECEIPT_MAIL), at)
    with draw_in_process():
        make_dossier(delivery(DOSSIER), at)
    second = compose_dossier(delivery(DOSSIER_MAIL), at)
    for letter in (mail, second):
        assert "Bourse de mobilité pour jeunes artistes" in letter.text
        assert not OURS.search(letter.subject + letter.text + letter.html)
    assert "23\u00a0h\u00a059 (heure de l’Atlantique)" in mail.text.replace("\n", " ")
    with pypdfium2.PdfDocument(filing_of(filed).seal.dossier.file.read()) as pdf:
        pages = [re.sub(r"\s+", " ", page.get_textpage().get_text_bounded()) for page in pdf]
    cover = " ".join(pages)
    assert not OURS.search(cover)
    for said in ("Dates du séjour", "heure de l’Atlantique", "Bourse de mobilité", "Nouveau-Brunswick"):
        assert said in cover
    for unasked in ("Études", "Statut au Canada", "assurance maladie", "Sans réponse"):
        assert unasked not in cover


def test_the_committee_assesses_and_shortlists_a_travel_grant(filed: Submission) -> None:
    reviewer, staff = make_reviewer(filed.offer), make_staff()
    queue = words_of(client_of(reviewer).get(reverse("admin:submissions_submission_changelist")))
    assert "Haché, Noor" in queue
    page = words_of(client_of(reviewer).get(reverse("review:file", args=[filed.public_id])))
    assert not OURS.search(page)
    assert "Autre critère de l’offre (2)" in page
    assert "À titre d’information" in page
    make_assessment(filed, reviewer, 4)
    for action in (Action.START_REVIEW, Action.SHORTLIST):
        move_submission(submission=filed, action=action, actor=staff)
    with draw_in_process():
        make_dossier(delivery(DOSSIER), timezone.now())
    files = {}
    with translation.override("fr"):
        for file_format in ("csv", "xlsx", "zip"):
            files[file_format] = io.BytesIO()
            export = export_shortlist(
                offer=filed.offer, file_format=file_format, to=files[file_format], actor=staff, reason="Envoi"
            )
            assert export.rows_count == 1
    (row,) = csv.DictReader(io.StringIO(files["csv"].getvalue().decode("utf-8-sig"), newline=""))
    assert (row["Nom"], row["Province"], row["Études"]) == ("Haché", "NB", "")
    about = load_workbook(files["xlsx"])["À propos"]
    assert ("Programme", "Bourse de mobilité pour jeunes artistes") in {
        (line[0].value, line[1].value) for line in about.iter_rows()
    }
    with ZipFile(files["zip"]) as archive:
        assert archive.testzip() is None
        assert archive.read("MISSING.txt") == b""
        assert sum(name.startswith("dossiers/") for name in archive.namelist()) == 1


def test_a_closed_offer_announces_the_next_steps_in_its_own_text(call: Offer) -> None:
    close_offer(call, seconds_ago=3600)
    page = read(Client(), "offers:page", call.number)
    assert "Un jury d’artistes choisit" in page
    assert "anglais" not in page


def test_its_labels_stay_french_on_english_pages_and_are_marked_so(call: Offer) -> None:
    client = Client()
    attested = HttpResponse()
    attested.set_signed_cookie(COOKIE, "en", salt=_SALT)
    client.cookies = attested.cookies
    page = client.get(call.get_absolute_url()).content.decode()
    assert '<dt lang="fr-CA">Dates du séjour</dt>' in page
    assert "(12 days)" in page
    ours = client.get(reverse("offers:page", args=["2031-020"])).content.decode()
    assert "<dt>Dates of the internship</dt>" in ours
