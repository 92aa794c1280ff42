"""The mail with a sign-in code: readable for every recipient, and never stored."""

import sys
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import translation

from intake.accounts.codes import issue_code
from intake.accounts.mailers import ConsoleCodeBackend, send_code
from intake.outbox.models import Delivery

PENDING = issue_code(email="alex@exemple.ca", at=datetime(2031, 1, 1, tzinfo=UTC))[0]


def test_the_mail_follows_the_reader_s_language() -> None:
    with translation.override("en"):
        send_code(pending=PENDING, code="123456")
    message: Any = mail.outbox[0]
    [html] = message.alternatives
    assert '<html lang="en"' in str(html.content)


@pytest.mark.django_db
def test_a_code_never_enters_the_outbox() -> None:
    send_code(pending=PENDING, code="123456")
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("Votre code de connexion", ["alex@exemple.ca"])
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert not Delivery.objects.exists()


def test_the_terminal_shows_a_code_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(StringIO):
        shown = ""

        def flush(self) -> None:
            self.shown = self.getvalue()

    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", pipe)
    ConsoleCodeBackend().send_messages([EmailMessage(subject="Bonjour", to=["alex@exemple.ca"])])
    assert pipe.shown == "Code de connexion pour alex@exemple.ca\u00a0: Bonjour\n"
