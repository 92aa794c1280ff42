"""Staff set aside a mail that no retry would send, so that it is no longer listed as a problem."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from intake.journal.invariants import invariants_in
from intake.journal.models import Entry
from intake.outbox import tasks
from intake.outbox.models import Delivery, Message
from intake.outbox.selectors import no_dead_delivery_invariant
from intake.outbox.services import NotDeadError, resend_mail, set_aside
from tests.factories.people import make_staff
from tests.outbox.conftest import AT, post
from tests.outbox.reporting import message_state

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]

LIST = "/admin/outbox/delivery/"
LONG_AGO = AT - timedelta(days=365 * 50)
BROKEN = (*invariants_in("outbox"), no_dead_delivery_invariant(but=("NO_KIND",)))


def _refuse(*_arguments: object) -> int:
    raise smtplib.SMTPDataError(554, b"no")


def _fail(monkeypatch: pytest.MonkeyPatch, delivery: Delivery) -> Delivery:
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", _refuse)
        for _attempt in range(5):
            Delivery.objects.filter(pk=delivery.pk).update(due_at=LONG_AGO)
            tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.DEAD
    return delivery


def _press(client: Client, action: str, *deliveries: Delivery) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in deliveries], "from_its_page": "1"}
    return client.post(LIST, data, follow=True).content.decode()


def _broken() -> list[str]:
    return [row.name for row in BROKEN if list(row.violations())]


def test_a_mail_that_failed_is_set_aside_and_may_still_be_sent(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = _fail(monkeypatch, post(kind="TEST_MAIL", at=LONG_AGO))
    assert _broken() == ["no_delivery_is_given_up"]
    client.force_login(make_staff())
    page = reverse("admin:outbox_delivery_change", args=[delivery.pk])
    assert 'value="set_aside"' in client.get(page).content.decode()
    shown = _press(client, "set_aside", delivery)
    assert "1\u00a0courriel est classé" in shown
    assert '<span class="state state-none">Classé</span>' in shown
    assert "Rien ne confirme que le message a été envoyé" in shown
    assert "smtp 554" in shown, "what went wrong stays"
    assert 'value="set_aside"' not in shown
    assert _broken() == []
    assert Entry.objects.filter(action="MAIL_SET_ASIDE").count() == 1
    state = message_state("TEST_MAIL", "1")
    assert state is not None
    assert (state.is_sent, state.has_failed) == (False, True)

    assert "1\u00a0envoi est relancé." in _press(client, "resend", delivery)
    tasks.deliver(delivery.pk)
    assert len(mail.outbox) == 1
    message = Message.objects.get()
    assert (message.sent_at is None, message.let_go_at, message.is_to_go_again) == (False, None, False)
    assert _broken() == []


def test_a_mail_sent_once_that_failed_to_be_resent_stays_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = post(kind="TEST_MAIL", at=LONG_AGO)
    tasks.deliver(delivery.pk)
    Message.objects.update(returned_at=timezone.now())
    resend_mail(delivery=delivery, actor=make_staff())
    set_aside(delivery=_fail(monkeypatch, delivery), actor=make_staff())
    state = message_state("TEST_MAIL", "1")
    assert state is not None
    assert (state.is_sent, state.has_returned, state.has_failed) == (True, True, False)
    assert _broken() == []


def test_only_a_dead_mail_may_be_set_aside(client: Client) -> None:
    staff = make_staff()
    client.force_login(staff)
    waiting, job = post(kind="TEST_MAIL", key="1", at=LONG_AGO), post(kind="TEST_JOB", key="2", at=LONG_AGO)
    Delivery.objects.filter(pk=job.pk).update(state=Delivery.State.DEAD)
    for delivery in (waiting, job):
        with pytest.raises(NotDeadError):
            set_aside(delivery=delivery, actor=staff)
        assert "1\u00a0envoi ne change pas" in _press(client, "set_aside", delivery)
        page = reverse("admin:outbox_delivery_change", args=[delivery.pk])
        assert 'value="set_aside"' not in client.get(page).content.decode()
    assert set(Delivery.objects.values_list("pk", "state")) == {(waiting.pk, "PENDING"), (job.pk, "DEAD")}
    tasks.deliver(waiting.pk)
    with pytest.raises(NotDeadError):
        set_aside(delivery=waiting, actor=staff)
    assert Delivery.objects.get(pk=waiting.pk).state == "DONE"
