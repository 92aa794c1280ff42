"""The filing button files the displayed draft alone, once, in time; else its page gives every reason."""

import re
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.dossiers.services import read_seal
from intake.journal.models import Entry
from intake.submissions.after_filing.operations import discard_amendment
from intake.submissions.drafts.queries import MANY_REFUSED
from intake.submissions.filing import rush
from intake.submissions.filing.arrivals import check_before_arrival, receive_arrival
from intake.submissions.filing.declarations import DECLARATIONS
from intake.submissions.filing.line import line
from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Arrival, Draft, Filing
from intake.web import formats
from tests.database_roles import without_triggers
from tests.factories.arrivals import make_refused_arrival
from tests.factories.files import pdf_bytes
from tests.factories.offers import mark_cancelled
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_filing,
    make_open_offer,
    without_triggers_on_offers,
)
from tests.submissions.filed_pages import amend, page_of
from tests.submissions.pages import browser_of, file_now, pressed, save_answers, section_of, text_of, url
from tests.submissions.rows import transaction_instant
from tests.submissions.uploading import inspect_received

pytestmark = pytest.mark.django_db


def _messages(given: Any) -> list[tuple[str, str]]:
    queued = given.wsgi_request._messages._queued_messages
    return [(row.level_tag, str(row).replace("\u00a0", " ")) for row in queued]


# -- The button -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("posted, status", [(None, 302), ({}, 409), ({"seen": "0-0"}, 409)])
def test_a_get_request_or_a_form_without_version_does_not_file(
    posted: dict[str, str] | None, status: int
) -> None:
    draft = make_draft()
    client = browser_of(draft)
    given = (
        client.get(url("file", draft))
        if posted is None
        else client.post(url("file", draft), posted, follow=True)
    )
    assert given.status_code == status
    assert given.headers.get("Location", "") == (url("review", draft) if posted is None else "")
    assert _messages(given) == []
    assert not Filing.objects.exists()


# -- The seal ---------------------------------------------------------------------------------------------------------
def test_the_seal_contains_the_offer_the_person_and_the_documents() -> None:
    draft = make_draft()
    submission, offer = draft.submission, draft.submission.offer
    sealed = read_seal(file_now(draft).filing.seal)
    person = asdict(sealed.person)
    assert person.pop("email") == submission.candidate.email
    assert person == {key: draft.answers[key] for key in person}
    for name in ("number", "organisation", "domain", "place"):
        assert getattr(sealed.call, name) == getattr(offer, name), name
    assert (sealed.call.starts_on, sealed.call.ends_on) == (
        offer.starts_on.isoformat(),
        offer.ends_on.isoformat(),
    )
    assert datetime.fromisoformat(sealed.call.closes_at) == offer.closes_at
    assert sealed.call.dates_label == str(offer.programme.words.dates)
    assert (sealed.call.programme, sealed.call.time_zone) == (offer.programme.name, "America/Toronto")
    rows = draft.documents.select_related("request", "upload").order_by("request__position")
    assert [(row.kind, row.name, row.sha256) for row in sealed.documents] == [
        (row.request.kind, row.upload.original_name, row.upload.sha256) for row in rows
    ]
    assert {row.key: row.text for row in sealed.declarations} == {
        row.key: str(row.text) for row in DECLARATIONS
    }


def _often_refused(draft: Draft) -> Draft:
    for _press in range(MANY_REFUSED):
        make_refused_arrival(draft, reason="INCOMPLETE")
    return draft


def test_presses_of_an_incomplete_draft_leave_few_arrivals_and_one_filing() -> None:
    draft = make_draft()
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": ""})
    client, sent = browser_of(draft), pressed(draft)
    statuses = {
        client.post(url("file", draft), sent, follow=True).status_code for _press in range(MANY_REFUSED + 5)
    }
    assert statuses == {422}
    assert Arrival.objects.count() == MANY_REFUSED
    assert Entry.objects.filter(action="ARRIVAL_REFUSED").count() == MANY_REFUSED
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers, version=draft.version + 1)
    answer = client.post(url("file", draft), pressed(draft))
    assert answer.headers["Location"] == url("receipt", draft)
    assert Filing.objects.get().received_at == Arrival.objects.get(state=Arrival.State.FILED).arrived_at


@pytest.mark.parametrize("hours, is_stored", [(23, False), (25, True)])
def test_a_press_is_stored_again_a_day_after_many_refused_ones(hours: int, *, is_stored: bool) -> None:
    draft = _often_refused(make_draft())
    Draft.objects.filter(pk=draft.pk).update(answers=draft.answers | {"first_name": ""})
    with without_triggers("submissions_arrival") as cursor:
        cursor.execute(
            "UPDATE submissions_arrival SET settled_at = settled_at - %s * interval '1 hour'", [hours]
        )
    browser_of(draft).post(url("file", draft), pressed(draft))
    assert Arrival.objects.count() == MANY_REFUSED + is_stored


def test_the_check_of_a_press_files_nothing_and_refuses_no_press_for_the_closing() -> None:
    draft = _often_refused(make_draft())
    for _time in ("before the closing", "after it"):
        check_before_arrival(
            draft=draft,
            version=draft.version,
            actor=draft.submission.candidate,
            declarations=ALL_DECLARATIONS,
        )
        assert not Filing.objects.exists()
        close_offer(draft.submission.offer, seconds_ago=0)
    assert Arrival.objects.count() == MANY_REFUSED


def test_in_a_rush_a_press_after_a_refused_one_is_received_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "is_long", lambda: True)
    received: list[Draft] = []

    def receive(**given: Any) -> Arrival:
        received.append(given["draft"])
        return receive_arrival(**given)

    monkeypatch.setattr(rush, "receive_arrival", receive)
    plain, refused = make_draft(), make_draft()
    make_refused_arrival(refused, reason="INCOMPLETE")
    for draft in (plain, refused):
        assert browser_of(draft).post(url("file", draft), pressed(draft)).status_code in {200, 202, 302}
        assert Arrival.objects.filter(draft=draft).exclude(state=Arrival.State.REFUSED).count() == 1
    assert [one.pk for one in received] == [plain.pk]


EXPENSIVE_TABLES = (
    "offers_rulebookversion",
    "offers_gridline",
    "offers_documentrequest",
    "submissions_draftdocument",
    "dossiers_seal",
)
"""Tables that evaluating and sealing read or write: a late request must not."""


def test_a_late_filing_is_refused_with_reason_instant_and_contact() -> None:
    draft = make_draft()
    offer = draft.submission.offer
    close_offer(offer, seconds_ago=1)
    answer = browser_of(draft).post(url("file", draft), pressed(draft))
    assert answer.status_code == 409
    page = text_of(answer.content)
    assert "Cette candidature n’est pas déposée." in page
    assert f"Les inscriptions ont fermé le {formats.closing(offer.closing)}".replace("\xa0", " ") in page
    at = transaction_instant().astimezone(offer.zone)
    assert formats.instant(at, seconds=True).replace("\xa0", " ") in page
    assert "(heure de l’Est, Québec)" in page
    assert "Heure officielle de votre demande" in page
    assert "Un problème vous a fait manquer" in page
    assert f'datetime="{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"' in page
    assert "vos réponses et vos documents sont conservés" in page
    assert f'href="{url("review", draft)}"' in page
    assert 'href="/mes-renseignements/donnees.json"' in page
    assert page.count(offer.contact_email or offer.contact_phone) >= 2
    draft.refresh_from_db()
    assert draft.closed_at is None
    assert browser_of(draft).get(url("review", draft)).status_code == 200


def test_a_late_filing_runs_no_expensive_query() -> None:
    draft = make_draft()
    close_offer(draft.submission.offer, seconds_ago=1)
    client = browser_of(draft)
    client.post(url("file", draft), pressed(draft))
    with CaptureQueriesContext(connection) as asked:
        answer = client.post(url("file", draft), pressed(draft))
    said = [query["sql"] for query in asked]
    assert answer.status_code == 409
    assert not [sql for sql in said if any(table in sql for table in EXPENSIVE_TABLES)]
    assert len(said) <= 8, "\n".join(said)
    assert draft.answers["address_line"] not in text_of(answer.content)


def test_a_repeated_filing_after_closing_returns_the_receipt() -> None:
    stale = make_draft()
    actor = stale.submission.candidate
    receipt = file_draft(draft=stale, actor=actor, declarations=ALL_DECLARATIONS)
    close_offer(stale.submission.offer, seconds_ago=1)
    stale.closed_at = None  # as the click read it before the other commit
    assert file_draft(draft=stale, actor=actor, declarations=ALL_DECLARATIONS) == receipt
    assert Filing.objects.count() == 1


def test_an_incomplete_late_draft_is_refused_as_late() -> None:
    draft = make_draft(documents=False)
    unfinished = browser_of(draft).post(url("file", draft), pressed(draft), follow=True)
    assert "Curriculum vitæ" in text_of(unfinished.content)
    close_offer(draft.submission.offer, seconds_ago=1)
    answer = browser_of(draft).post(url("file", draft), pressed(draft))
    assert answer.status_code == 409
    assert "Heure officielle de votre demande" in text_of(answer.content)
    assert "Curriculum vitæ" not in text_of(answer.content)


def test_a_cancelled_or_upcoming_offer_is_refused_without_late_text() -> None:
    cancelled, to_come = make_draft(offer=make_open_offer()), make_draft(offer=make_open_offer())
    mark_cancelled(cancelled.submission.offer_id)
    with without_triggers_on_offers() as cursor:
        cursor.execute(
            "UPDATE offers_offer SET opens_at = %s WHERE id = %s",
            [timezone.now() + timedelta(hours=1), to_come.submission.offer_id],
        )
    for draft, sentence in ((cancelled, "L’offre est annulée."), (to_come, "Les inscriptions ouvrent le")):
        answer = browser_of(draft).post(url("file", draft), pressed(draft))
        assert answer.status_code == 409
        page = text_of(answer.content)
        assert sentence in page
        assert "Heure officielle de votre demande" not in page
        assert "empêché(e)" not in page


NOT_FILED = "Rien n’est déposé pour l’instant."
HIDDEN = re.compile(r'type="hidden" name="(seen|parts)" value="([^"]+)"')


def _button_of(client: Client, draft: Draft, **typed: str) -> dict[str, str]:
    """Return the data that the button of the current page sends, with its hidden fields."""
    shown = dict(HIDDEN.findall(client.get(url("review", draft)).content.decode()))
    assert shown.keys() == {"seen", "parts"}
    return dict.fromkeys(ALL_DECLARATIONS, "on") | shown | typed


def _replace_cv(client: Client, draft: Draft) -> None:
    cv = draft.submission.offer.documents.get(kind="CV")
    shown = client.get(url("document", draft, cv.pk)).content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen is not None
    file = SimpleUploadedFile("autre.pdf", pdf_bytes(2))
    sent = client.post(url("document", draft, cv.pk), {"file": file, "seen": seen[1]})
    assert sent.status_code == 302
    assert inspect_received() == 1


def test_a_repeated_filing_does_not_file_a_later_amendment(draft: Draft) -> None:
    phone, laptop = browser_of(draft), browser_of(draft)
    sent = _button_of(phone, draft)
    phone.post(url("file", draft), sent)  # and the response is lost
    receipt = Filing.objects.select_related("receipt").get().receipt
    amendment = amend(receipt, first_name="À demi")
    again = phone.post(url("file", draft), sent)
    assert again.headers["Location"] == url("receipt", draft)
    assert receipt.number in text_of(phone.get(again.headers["Location"]).content)
    assert Filing.objects.count() == 1
    amendment.refresh_from_db()
    assert amendment.closed_at is None
    assert laptop.post(url("file", draft), _button_of(laptop, draft)).status_code == 302
    assert Filing.objects.count() == 2
    replaced = phone.post(url("file", draft), sent, follow=True)
    assert f"Votre dépôt n° {receipt.number} a bien été reçu" in text_of(replaced.content)
    assert Filing.objects.count() == 2


def test_a_file_replaced_in_another_tab_is_displayed_before_the_filing(draft: Draft) -> None:
    client = browser_of(draft)
    sent = _button_of(client, draft)
    _replace_cv(client, draft)
    refused = client.post(url("file", draft), sent, follow=True)
    page = text_of(refused.content)
    label = draft.submission.offer.documents.get(kind="CV").label
    assert refused.status_code == 409
    assert NOT_FILED in page
    assert "Ce qui a changé :" in page
    assert re.findall(r'<li><a href="#partie-(\w+)"[^>]*>([^<]+)</a></li>', page) == [("documents", label)]
    assert "autre.pdf" in page
    assert not Filing.objects.exists()
    assert not re.search(r'type="checkbox"[^>]*\schecked', page), "what was declared was of another file"
    read = dict(HIDDEN.findall(refused.content.decode()))
    filed = client.post(url("file", draft), dict.fromkeys(ALL_DECLARATIONS, "on") | read)
    assert filed.headers["Location"] == url("receipt", draft)


def test_an_answer_changed_in_another_tab_is_named_and_the_message_kept() -> None:
    draft = make_draft(birth_date="1970-01-01")
    client = browser_of(draft)
    sent = _button_of(client, draft, review_message="Mon acte dit 2001.")
    saved = client.post(url("section", draft, "statut"), {"legal_status": "PERMANENT_RESIDENT"})
    assert saved.status_code == 302
    refused = client.post(url("file", draft), sent, follow=True)
    page = text_of(refused.content)
    assert refused.status_code == 409
    assert '<a href="#partie-statut">Statut au Canada</a>' in page
    assert "#partie-documents" not in page
    assert "Mon acte dit 2001." in page
    assert not Filing.objects.exists()


@pytest.mark.parametrize("seen", [None, "", "0", "1-", "-1-2", "1-2-3", "٣-٤", "9" * 19 + "-1", "x\0y"])
def test_a_form_without_a_valid_version_does_not_file(draft: Draft, seen: str | None) -> None:
    sent = pressed(draft) | ({} if seen is None else {"seen": seen})
    if seen is None:
        del sent["seen"]
    refused = browser_of(draft).post(url("file", draft), sent, follow=True)
    assert refused.status_code == 409
    assert NOT_FILED in text_of(refused.content)
    assert "Ce qui a changé" not in text_of(refused.content)
    assert not Filing.objects.exists()


def test_the_number_of_another_draft_does_not_file_it() -> None:
    mine, other = make_draft(), make_draft()
    refused = browser_of(mine).post(url("file", mine), pressed(other), follow=True)
    assert refused.status_code == 409
    filed = make_filing().filing
    assert browser_of(mine).post(url("file", mine), pressed(filed.draft), follow=True).status_code == 409
    assert Filing.objects.count() == 1


def test_a_restarted_amendment_has_another_form_version() -> None:
    receipt = make_filing()
    first = amend(receipt, first_name="Anne")
    client, sent = browser_of(first), pressed(first)
    discard_amendment(draft=first, actor=first.submission.candidate)
    gone = client.post(page_of("file", receipt), sent, follow=True)
    assert "Elle n’est pas déposée." in text_of(gone.content)
    amend(receipt, first_name="Zoé")
    refused = client.post(page_of("file", receipt), sent, follow=True)
    assert refused.status_code == 409
    said = text_of(refused.content)
    assert "Cette modification n’est pas déposée." in said
    assert f'Le dépôt n° <span class="text-nowrap">{receipt.number}</span> reste valide.' in said
    assert Filing.objects.count() == 1


def test_an_incomplete_stale_form_reports_the_changed_draft_first(draft: Draft) -> None:
    client = browser_of(draft)
    sent = _button_of(client, draft)
    del sent["truth"]
    _replace_cv(client, draft)
    refused = client.post(url("file", draft), sent, follow=True)
    assert refused.status_code == 422
    assert NOT_FILED in text_of(refused.content)


def test_a_section_saved_unchanged_keeps_the_form_version(draft: Draft) -> None:
    client, sent = browser_of(draft), _button_of(browser_of(draft), draft)
    Draft.objects.filter(pk=draft.pk).update(saved_at=timezone.now() - timedelta(hours=2))
    before = Draft.objects.get(pk=draft.pk)
    saved = save_answers(draft, "identite", section_of("identite").of(before.answers))
    assert saved.version == before.version
    assert saved.saved_at is not None
    assert before.saved_at is not None
    assert saved.saved_at > before.saved_at
    page = text_of(client.get(url("section", draft, "identite")).content)
    told = f"Brouillon enregistré le {formats.day(saved.saved_at)} à {formats.hour(saved.saved_at)}"
    assert text_of(told.encode()) in page
    assert client.post(url("file", draft), sent).headers["Location"] == url("receipt", draft)
