"""The mail with a sign-in code: readable for every recipient, and never stored."""

import re
import sys
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from django.conf import settings as dj_settings
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import translation
from pytest_django import Settings

from intake.accounts.codes import issue_code
from intake.accounts.mailers import LINE_LENGTH, ConsoleCodeBackend, format_code, send_code
from intake.outbox.models import Delivery
from intake.web.mails import wrap_text


def html_twin() -> str:
    message: Any = mail.outbox[0]
    [alternative] = message.alternatives
    assert alternative.mimetype == "text/html"
    return str(alternative.content)


def without_token(text: str) -> str:
    return re.sub(r"(/connexion/courriel/)[^/]+/", r"\1TOKEN/", text)


def test_a_code_is_written_in_two_groups() -> None:
    assert format_code("123456") == "123\u00a0456"


PENDING = issue_code(email="alex@exemple.ca", at=datetime(2031, 1, 1, tzinfo=UTC))[0]
MAIL = """Votre code de connexion\u00a0: 123\u00a0456

Inscrivez-le sur la page où vous l’avez demandé. Ce code est
valide 10\u00a0minutes et ne sert qu’une fois.

Vous n’avez plus cette page, ou elle ne permet plus d’essai\u00a0?
Ouvrez ce lien sur l’appareil de votre choix, pendant le même
temps\u00a0:
https://portail.exemple.ca/connexion/courriel/TOKEN/

Ne donnez ce code à personne, ni ce lien\u00a0: nous ne vous les
demanderons jamais, ni par téléphone ni par courriel.

Vous n’avez rien demandé\u00a0? Ignorez ce message\u00a0: sans lui,
personne ne peut entrer.

--
Une question\u00a0? Bureau des stages & des concours\u00a0:
bureau-des-stages-et-des-concours-du-ministere@exemple-de-tres-long.ca

Portail d’essai
https://portail.exemple.ca
Ce courriel est envoyé par le portail\u00a0: vous ne pouvez pas y
répondre.
"""


def test_the_text_mail_has_the_code_in_its_subject_and_wraps_no_address(settings: Settings) -> None:
    settings.PORTAL_NAME, settings.SITE_URL = "Portail d’essai", "https://portail.exemple.ca/"
    settings.PORTAL_CONTACT_UNIT = "Bureau des stages & des concours"
    settings.PORTAL_CONTACT_EMAIL = "bureau-des-stages-et-des-concours-du-ministere@exemple-de-tres-long.ca"
    send_code(pending=PENDING, code="123456")
    message: Any = mail.outbox[0]
    assert (message.subject, message.to, message.spaced_code) == (
        "Votre code de connexion",
        ["alex@exemple.ca"],
        "123\u00a0456",
    )
    assert without_token(message.body) == MAIL
    assert message.extra_headers == {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }


def test_long_lines_are_wrapped_at_spaces_only() -> None:
    words, long = "mot " * 15 + "mots", "a-" * 40 + "b"
    assert len(words) == 64
    assert wrap_text(f"\n{words}\n{words}s\n\n{long} fin\n\n", length=LINE_LENGTH) == (
        f"{words}\n{words.removesuffix(' mots')}\nmotss\n\n{long}\nfin\n"
    )


def test_the_html_part_contains_the_same_text() -> None:
    send_code(pending=PENDING, code="123456")
    twin = " ".join(html_twin().replace("\u00a0", "~").split())
    assert '<html lang="fr"' in twin
    assert "<title>Votre code de connexion</title>" in twin
    assert f'<div role="banner">{dj_settings.PORTAL_NAME}</div>' in twin
    assert "<h1>Votre code de connexion~: 123~456</h1>" in twin
    assert "Ce code est valide 10~minutes et ne sert" in twin
    contact = dj_settings.PORTAL_CONTACT_EMAIL
    unit = dj_settings.PORTAL_CONTACT_UNIT
    assert f'Une question~? {unit}~: <a href="mailto:{contact}">{contact}</a>.' in twin


def test_the_mail_follows_the_reader_s_language() -> None:
    with translation.override("en"):
        send_code(pending=PENDING, code="123456")
    assert '<html lang="en"' in html_twin()


@pytest.mark.django_db
def test_a_code_never_enters_the_outbox() -> None:
    send_code(pending=PENDING, code="123456")
    assert len(mail.outbox) == 1
    assert not Delivery.objects.exists()


def test_the_terminal_shows_one_clear_line(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    settings.MAILERS = settings.MAILERS | {"codes": {"BACKEND": "intake.accounts.mailers.ConsoleCodeBackend"}}
    send_code(pending=PENDING, code="123456")
    assert capsys.readouterr().out == "Code de connexion pour alex@exemple.ca\u00a0: 123\u00a0456\n"


def test_the_terminal_shows_a_code_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Pipe(StringIO):
        shown = ""

        def flush(self) -> None:
            self.shown = self.getvalue()

    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", pipe)
    ConsoleCodeBackend().send_messages([EmailMessage(subject="Bonjour", to=["alex@exemple.ca"])])
    assert pipe.shown == "Code de connexion pour alex@exemple.ca\u00a0: Bonjour\n"


def test_the_terminal_shows_the_subject_of_another_mail(capsys: pytest.CaptureFixture[str]) -> None:
    message = EmailMessage(subject="Bonjour", body="", to=["alex@exemple.ca", "sam@exemple.ca"])
    assert ConsoleCodeBackend().send_messages([message, message]) == 2
    line = "Code de connexion pour alex@exemple.ca, sam@exemple.ca\u00a0: Bonjour\n"
    assert capsys.readouterr().out == line * 2
