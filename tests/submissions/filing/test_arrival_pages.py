"""The page of an arrival, and every other page while a draft waits to be filed; what operators are warned of."""

import re
from copy import deepcopy
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from intake.journal.models import Entry
from intake.outbox.models import Delivery
from intake.submissions.access.queries import own_submissions
from intake.submissions.after_filing.operations import start_amendment
from intake.submissions.attachments.cards import HEADER
from intake.submissions.drafts.closed_pages import closed_message
from intake.submissions.filing.arrival_reasons import DETAIL_READERS
from intake.submissions.filing.arrivals import file_arrival, file_waiting
from intake.submissions.lifecycle.errors import DraftArrivedError
from intake.submissions.mails.arrival_mail import compose_refusal, is_refusal_obsolete
from intake.submissions.mails.reminders import remind_of_complements, remind_of_drafts
from intake.submissions.models import Arrival, Draft
from intake.submissions.personal_data.operations import own_data
from intake.web.formats import instant
from tests.factories.arrivals import close_after_arrivals, make_refused_arrival
from tests.factories.complements import make_filed_and_closed, request_complement_for
from tests.factories.people import client_of, make_administrator
from tests.factories.submissions import make_arrival, make_draft, make_filing
from tests.submissions.filed_pages import amend, submission_of
from tests.submissions.pages import browser_of, text_of, url

pytestmark = pytest.mark.django_db

FIRST, AMENDMENT = "first", "amendment"
PAGES = "tasks documents review receipt follow withdraw discard amend take_note resend prepare_receipt file"
NOT_FILED = ("non déposé", "pas déposé", "pas été déposé")


@pytest.fixture(scope="module")
def kept(module_db: None) -> dict[str, Draft]:
    """A first draft and an amendment, each of which waits to be filed."""
    drafts = {FIRST: make_draft(), AMENDMENT: amend(make_filing(), first_name="Anne")}
    for draft in drafts.values():
        draft.refresh_from_db()  # the changes of the amendment are its next version
        make_arrival(draft)
    return drafts


@pytest.fixture(params=[FIRST, AMENDMENT])
def draft(kept: dict[str, Draft], request: pytest.FixtureRequest) -> Draft:
    return deepcopy(kept[request.param])


@pytest.fixture
def first(kept: dict[str, Draft]) -> Draft:
    return deepcopy(kept[FIRST])


@pytest.fixture
def amendment(kept: dict[str, Draft]) -> Draft:
    return deepcopy(kept[AMENDMENT])


def _text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return text_of(answer.content).replace("\u00a0", " ")


def _arrival(draft: Draft) -> Arrival:
    return draft.arrivals.get()


# -- The page ---------------------------------------------------------------------------------------------------------
def test_an_arrival_that_waits_gives_its_instant_and_leaves_nothing_to_do(draft: Draft) -> None:
    page = _text(browser_of(draft), url("arrival", draft), 202)
    at = instant(_arrival(draft).arrived_at, zone=draft.submission.offer.zone, seconds=True)
    assert at.replace("\u00a0", " ") in page
    assert "avant la date limite. </strong> Nous la déposons." in page.replace("limite.</", "limite. </")
    assert "Vous n’avez rien d’autre à faire" in page
    assert (
        f'<noscript><meta http-equiv="refresh" content="5; url={url("arrival", draft)}"></noscript>' in page
    )
    assert not [text for text in NOT_FILED if text in page]
    assert ("reste valide d’ici là." in page) == (draft.replaces is not None)


@pytest.mark.parametrize(
    "number, text",
    [
        (0, "La vôtre est la prochaine."),
        (1, "Une candidature est avant la vôtre."),
        (2, "2 candidatures sont avant la vôtre."),
    ],
)
def test_the_page_counts_the_arrivals_before(
    first: Draft, number: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All arrivals of a test have the instant of its transaction.
    monkeypatch.setattr("intake.submissions.filing.arrival_views.count_before", lambda _arrival: number)
    assert text in _text(browser_of(first), url("arrival", first), 202)


def test_an_arrival_that_is_filed_leads_to_the_receipt_and_no_arrival_to_the_tasks(draft: Draft) -> None:
    client = browser_of(draft)
    file_arrival(arrival=_arrival(draft), actor=draft.submission.candidate)
    assert client.get(url("arrival", draft)).headers["Location"] == url("receipt", draft)
    other = make_draft()
    assert browser_of(other).get(url("arrival", other)).headers["Location"] == url("tasks", other)


@pytest.mark.parametrize(
    "reason, text",
    [
        ("INCOMPLETE", "Il manquait une réponse ou un document"),
        ("STALE_DRAFT", "Votre brouillon avait changé dans une autre fenêtre"),
        ("ANOTHER", "Le portail n’a pas pu terminer ce dépôt."),
    ],
)
def test_a_refused_arrival_gives_its_reason_and_the_way_back_while_the_offer_is_open(
    reason: str, text: str
) -> None:
    draft = make_draft()
    arrival = make_refused_arrival(draft, reason=reason)
    page = _text(browser_of(draft), url("arrival", draft))
    assert "Cette candidature n’est pas déposée." in page
    assert text in page
    assert arrival.reference in page
    assert f'<a class="btn btn-primary" href="{url("review", draft)}">' in page
    assert "Rien n’est perdu" in page


def test_a_refused_amendment_leaves_the_current_filing_valid() -> None:
    receipt = make_filing()
    draft = amend(receipt, first_name="Anne")
    make_refused_arrival(draft, reason="INCOMPLETE")
    page = _text(browser_of(draft), url("arrival", draft))
    assert "Cette modification n’est pas déposée." in page
    assert f'Le dépôt n° <span class="text-nowrap">{receipt.number}</span> reste valide.' in page


def test_after_the_closing_a_refused_arrival_gives_what_to_quote_and_to_whom() -> None:
    draft = make_draft()
    arrival = make_refused_arrival(draft, reason="INCOMPLETE")
    close_after_arrivals(draft.submission.offer, seconds_ago=60)
    page = _text(browser_of(draft), url("arrival", draft))
    assert "Vous ne pouvez plus déposer." in page
    assert "btn-primary" not in page
    assert arrival.reference in page
    assert f"mailto:{draft.submission.offer.contact_email}" in page


def test_an_expired_arrival_is_the_fault_of_the_portal_and_in_the_journal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draft = make_draft()
    arrival = make_arrival(draft)
    close_after_arrivals(draft.submission.offer, seconds_ago=60)
    monkeypatch.setattr("intake.submissions.filing.operations.ARRIVAL_LASTS", timedelta(0))
    file_waiting(Delivery(), timezone.now())
    page = _text(browser_of(draft), url("arrival", draft))
    assert "C’est notre faute, pas la vôtre. Notre équipe est prévenue." in page
    assert "elles prouvent que vous étiez à temps" in page
    (entry,) = Entry.objects.filter(action="ARRIVAL_EXPIRED", subject_id=str(draft.submission.public_id))
    assert entry.detail == f"{arrival.reference} ARRIVAL_EXPIRED"


def test_a_refused_arrival_is_in_the_journal_with_its_reference_and_its_reason() -> None:
    draft = make_draft(documents=False)
    arrival = make_arrival(draft)
    file_waiting(Delivery(), timezone.now())
    (entry,) = Entry.objects.filter(action="ARRIVAL_REFUSED")
    assert (entry.detail, entry.actor) == (f"{arrival.reference} INCOMPLETE", draft.submission.candidate)
    journal = client_of(make_administrator()).get(reverse("admin:journal_entry_change", args=[entry.pk]))
    why = "Il manquait une réponse ou un document que l’offre demande. (INCOMPLETE)"
    assert f"{arrival.reference}\u00a0: {why}" in unescape(journal.content.decode())


def test_the_journal_has_a_sentence_for_each_reason_that_candidates_read() -> None:
    reader = DETAIL_READERS["ARRIVAL_REFUSED"]
    template = Path(settings.TEMPLATES[0]["DIRS"][0], "submissions/arrival_reason.html")
    codes = set(re.findall(r'reason == "([A-Z_]+)"', template.read_text()))
    assert {"INCOMPLETE", "OFFER_NOT_OPEN"} < codes
    assert [code for code in codes if reader(f"A-000001 {code}") == f"A-000001 {code}"] == []
    with translation.override("en"):
        expired = DETAIL_READERS["ARRIVAL_EXPIRED"]("A-000001 ARRIVAL_EXPIRED")
    assert expired == "A-000001: The portal had not completed this submission in time. (ARRIVAL_EXPIRED)"


def test_the_text_of_a_review_request_is_on_the_filing_page_after_a_refusal() -> None:
    draft = make_draft(birth_date="1970-01-01")
    message = "Mon âge a été mal calculé, vérifiez-le."
    make_refused_arrival(draft, reason="STALE_DRAFT", review_message=message)
    client = browser_of(draft)
    assert "et votre demande de révision sont conservés" in _text(client, url("arrival", draft))
    assert message in _text(client, url("review", draft))


# -- Every other page -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES.split())
def test_each_page_of_a_draft_that_waits_leads_to_its_arrival(draft: Draft, name: str) -> None:
    answer = browser_of(draft).get(url(name, draft), follow=True)
    assert answer.redirect_chain[-1][0] == url("arrival", draft)
    assert answer.status_code == 202


def test_pages_of_sections_and_documents_lead_to_the_arrival(draft: Draft) -> None:
    client, request = browser_of(draft), draft.submission.offer.documents.get(kind="CV")
    for name, argument in [
        ("section", "identite"),
        ("section", "competences"),
        *((f"document{rest}", request.pk) for rest in ("", "_parts", "_reuse", "_remove")),
    ]:
        address = url(name, draft, argument)
        for answer in (
            client.get(address, follow=True),
            client.post(address, {"first_name": "A"}, follow=True),
        ):
            assert answer.redirect_chain[-1][0] == url("arrival", draft), address
            assert answer.status_code == 202


@pytest.mark.parametrize("name", ["amend", "discard", "withdraw", "take_note"])
def test_a_button_of_an_older_page_changes_nothing_and_leads_to_the_arrival(
    amendment: Draft, name: str
) -> None:
    answer = browser_of(amendment).post(
        url(name, amendment), {"reason": "Autre projet", "seen": "1"}, follow=True
    )
    assert answer.redirect_chain[-1][0] == url("arrival", amendment)
    if name != "take_note":
        assert "elle ne change plus." in text_of(answer.content)
    fresh = Draft.objects.get(pk=amendment.pk)
    assert (fresh.closed_at, fresh.version) == (None, _arrival(amendment).version)
    assert submission_of(amendment.replaces.receipt).state == "SUBMITTED"  # type: ignore[union-attr]  # -- it amends


def test_a_save_while_typing_is_refused_with_its_reason_while_the_draft_waits(draft: Draft) -> None:
    answer = browser_of(draft).post(url("autosave", draft, "identite"), {"first_name": "Anne", "page": "a.1"})
    assert answer.status_code == 409
    text = text_of(answer.content)
    assert "Ces réponses n’ont pas été enregistrées. Votre candidature est arrivée" in text


def test_the_script_of_uploads_reloads_its_page_while_the_draft_waits(first: Draft) -> None:
    request = first.submission.offer.documents.get(kind="CV")
    address = url("document", first, request.pk)
    assert browser_of(first).get(address, headers={HEADER: "list"}).status_code == 410


def test_no_page_states_that_a_draft_that_waits_is_not_filed(draft: Draft) -> None:
    client, offer = browser_of(draft), draft.submission.offer
    words = {
        reverse("submissions:mine"): "Suivre l’arrivée",
        offer.get_absolute_url(): "est arrivée, et nous la déposons.",
        reverse("own_data:own_data"): "est arrivée, et nous la déposons.",
        reverse("submissions:check", args=[offer.number]): "Suivre l’arrivée",
        url("notice", draft): "",
        url("arrival", draft): "Nous la déposons.",
    }
    for closes in (False, True):
        if closes:
            close_after_arrivals(offer, seconds_ago=5)
        for address, text in words.items():
            page = _text(client, address, 202 if "arrivee" in address else 200)
            assert text in page, address
            assert not [each for each in NOT_FILED if each in page], address


def test_an_open_page_reads_from_the_clock_that_its_draft_has_arrived(draft: Draft) -> None:
    found = browser_of(draft).get(url("clock", draft)).json()
    assert (found["filed"], found["ready"]) == (True, False)
    assert found["html"].count("est arrivée, et nous la déposons.") == 2
    assert not [text for text in NOT_FILED if text in found["html"]]


# -- Mails and data ---------------------------------------------------------------------------------------------------
def test_no_reminder_leaves_while_a_draft_waits() -> None:
    draft = make_draft()
    offer = draft.submission.offer
    at = offer.closes_at - timedelta(hours=47)
    type(draft.submission).objects.filter(pk=draft.submission.pk).update(created_at=at - timedelta(days=9))
    arrival = make_arrival(draft)
    before = remind_of_drafts(at=at)
    Arrival.objects.filter(pk=arrival.pk).update(state="REFUSED", reason="INCOMPLETE")
    assert (before, remind_of_drafts(at=at)) == (0, 1)


def test_no_reminder_of_a_complement_leaves_while_its_answer_waits() -> None:
    submission = make_filed_and_closed()
    asked = request_complement_for(submission, days=20)
    at = asked.due_at - timedelta(days=1)
    answer = start_amendment(submission=submission, actor=submission.candidate)
    arrival = make_arrival(answer)
    found = [remind_of_complements(at=at)]
    Arrival.objects.filter(pk=arrival.pk).update(state="REFUSED", reason="NOT_ASKED")
    found += [remind_of_complements(at=at)]
    assert found == [0, 1]


def test_the_own_data_have_each_arrival(draft: Draft) -> None:
    arrival = _arrival(draft)
    data: dict[str, Any] = own_data(draft.submission.candidate, at=timezone.now())
    (found,) = data["applications"][0]["arrivals"]
    assert (found["reference"], found["state"], found["reason"]) == (arrival.reference, "WAITING", None)


def test_the_mail_of_a_refused_arrival_states_what_the_page_does() -> None:
    draft = make_draft(documents=False)
    arrival = make_arrival(draft)
    file_waiting(Delivery(), timezone.now())
    delivery = Delivery.objects.get(kind="ARRIVAL_REFUSED_MAIL")
    assert delivery.key == str(arrival.pk)
    letter = compose_refusal(delivery, timezone.now())
    text = " ".join(letter.text.replace("\u00a0", " ").split())
    assert "n’est pas déposée" in text
    assert "Il manquait une réponse ou un document" in text
    assert arrival.reference in text
    assert url("arrival", draft) in letter.text
    assert "Vous avez jusqu’au" in text
    assert not is_refusal_obsolete(delivery, timezone.now())
    late = compose_refusal(delivery, draft.submission.offer.closes_at + timedelta(days=1))
    assert "Vous ne pouvez plus déposer." in " ".join(late.text.replace("\u00a0", " ").split())


def test_a_change_refused_on_an_older_page_states_that_the_draft_has_arrived() -> None:
    draft = make_draft()
    request: Any = RequestFactory().get("/")
    request.user = draft.submission.candidate
    before = own_submissions(request.user).get()
    make_arrival(draft)
    assert closed_message(request, before, "") == DraftArrivedError.message
