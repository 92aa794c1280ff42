"""The page of a batch is right while its messages are sent, and the delay that leaves time to revoke is the default."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from intake.review.decisions.forms import ReleaseForm
from intake.review.decisions.sending import announce_decision
from intake.review.models import DecisionBatch
from intake.submissions.models import Submission
from intake.web.formats import QUEBEC
from tests.factories.decisions import make_batch, release, send
from tests.factories.people import client_of, make_staff
from tests.review.page_responses import url
from tests.submissions.pages import text_of

pytestmark = pytest.mark.django_db


def page_of(batch: DecisionBatch) -> tuple[str, Any]:
    answer = client_of(make_staff()).get(url("decision_batch", batch.pk))
    return text_of(answer.content), answer.context


def test_a_page_that_is_loaded_while_messages_leave_counts_those_that_left(rows: list[Submission]) -> None:
    batch = release(make_batch(*rows[:3]))
    for item in batch.items.order_by("pk")[:2]:
        announce_decision(item_id=item.pk, at=timezone.now())
    shown, context = page_of(batch)
    assert "Envoi en cours : 2 messages envoyés sur 3." in shown
    assert "impossible" not in shown
    assert "Serait refusée" not in shown
    assert "Rien ne sera envoyé" not in shown
    assert [line["state"].label for line in context["lines"]] == ["Annoncée", "Annoncée", "À annoncer"]
    assert (context["leaving"], context["blocked"]) == (1, [])
    send(batch)
    shown, context = page_of(batch)
    assert "Envoi en cours" not in shown
    assert [line["state"].label for line in context["lines"]] == ["Annoncée"] * 3


def test_a_batch_that_is_due_later_may_still_be_revoked(rows: list[Submission]) -> None:
    batch = release(make_batch(rows[0]), release_at=timezone.now() + timedelta(hours=1))
    shown, _context = page_of(batch)
    assert "Vous pouvez l’annuler jusqu’à l’envoi des messages." in shown
    assert "Envoi en cours" not in shown


def test_an_approval_as_it_is_proposed_waits_for_the_next_morning(rows: list[Submission]) -> None:
    batch = make_batch(rows[0])
    client = client_of(make_staff())
    address = url("decision_batch", batch.pk)
    form = client.get(address).context["release_form"]
    sent = {name: form[name].value() for name in ("moment", "version", "letters")}
    sent |= {"day": f"{form['day'].value():%Y-%m-%d}", "hour": form["hour"].value()}
    client.post(reverse("review:release_decisions", args=[batch.pk]), sent)
    batch.refresh_from_db()
    assert batch.release_at is not None
    tomorrow = timezone.now().astimezone(QUEBEC) + timedelta(days=1)
    assert f"{batch.release_at.astimezone(QUEBEC):%Y-%m-%d %H:%M}" == f"{tomorrow:%Y-%m-%d} 09:00"
    client.post(reverse("review:revoke_decisions", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == "REVOKED"
    evening = datetime(2027, 5, 1, 22, tzinfo=QUEBEC).astimezone(UTC)
    assert ReleaseForm.proposed(evening)["day"] == date(2027, 5, 2)
