"""The mail of a delivery: composed once, stored, and sent from the stored row."""

import smtplib
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.mail.backends.locmem import EmailBackend
from django.template.loader import render_to_string
from pytest_django import Settings

from intake.journal.invariants import invariants_in
from intake.outbox import kinds, tasks
from intake.outbox.messages import Attachment, Letter
from intake.outbox.models import Delivery, Message
from tests.outbox.conftest import AT, LETTER, post
from tests.outbox.reporting import message_state

pytestmark = pytest.mark.django_db

LONG_AGO = AT - timedelta(days=365 * 50)


def test_a_mail_has_a_text_part_an_html_part_and_its_message_id(
    registry: dict[str, list[int]], settings: Settings
) -> None:
    settings.SITE_URL = "https://stages.exemple.invalid:8443/x"
    delivery = post(kind="TEST_MAIL", at=LONG_AGO)
    tasks.deliver(delivery.pk)
    (sent,) = mail.outbox
    raw = sent.message()
    assert raw["Message-ID"] == f"<{delivery.public_id}@stages.exemple.invalid>"
    assert [part.get_content_type() for part in raw.iter_parts()] == ["text/plain", "text/html"]
    assert sent.to == [LETTER.to]
    state = message_state("TEST_MAIL", "1")
    assert state is not None
    assert state.is_sent
    assert state.to_address == LETTER.to
    assert registry["TEST_MAIL"] == [delivery.pk]


def test_a_failed_mail_is_resent_as_composed_with_the_same_message_id(
    registry: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = post(kind="TEST_MAIL", at=LONG_AGO)
    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", _refuse)
        tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.PENDING
    assert delivery.last_error.startswith("smtplib.SMTPDataError · smtp 451")
    stored = Message.objects.get()
    assert stored.sent_at is None

    Delivery.objects.update(due_at=LONG_AGO)
    tasks.deliver(delivery.pk)
    (sent,) = mail.outbox
    assert sent.message()["Message-ID"] == stored.message_id
    assert registry["TEST_MAIL"] == [delivery.pk]  # composed once


def _refuse(_backend: object, _messages: object) -> int:
    raise smtplib.SMTPDataError(451, b"later")


def test_a_sent_mail_is_not_sent_again(registry: dict[str, list[int]]) -> None:
    delivery = post(kind="TEST_MAIL", at=LONG_AGO)
    tasks.deliver(delivery.pk)
    # As if the worker died in between: sent, and not marked DONE.
    Delivery.objects.update(state="PENDING", done_at=None)
    tasks.deliver(delivery.pk)
    assert len(mail.outbox) == 1
    assert registry["TEST_MAIL"] == [delivery.pk]
    assert Delivery.objects.get().state == "DONE"


class _CutOffError(BaseException):
    """A worker that dies: no later line of it runs."""


def test_an_obsolete_mail_that_may_have_been_sent_is_dropped_and_readable(
    registry: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    del registry
    is_over: list[bool] = []
    kinds.register_mail("TEST_LAPSES", lambda *_: LETTER, is_obsolete=lambda *_: bool(is_over))
    delivery = post(kind="TEST_LAPSES", at=LONG_AGO)

    def die(*_: object, **__: object) -> None:
        raise _CutOffError

    with monkeypatch.context() as patch, pytest.raises(_CutOffError):
        patch.setattr("intake.outbox.leases.complete_delivery", die)
        tasks.deliver(delivery.pk)
    assert len(mail.outbox) == 1, "the server took it, and nobody could say so"

    is_over.append(True)
    Delivery.objects.update(leased_until=LONG_AGO)
    tasks.deliver(delivery.pk)
    stored = Message.objects.get()
    assert (stored.delivery.state, stored.sent_at, len(mail.outbox)) == ("DONE", None, 1)
    assert stored.let_go_at is not None
    assert not any(list(invariant.violations()) for invariant in invariants_in("outbox"))
    assert "peut-être remis" in render_to_string("outbox/message.html", {"message": stored})

    # The worker died before it stored the drop; later the mail is no longer obsolete.
    is_over.clear()
    Delivery.objects.update(state="PENDING", done_at=None)
    tasks.deliver(delivery.pk)
    stored.refresh_from_db()
    assert stored.let_go_at is None
    assert stored.sent_at is not None


def test_a_delivery_obsolete_before_composition_stores_no_mail(registry: dict[str, list[int]]) -> None:
    del registry
    kinds.register_mail("TEST_LAPSED", lambda *_: LETTER, is_obsolete=lambda *_: True)
    delivery = post(kind="TEST_LAPSED", at=LONG_AGO)
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, mail.outbox, Message.objects.exists()) == ("DONE", [], False)


def test_a_server_that_accepts_no_mail_fails_the_delivery(
    registry: dict[str, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    del registry
    delivery = post(kind="TEST_MAIL", at=LONG_AGO)
    monkeypatch.setattr(EmailBackend, "send_messages", lambda _backend, _messages: 0)
    tasks.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, "nothing_sent" in delivery.last_error) == ("PENDING", True)
    assert Message.objects.get().sent_at is None


def test_attachments_are_read_from_their_storage_when_sending(registry: dict[str, list[int]]) -> None:
    del registry
    name = default_storage.save("essai/dossier.pdf", ContentFile(b"%PDF-1.7 essai"))

    def compose(delivery: Delivery, at: datetime) -> Letter:
        del delivery, at
        return Letter(
            to="a@exemple.invalid",
            subject="Dossier",
            text="Voici.\n",
            attachments=(Attachment(name, "2027-020-000001.pdf", "application/pdf"),),
        )

    kinds.register_mail("TEST_FILE", compose)
    tasks.deliver(post(kind="TEST_FILE", at=LONG_AGO).pk)
    (sent,) = mail.outbox
    (attached,) = sent.message().iter_attachments()
    assert (attached.get_filename(), attached.get_content_type(), attached.get_content()) == (
        "2027-020-000001.pdf",
        "application/pdf",
        b"%PDF-1.7 essai",
    )


def test_a_missing_attachment_fails_the_mail(registry: dict[str, list[int]]) -> None:
    del registry
    kinds.register_mail(
        "TEST_GONE",
        lambda _delivery, _at: Letter(
            to="a@exemple.invalid",
            subject="Dossier",
            text="Voici.\n",
            attachments=(Attachment("nowhere.pdf", "x.pdf", "application/pdf"),),
        ),
    )
    pk = post(kind="TEST_GONE", at=LONG_AGO).pk
    tasks.deliver(pk)
    assert "FileNotFoundError" in Delivery.objects.get(pk=pk).last_error
    assert mail.outbox == []


@pytest.mark.usefixtures("registry")
def test_a_mail_is_sent_by_the_default_mailer_and_not_that_of_codes(settings: Settings) -> None:
    nowhere = {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    settings.MAILERS = settings.MAILERS | {"codes": nowhere}
    tasks.deliver(post(kind="TEST_MAIL", at=LONG_AGO).pk)
    assert [sent.to for sent in mail.outbox] == [[LETTER.to]]
    settings.MAILERS = settings.MAILERS | {"default": nowhere}
    tasks.deliver(post(kind="TEST_MAIL", key="2", at=LONG_AGO).pk)
    assert len(mail.outbox) == 1, "it leaves by the default mailer"
