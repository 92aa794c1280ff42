"""Anonymous review: what a committee sees, what it may not do, and who starts and ends it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.review.access import anonymous_review
from intake.review.access.anonymous_review import mask_payload, name_masker
from intake.review.committees.operations import start_anonymous_review
from intake.review.models import Assessment, BlindReading, Evidence
from intake.submissions.models import Submission
from offers.models import GridLineData, Offer
from tests.database_roles import as_owner
from tests.dossiers.in_process import draw_in_process
from tests.dossiers.pdf_reader import PdfReader
from tests.factories.payloads import payload, person
from tests.factories.people import client_of, make_staff
from tests.factories.review import (
    make_assessment,
    make_dossier,
    make_filed,
    make_reviewer,
    make_signed_receipt,
)
from tests.factories.submissions import make_open_offer
from tests.review.parts import copy_of
from tests.review.reading import file_address, number_of, plain_page
from tests.submissions.lost_files import erase_every_seal

if TYPE_CHECKING:
    from intake.dossiers.sealed_payload import Payload

pytestmark = pytest.mark.django_db

NAME: dict[str, Any] = {"first_name": "Ézéchielle", "last_name": "D’Amqui"}
QUEUE = reverse("admin:submissions_submission_changelist")


class CaseData(NamedTuple):
    """An offer, a candidate, a committee member and a staff member. The review is not anonymous yet."""

    offer: Offer
    named: Submission
    member: User
    staff: User


@pytest.fixture(scope="module")
def made(module_db: None) -> CaseData:
    offer = make_open_offer(grid=(GridLineData(text="a déjà mené un projet"),))
    return CaseData(offer, make_filed(offer, **NAME), make_reviewer(offer), make_staff())


offer, staff = copy_of("offer"), copy_of("staff")


@pytest.fixture
def filed(kept: CaseData) -> Submission:
    """A submission to an offer in anonymous review."""
    start_anonymous_review(offer=kept.offer, actor=kept.staff)
    return kept.named


@pytest.fixture
def reader(kept: CaseData) -> Client:
    return client_of(kept.member)


def test_a_file_is_read_and_assessed_without_the_name(
    offer: Offer, filed: Submission, reader: Client
) -> None:
    make_dossier(filed)
    text = plain_page(reader.get(file_address(filed)))
    assert f"<h1>Candidature {number_of(filed)}</h1>" in text
    assert "L’évaluation de cette offre est anonyme." in text
    assert "a déjà mené un projet" in text
    clear = plain_page(client_of(make_staff()).get(file_address(filed)))
    parts = (*NAME.values(), "1035, rue des Parlementaires", "Date de naissance", "cv.pdf")
    assert [part for part in parts if part not in clear] == []
    assert [part for part in (*parts, filed.candidate.email) if part in text] == []
    (line,) = offer.grid_lines.all()
    answer = reader.post(
        file_address(filed),
        {
            f"line_{line.pk}": "4",
            f"remark_{line.pk}": "",
            "note": "",
            "version": "0",
            "filing": str(filed.standing_filing_id),
            "acte": "remettre",
        },
    )
    assert answer.status_code == 302
    assert Assessment.objects.get().submitted_at is not None


def test_an_anonymised_file_opens_in_anonymous_review(filed: Submission, reader: Client) -> None:
    erase_every_seal()
    answer = reader.get(file_address(filed))
    assert answer.status_code == 200
    assert answer.context["findings"] == []
    assert number_of(filed) in plain_page(answer)


def test_a_form_with_errors_reveals_no_name_either(filed: Submission, reader: Client) -> None:
    answer = reader.post(file_address(filed), {"note": "", "version": "0", "filing": "0", "acte": "remettre"})
    assert answer.status_code == 422
    assert f"<h1>Candidature {number_of(filed)}</h1>" in plain_page(answer)
    for part in (*NAME.values(), filed.candidate.email):
        assert part not in plain_page(answer)


def test_an_anonymous_review_opens_a_dossier_without_the_name(filed: Submission, reader: Client) -> None:
    make_dossier(filed)
    address = reverse("review:dossier", args=[filed.public_id])
    with draw_in_process():
        answers = [reader.get(address, sent) for sent in ({}, {"telecharger": "1"})]
    assert [answer["Content-Disposition"].partition(";")[0] for answer in answers] == ["inline", "attachment"]
    assert f"{number_of(filed)}_anonyme.pdf" in answers[0]["Content-Disposition"]
    content, again = (b"".join(answer) for answer in answers)
    assert content == again
    found = PdfReader(content)
    assert "a déjà mené un projet" in found.text
    read = f"{found.title} {found.text}"
    assert [part for part in (*NAME.values(), "1035", "cv.pdf", filed.candidate.email) if part in read] == []
    entries = Entry.objects.filter(action="DOSSIER_OPENED").values_list("subject_id", "detail")
    assert list(entries) == [(str(filed.public_id), number_of(filed))] * 2


def test_an_anonymised_file_has_no_anonymous_dossier(filed: Submission, reader: Client) -> None:
    erase_every_seal()
    assert reader.get(reverse("review:dossier", args=[filed.public_id])).status_code == 404


def test_anonymous_reviewers_may_neither_open_receipts_nor_verify(filed: Submission, reader: Client) -> None:
    make_signed_receipt(filed)
    staff = client_of(make_staff())
    address = reverse("review:receipt", args=[filed.public_id])
    assert [client.get(address).status_code for client in (reader, staff)] == [403, 200]
    verify = reverse("review:verify", args=[filed.public_id, 0])
    sent = {
        "verification-0-filing": filed.standing_filing_id,
        "verification-0-seen": 0,
        "verification-0-outcome": "CONFIRMED",
        "verification-0-note": "Vu.",
    }
    assert reader.post(verify, sent).status_code == 403
    assert not Evidence.objects.exists()
    assert staff.post(verify, sent).status_code == 302
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("words", ["Ézéchielle", "amqui", "zech", "{email}"])
def test_a_search_by_identity_finds_no_file_in_anonymous_review(
    filed: Submission, reader: Client, words: str
) -> None:
    typed = {"q": words.format(email=filed.candidate.email)}
    assert str(filed.public_id) not in plain_page(reader.get(QUEUE, typed))
    assert str(filed.public_id) in plain_page(reader.get(QUEUE))
    assert str(filed.public_id) in plain_page(client_of(make_staff()).get(QUEUE, typed))


def test_a_journal_search_by_identity_finds_no_file_in_anonymous_review(
    offer: Offer, filed: Submission
) -> None:
    reader = make_reviewer(offer)
    with as_owner():
        reader.user_permissions.add(Permission.objects.get(codename="view_entry"))
    client, journal = client_of(reader), reverse("admin:journal_entry_changelist")
    number = filed.standing_filing.receipt.number if filed.standing_filing else ""
    found = {
        words: str(filed.public_id) in plain_page(client.get(journal, {"q": words}))
        for words in ("Ézéchielle", "amqui", number[-8:])
    }
    assert found == {"Ézéchielle": False, "amqui": False, number[-8:]: True}


def test_an_anonymous_file_is_found_by_number_and_not_by_name(offer: Offer, filed: Submission) -> None:
    other = make_open_offer()
    named = make_filed(other, **NAME)
    client = client_of(make_reviewer(offer, other))
    number = filed.standing_filing.receipt.number if filed.standing_filing else ""
    by_number = plain_page(client.get(QUEUE, {"q": number}))
    assert str(filed.public_id) in by_number
    assert "Nom masqué" in by_number
    by_name = plain_page(client.get(QUEUE, {"q": "Ézéchielle"}))
    assert str(named.public_id) in by_name
    assert "D’Amqui, Ézéchielle" in by_name
    assert str(filed.public_id) not in by_name


def test_dashboard_dry_run_and_conflict_page_reveal_no_name(filed: Submission, reader: Client) -> None:
    bureau = plain_page(reader.get(reverse("admin:index")))
    assert "Nom masqué" in bureau
    dry_run = plain_page(
        reader.post(QUEUE, {"action": "start_review", "_selected_action": [str(filed.pk)], "index": "0"})
    )
    assert "Nom masqué" in dry_run
    conflict = plain_page(reader.get(reverse("review:conflict", args=[filed.public_id])))
    assert "si vous reconnaissez une personne" in conflict
    move = plain_page(reader.get(reverse("review:move", args=[filed.public_id, "start-review"])))
    for page in (bureau, dry_run, conflict, move):
        assert NAME["first_name"] not in page


def test_deciders_read_names_and_reviewers_no_remarks_of_others(
    offer: Offer, filed: Submission, staff: User
) -> None:
    text = plain_page(client_of(staff).get(file_address(filed)))
    assert "D’Amqui, Ézéchielle" in text
    mine, theirs = make_reviewer(offer), make_reviewer(offer)
    make_assessment(filed, theirs, 4, "Ézéchielle écrit bien")
    make_assessment(filed, mine, 3)
    assert "Ézéchielle" not in plain_page(client_of(mine).get(file_address(filed)))
    assert "Ézéchielle écrit bien" in plain_page(client_of(staff).get(file_address(filed)))


def test_staff_start_and_end_anonymous_review_from_its_page(
    kept: CaseData, offer: Offer, reader: Client
) -> None:
    submission = kept.named
    staff = client_of(make_staff())
    address = reverse("review:blind_reading", args=[offer.number])
    assert address in plain_page(staff.get(QUEUE, {"offre": offer.number or ""}))
    assert "Masquer les noms au comité" in plain_page(staff.get(address))
    assert "L’évaluation de cette offre est anonyme" in plain_page(
        staff.post(address, {"acte": "masquer"}, follow=True)
    )
    staff.post(address, {"acte": "masquer"})
    assert BlindReading.objects.count() == 1
    assert NAME["first_name"] not in plain_page(reader.get(file_address(submission)))
    assert "le comité lit les noms" in plain_page(staff.post(address, {"acte": "lever"}, follow=True))
    assert NAME["first_name"] in plain_page(reader.get(file_address(submission)))
    actions = list(
        Entry.objects.filter(action__startswith="BLIND").order_by("pk").values_list("action", flat=True)
    )
    assert actions == ["BLIND_READING_BEGUN", "BLIND_READING_ENDED"]
    assert reader.get(address).status_code == 403


def test_own_name_and_contact_details_in_a_text_are_masked() -> None:
    made = payload().person
    covered = name_masker(made)
    said = f"Moi, {made.first_name.upper()} {made.last_name}, écrivez à {made.email} : {made.phone}."
    text = covered(said)
    for part in (made.first_name, made.last_name, made.email, made.phone):
        assert part.casefold() not in text.casefold()
    assert text.startswith("Moi, ▒▒▒")
    assert covered("un projet de recherche") == "un projet de recherche"


def test_a_telephone_number_is_masked_without_its_extension() -> None:
    covered = name_masker(replace(payload().person, phone="+14185550142;ext=12"))
    assert "0142" not in covered("Joignez-moi au 418 555-0142, poste 12.")


@pytest.mark.parametrize(
    "said",
    [
        "Mon site : www.exemple.org/moi.",
        "Voir https://github.com/quelquun et la suite",
        "Voir linkedin.com/in/quelquun, la suite",
        "Le domaine quelquun.ca est le mien",
        "Écrivez à quelquun.autre@exemple.invalid ou à lui",
        "Sur le réseau, @quelqu_un !",
    ],
)
def test_an_address_of_any_kind_is_masked(said: str) -> None:
    covered = name_masker(person())(said)
    assert "▒▒▒" in covered
    assert "quelqu" not in covered
    assert "moi" not in covered
    assert name_masker(person())("en C++, Node.js ou ASP.NET ; 3.14, etc.") == (
        "en C++, Node.js ou ASP.NET ; 3.14, etc."
    )


@pytest.mark.parametrize(
    "named, words, left",
    [
        (("Lise", "Tremblay"), "lisetremblay tremblaylise LTremblay tremblayl tremblay27", ""),
        (("Lise", "Tremblay"), "lise_27 supertremblay réaliser l’analyse", "réaliser l’analyse"),
        (("Anne", "Roy"), "aroy anneroy roy2 ANNE une année royale", "une année royale"),
        (("Marie-Ève", "D’Amours"), "marieeve damours mdamours marie eve Amours", ""),
        (("Mei", "Li"), "Li LI meili meil j’y li", "j’y li"),
        (("Zoé", "Ng"), "Ng zoeng ZoéNg", ""),
    ],
)
def test_a_joined_or_short_name_is_masked(named: tuple[str, str], words: str, left: str) -> None:
    covered = name_masker(person(first_name=named[0], last_name=named[1]))(words)
    assert " ".join(covered.replace("▒▒▒", "").split()) == left


def test_each_given_name_is_masked_alone_and_with_the_family_name() -> None:
    covered = name_masker(person(first_name="Dominique", last_name="Roy"), "Max-Élie")
    assert covered("Max, Élie, maxelie, roymax27 et MRoy ont dit maximum") == (
        "▒▒▒, ▒▒▒, ▒▒▒, ▒▒▒ et ▒▒▒ ont dit maximum"
    )
    assert covered("Dominique, droy") == "▒▒▒, ▒▒▒"


def test_an_answer_that_is_declared_as_a_given_name_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert anonymous_review._GIVEN_NAMES == ["first_name"]
    monkeypatch.setattr(anonymous_review, "_GIVEN_NAMES", ["city"])
    made = payload(person=person(city="Zigomar"), review_message="On m’appelle Zigomar.")
    assert mask_payload(made).review_message == "On m’appelle ▒▒▒."


def test_a_masked_payload_keeps_only_the_assessed_sections() -> None:
    made: Payload = payload()
    read = mask_payload(made)
    judged = {"statut", "etudes", "competences", "langues", "attestations"}
    kept = [section.key for section in made.sections if section.key in judged]
    assert kept
    assert [section.key for section in read.sections] == kept
    assert len(kept) < len(made.sections), "the payload says more than is judged"
    assert (read.documents, read.facts) == ((), {})
    assert made.documents
    assert made.person.last_name in repr(made)
    assert made.person.last_name not in repr(read)


def test_the_review_request_is_masked_too() -> None:
    made = replace(
        payload(), review_message="Je suis Ézéchielle Quatre-Vents : mon acte de naissance le dit."
    )
    named = replace(made, person=person(first_name="Ézéchielle", last_name="Quatre-Vents"))
    read = mask_payload(named).review_message
    assert "mon acte de naissance le dit" in read
    for part in ("Ézéchielle", "Quatre", "Vents"):
        assert part not in read


def test_a_queue_in_anonymous_review_runs_no_query_per_row(offer: Offer, staff: User, reader: Client) -> None:
    start_anonymous_review(offer=offer, actor=staff)
    costs = []
    for _size in range(2):
        make_filed(offer)
        make_filed(offer)
        reader.get(QUEUE)
        with CaptureQueriesContext(connection) as captured:
            reader.get(QUEUE)
        costs.append(len(captured))
    assert costs[0] == costs[1]
