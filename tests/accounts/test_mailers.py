"""The mail that carries a code: readable by all, kept by nobody."""

from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import translation
from pytest_django import Settings

from intake.accounts.mailers import send_code, spell_code
from intake.outbox.models import Delivery


def html_twin() -> str:
    message: Any = mail.outbox[0]
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return str(alternative.content)


def test_a_code_is_written_in_two_groups() -> None:
    assert spell_code("123456") == "123\u00a0456"


def test_the_mail_says_the_code_first_in_short_lines() -> None:
    send_code(email="alex@exemple.ca", code="123456")
    [message] = mail.outbox
    body = str(message.body)
    assert message.to == ["alex@exemple.ca"]
    assert message.subject == "Votre code de connexion"
    assert body.splitlines()[0] == "Votre code de connexion\u00a0: 123\u00a0456"
    assert max(len(line) for line in body.splitlines()) <= 60
    assert "15\u00a0minutes" in body
    assert "&#" not in body
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_html_twin_says_the_same() -> None:
    send_code(email="alex@exemple.ca", code="123456")
    twin = html_twin()
    assert '<html lang="fr"' in twin
    assert "123\u00a0456" in twin
    assert "15\u00a0minutes" in twin


def test_the_mail_follows_the_reader_s_language() -> None:
    with translation.override("en"):
        send_code(email="alex@exemple.ca", code="123456")
    assert '<html lang="en"' in html_twin()


@pytest.mark.django_db
def test_a_code_never_enters_the_outbox() -> None:
    send_code(email="alex@exemple.ca", code="123456")
    assert len(mail.outbox) == 1
    assert not Delivery.objects.exists()


def test_the_terminal_shows_one_clear_line(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.MAILERS = settings.MAILERS | {"codes": {"BACKEND": "intake.accounts.mailers.ConsoleCodeBackend"}}
    send_code(email="alex@exemple.ca", code="123456")
    assert capsys.readouterr().out == "Code de connexion pour alex@exemple.ca\u00a0: 123\u00a0456\n"


def test_the_terminal_shows_the_subject_of_another_mail(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.MAILERS = settings.MAILERS | {"codes": {"BACKEND": "intake.accounts.mailers.ConsoleCodeBackend"}}
    EmailMessage(subject="Bonjour", body="", to=["alex@exemple.ca"]).send(using="codes")
    assert "Bonjour" in capsys.readouterr().out
