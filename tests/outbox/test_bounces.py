"""Bounced mails: recorded, shown to staff, sent again."""

import io
import os
import signal
import smtplib
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from intake.accounts.models import User
from intake.journal.invariants import invariants_in
from intake.journal.models import Entry
from intake.outbox import kinds, leases, tasks
from intake.outbox.admin import RESENT_AT_ONCE
from intake.outbox.labels import bounce_reason
from intake.outbox.management.commands import read_mail_report
from intake.outbox.models import Delivery, Message
from intake.outbox.reports import RECENT_BOUNCE, RECENT_BOUNCES_VALUE, Report, read_report, record_report
from intake.outbox.selectors import backlog, count_bounces
from intake.outbox.services import NotSentError, resend_mail
from tests.factories.people import make_administrator, make_staff
from tests.outbox.conftest import AT, LETTER, post
from tests.outbox.reporting import ending, message_state, report

pytestmark = [pytest.mark.usefixtures("registry"), pytest.mark.django_db]

LIST = "/admin/outbox/delivery/"
LONG_AGO = AT - timedelta(days=365 * 50)
FULL = ending(status="5.2.2", words="smtp; 552 5.2.2 Over quota")
ARRIVED = ending(action="delivered", status="2.0.0", words="smtp; 250 OK")


def _send(key: str = "1") -> Message:
    delivery = post(kind="TEST_MAIL", key=key, at=LONG_AGO)
    tasks.deliver(delivery.pk)
    return Message.objects.get(delivery=delivery)


def _report(message: Message, *endings: str) -> None:
    read = read_report(report(message.message_id, *endings))
    assert read is not None
    record_report(read)
    message.refresh_from_db()


def _read(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> str:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
    call_command("read_mail_report", stdout=out, stderr=out)
    return out.getvalue()


def _page_text(client: Client, user: User, address: str = LIST, **query: Any) -> str:
    client.force_login(user)
    return client.get(address, query).content.decode()


def test_a_report_is_recorded_once_at_the_instant_of_the_database() -> None:
    message = _send()
    before = timezone.now() - timedelta(seconds=5)
    _report(message, FULL)
    first = message.returned_at
    assert first is not None
    assert before < first < timezone.now() + timedelta(seconds=5)
    assert (message.report_code, message.report_words) == ("5.2.2", "552 5.2.2 Over quota")
    _report(message, FULL)
    assert message.returned_at == first
    state = message_state("TEST_MAIL", "1")
    assert state is not None
    assert (state.is_sent, state.has_returned) == (True, True)
    with translation.override("fr-ca"):
        assert str(state.why_returned) == "la boîte courriel est pleine"


def test_the_later_of_two_reports_applies() -> None:
    message = _send()
    _report(message, ARRIVED)
    assert (message.arrived_at is None, message.returned_at) == (False, None)
    _report(message, FULL)
    assert (message.arrived_at, message.returned_at is None) == (None, False)
    _report(message, ARRIVED)
    assert (message.arrived_at is None, message.returned_at, message.report_words) == (False, None, "")


def test_the_command_prints_the_effect_of_each_report(monkeypatch: pytest.MonkeyPatch) -> None:
    message = _send()
    assert _read(monkeypatch, report(message.message_id)) == f"{message.message_id} came back (5.1.1)\n"
    assert _read(monkeypatch, report(message.message_id, ARRIVED)) == f"{message.message_id} arrived\n"
    assert "no mail of ours" in _read(monkeypatch, report("<autre@ailleurs.invalid>"))
    assert "left alone" in _read(monkeypatch, b"Subject: Absence\n\nJe suis absente.")


def test_a_report_read_without_the_database_is_to_be_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object) -> None:
        raise OperationalError

    monkeypatch.setattr("intake.outbox.management.commands.read_mail_report.record_report", away)
    with pytest.raises(SystemExit) as ended:
        _read(monkeypatch, report("<x@y.invalid>"))
    assert ended.value.code == os.EX_TEMPFAIL == 75


@pytest.mark.parametrize(
    "code, why",
    [
        ("5.1.1", "l’adresse n’existe pas, ou n’existe plus"),
        ("5.1.10", "l’adresse n’existe pas, ou n’existe plus"),
        ("5.2.1", "l’adresse n’existe pas, ou n’existe plus"),
        ("4.2.2", "la boîte courriel est pleine"),
        ("4.4.7", "le serveur de cette adresse n’a pas répondu"),
        ("5.3.4", "le courriel est trop gros pour cette boîte"),
        ("5.7.26", "le serveur de cette adresse l’a refusé"),
        ("", "le serveur de cette adresse l’a refusé"),
    ],
)
def test_each_bounce_code_has_its_reason(code: str, why: str) -> None:
    with translation.override("fr-ca"):
        assert str(bounce_reason(code)) == why


def test_staff_filter_bounced_mails_and_read_their_reason(client: Client) -> None:
    staff = make_staff()
    other, back = _send("autre"), _send("retour")
    _report(back)
    shown = _page_text(client, staff)
    assert '<span class="state state-error">Retourné</span>' in shown
    assert '<span class="state state-success">Envoyé</span>' in shown
    for value in ("retourne", RECENT_BOUNCES_VALUE):
        found = client.get(LIST, {"courriel": value}).context["cl"].result_list
        assert [row.key for row in found] == ["retour"]
    page = _page_text(client, staff, reverse("admin:outbox_delivery_change", args=[back.delivery_id]))
    assert "l’adresse n’existe pas, ou n’existe plus." in page
    assert "550 5.1.1 &lt;camille@exemple.invalid&gt;: Recipient address rejected" in page
    _report(other, ARRIVED)
    assert '<span class="state state-success">Arrivé</span>' in _page_text(client, staff)


def test_an_old_bounce_is_not_counted_as_recent(client: Client) -> None:
    staff, message = make_staff(), _send("retour")
    _report(message)
    since = timezone.now() - RECENT_BOUNCE
    assert count_bounces(staff, since=since) == 1
    Message.objects.update(returned_at=since - timedelta(seconds=1))
    assert count_bounces(staff, since=since) == 0
    assert "retour</a>" not in _page_text(client, staff, courriel=RECENT_BOUNCES_VALUE)
    assert "retour</a>" in _page_text(client, staff, courriel="retourne")


def _resend(client: Client, *messages: Message) -> str:
    data = {"action": "resend", "_selected_action": [message.delivery_id for message in messages]}
    return client.post(LIST, data, follow=True).content.decode()


def test_a_returned_mail_is_sent_again_with_the_same_message_id(client: Client) -> None:
    message = _send()
    _report(message)
    client.force_login(make_staff())
    assert "1\u00a0envoi est relancé." in _resend(client, message)
    message.refresh_from_db()
    assert message.is_to_go_again
    assert message.returned_at is not None, "it came back, until it has left again"
    assert count_bounces(make_staff(), since=LONG_AGO) == 0, "somebody saw to it"
    state = message_state("TEST_MAIL", "1")
    assert state is not None
    assert (state.is_sent, state.has_returned) == (False, False), "it is on its way"
    assert Entry.objects.filter(action="MAIL_RESENT").count() == 1
    assert "1\u00a0envoi ne change pas" in _resend(client, message), "a second click sends no second one"
    for _time in range(2):
        tasks.deliver(message.delivery_id)
    first, second = mail.outbox
    assert first.message()["Message-ID"] == second.message()["Message-ID"] == message.message_id
    assert first.body == second.body
    message.refresh_from_db()
    ends = Message.objects.values_list("is_to_go_again", "returned_at", "report_words").get()
    assert ends == (False, None, "")
    assert Delivery.objects.get().state == Delivery.State.DONE
    assert [row.name for row in invariants_in("outbox") if list(row.violations())] == []


def test_the_arrival_of_a_mail_is_forgotten_once_it_is_sent_again() -> None:
    message = _send()
    _report(message, ARRIVED)
    resend_mail(delivery=message.delivery, actor=make_staff())
    tasks.deliver(message.delivery_id)
    message.refresh_from_db()
    assert (len(mail.outbox), message.arrived_at) == (2, None)


def test_the_page_of_a_returned_mail_has_the_button_to_send_again(client: Client) -> None:
    client.force_login(make_staff())
    message, waiting = _send(), post(kind="TEST_MAIL", key="attend")
    page = reverse("admin:outbox_delivery_change", args=[message.delivery_id])
    button = 'name="_selected_action" value="{}"'
    assert button.format(message.delivery_id) in client.get(page).content.decode()
    other = client.get(reverse("admin:outbox_delivery_change", args=[waiting.pk])).content.decode()
    assert "_selected_action" not in other
    sent = {"action": "resend", "_selected_action": [message.delivery_id], "from_its_page": "1"}
    answer = client.post(LIST, sent, follow=True)
    assert answer.redirect_chain == [(page, 302)]
    assert "1\u00a0envoi est relancé." in answer.content.decode()
    assert "_selected_action" not in client.get(page).content.decode(), "it waits"


def test_a_report_about_an_earlier_attempt_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    message = _send()
    Message.objects.update(sent_at=timezone.now() - timedelta(days=5))
    late = report(message.message_id, FULL, arrived=timezone.now() - timedelta(days=5))
    resend_mail(delivery=message.delivery, actor=make_administrator())
    assert "went again since, or is to" in _read(monkeypatch, late)
    tasks.deliver(message.delivery_id)
    assert "went again since, or is to" in _read(monkeypatch, late)
    message.refresh_from_db()
    assert message.returned_at is None
    assert "came back" in _read(monkeypatch, report(message.message_id, FULL, arrived=timezone.now()))


def test_an_obsolete_bounced_mail_is_not_sent_again() -> None:
    holds = [True]
    kinds.register_mail("TEST_LAPSES", lambda *_: LETTER, is_obsolete=lambda *_: not holds[0])
    delivery = post(kind="TEST_LAPSES", at=LONG_AGO)
    tasks.deliver(delivery.pk)
    message = Message.objects.get()
    _report(message)
    resend_mail(delivery=delivery, actor=make_administrator())
    holds[0] = False
    tasks.deliver(delivery.pk)
    message.refresh_from_db()
    assert len(mail.outbox) == 1
    assert message.returned_at is not None
    assert (message.is_to_go_again, message.let_go_at, Delivery.objects.get().state) == (False, None, "DONE")
    assert [row.name for row in invariants_in("outbox") if list(row.violations())] == []


def test_a_mail_that_fails_to_be_resent_counts_as_failed_and_not_as_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = _send()
    _report(message)
    resend_mail(delivery=message.delivery, actor=make_administrator())
    monkeypatch.setattr(EmailBackend, "send_messages", _refuse)
    for _attempt in range(5):
        Delivery.objects.update(due_at=LONG_AGO)
        tasks.deliver(message.delivery_id)
    state = message_state("TEST_MAIL", "1")
    assert state is not None
    assert (state.has_failed, state.is_sent, state.has_returned) == (True, False, False)


def _refuse(*_arguments: object) -> int:
    raise smtplib.SMTPDataError(554, b"no")


def test_a_mail_sent_again_outlives_an_outage_too(monkeypatch: pytest.MonkeyPatch) -> None:
    message = _send()
    Delivery.objects.update(created_at=LONG_AGO)
    resend_mail(delivery=message.delivery, actor=make_administrator())

    def away(*_arguments: object) -> int:
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", away)
    for _attempt in range(6):
        Delivery.objects.update(due_at=LONG_AGO)
        tasks.deliver(message.delivery_id)
    found = Delivery.objects.get()
    assert (found.state, found.outages) == (Delivery.State.PENDING, 6)
    assert backlog(older_than=timezone.now() - timedelta(minutes=1)).older == 0


def test_a_late_worker_does_not_complete_a_newer_request() -> None:
    message = _send()
    late = Delivery.objects.get()
    late.lease_token = uuid4()
    resend_mail(delivery=late, actor=make_administrator())
    assert leases.complete_delivery(delivery=late, at=timezone.now()) is False
    message.refresh_from_db()
    assert message.is_to_go_again


def test_a_returned_mail_replaced_by_a_later_one_is_not_counted(client: Client) -> None:
    staff, message = make_staff(), _send("première")
    _report(message)
    assert count_bounces(staff, since=LONG_AGO) == 1
    assert "première</a>" in _page_text(client, staff, courriel="retourne")
    other = _send("d’un autre sujet")
    Delivery.objects.filter(pk=other.delivery_id).update(subject_kind="accounts.user")
    assert count_bounces(staff, since=LONG_AGO) == 1
    _send("seconde")
    assert count_bounces(staff, since=LONG_AGO) == 0
    assert "première</a>" not in _page_text(client, staff, courriel="retourne")


def test_one_click_sends_again_only_a_limited_number(client: Client) -> None:
    client.force_login(make_staff())
    sent = [_send(str(number)) for number in range(RESENT_AT_ONCE + 1)]
    mail.outbox.clear()
    assert "renvoyez-en 20 au plus à la fois. Rien n’est renvoyé." in _resend(client, *sent)
    assert not Delivery.objects.exclude(state=Delivery.State.DONE).exists()
    across = {
        "action": "resend",
        "_selected_action": [sent[0].delivery_id],
        "select_across": "1",
        "index": "0",
    }
    assert "Rien n’est renvoyé" in client.post(LIST, across, follow=True).content.decode()
    assert "20\u00a0envois sont relancés." in _resend(client, *sent[1:])


def test_a_delivery_without_mail_or_with_an_erased_one_cannot_be_resent() -> None:
    job = post(kind="TEST_JOB", at=LONG_AGO)
    with pytest.raises(NotSentError):
        resend_mail(delivery=job, actor=make_administrator())
    tasks.deliver(job.pk)
    erased = _send()
    Message.objects.update(to_address="")
    for delivery in (job, erased.delivery):
        with pytest.raises(NotSentError):
            resend_mail(delivery=delivery, actor=make_administrator())


# -- A folder of reports ------------------------------------------------------------------------------------------
@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """A Maildir, as Postfix makes it."""
    for part in ("tmp", "new", "cur"):
        (tmp_path / "reports" / part).mkdir(parents=True)
    return tmp_path / "reports"


def _deliver(maildir: Path, raw: bytes, *, at: int) -> Path:
    """Put a mail in the folder, delivered `at`, in seconds since 1970."""
    file = maildir / "new" / f"{uuid4()}.mx"
    file.write_bytes(raw)
    os.utime(file, (at, at))
    return file


def _read_folder(maildir: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("read_mail_report", maildir=maildir, stdout=out, stderr=out, **options)
    return out.getvalue()


def test_all_reports_of_a_folder_are_recorded_and_deleted(maildir: Path) -> None:
    first, second, both = _send("1"), _send("2"), _send("3")
    _deliver(maildir, report(first.message_id), at=9)
    _deliver(maildir, report(second.message_id, ARRIVED), at=8)
    _deliver(maildir, report(both.message_id, FULL), at=7)
    _deliver(maildir, report(both.message_id, ARRIVED), at=6)
    _deliver(maildir, b"Subject: Absence\n\nJe suis absente.", at=1)
    _deliver(maildir, b"\xff" * 200_000, at=2)
    assert _read_folder(maildir) == "2 arrived, 2 came back, 2 left alone\n"
    assert list((maildir / "new").iterdir()) == []
    for message in (first, second, both):
        message.refresh_from_db()
    assert [each.returned_at is not None for each in (first, second, both)] == [True, False, True]
    assert _read_folder(maildir) == ""


def test_a_mail_that_cannot_be_read_stays_and_stops_no_other(
    maildir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    message = _send()
    (maildir / "new" / "folder").mkdir()
    os.utime(maildir / "new" / "folder", (1, 1))
    (maildir / "new" / "taken").symlink_to(maildir / "gone")
    _deliver(maildir, report(message.message_id), at=9)
    assert _read_folder(maildir) == "1 came back\n"
    assert {file.name for file in (maildir / "new").iterdir()} == {"folder", "taken"}
    warned = [record.getMessage() for record in caplog.records if record.levelname != "INFO"]
    assert warned == ["a report cannot be read or deleted (IsADirectoryError)"]


def test_reports_stay_in_the_folder_while_the_database_is_away(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deliver(maildir, report(_send().message_id), at=9)

    def away(*_arguments: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr("intake.outbox.management.commands.read_mail_report.record_report", away)
        with pytest.raises(SystemExit) as ended:
            _read_folder(maildir)
    assert ended.value.code == 75
    assert _read_folder(maildir) == "1 came back\n"
    with pytest.raises(CommandError, match="is no Maildir"):
        _read_folder(maildir / "new")


@pytest.mark.django_db(transaction=True)
def test_a_reader_that_follows_waits_for_the_database_and_ends_at_its_signal(
    maildir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deliver(maildir, report(_send().message_id), at=9)
    tries: list[int] = []

    def record(read: Report) -> Message | None:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError
        signal.raise_signal(signal.SIGTERM)
        return record_report(read)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    monkeypatch.setattr(read_mail_report, "record_report", record)
    monkeypatch.setattr(read_mail_report, "LOOK_SECONDS", 0.01)
    try:
        said = _read_folder(maildir, follow=True)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert said.splitlines()[1:] == ["1 came back"]
    assert list((maildir / "new").iterdir()) == []
