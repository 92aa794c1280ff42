"""A filing after the window has closed: refused before the expensive queries, with every reason."""

from datetime import UTC, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from intake.submissions.filing.operations import file_draft
from intake.submissions.models import Filing
from intake.web import formats
from tests.factories.offers import mark_cancelled
from tests.factories.submissions import (
    ALL_DECLARATIONS,
    close_offer,
    make_draft,
    make_open_offer,
    without_triggers_on_offers,
)
from tests.submissions.pages import browser_of, pressed, text_of, url
from tests.submissions.rows import transaction_instant

pytestmark = pytest.mark.django_db
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
