"""`manage.py send_probe_mail`: one mail at once, and the server's own answer."""

from collections.abc import Iterator
from email import message_from_string
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.outbox.mail_server import MailServer, serving

TO = "exploitation@exemple.ca"


@pytest.fixture
def server(settings: Settings) -> Iterator[MailServer]:
    settings.DEFAULT_FROM_EMAIL = "Stages OIG <ne-pas-repondre@exemple.ca>"
    with serving() as server:
        _use(settings, server.server_address[1])
        yield server


def _use(settings: Settings, port: int) -> None:
    options: dict[str, Any] = {"host": "127.0.0.1", "port": port, "timeout": 5}
    mailer = {"BACKEND": "intake.outbox.smtp.ReusingEmailBackend", "OPTIONS": options}
    settings.MAILERS = {**settings.MAILERS, "default": mailer}


def _said(address: str = TO) -> str:
    out = StringIO()
    call_command("send_probe_mail", address, stdout=out)
    return out.getvalue().strip()


def test_the_server_that_took_the_mail_is_named_with_its_answer(server: MailServer) -> None:
    port = server.server_address[1]
    assert (
        _said() == f"127.0.0.1:{port} took the mail from Stages OIG <ne-pas-repondre@exemple.ca>: 250 taken"
    )
    [letter] = server.letters
    assert message_from_string(letter)["To"] == TO
    assert f"rcpt to:<{TO}>" in server.heard


@pytest.mark.parametrize(
    "verb, answer",
    [
        ("MAIL", b"553 sender not yours\r\n"),
        ("RCPT", b"550 no such mailbox\r\n"),
        ("DATA", b"451 later\r\n"),
        ("EHLO", b"421 busy\r\n"),
    ],
)
def test_a_refusal_at_any_step_ends_with_the_answer_of_the_server(
    server: MailServer, verb: str, answer: bytes
) -> None:
    server.answers |= {verb: answer} | ({"HELO": answer} if verb == "EHLO" else {})
    with pytest.raises(CommandError, match=answer.decode().strip()) as refusal:
        _said()
    assert (refusal.value.returncode, server.letters) == (1, [])


def test_a_server_that_is_away_is_named(server: MailServer, settings: Settings) -> None:
    _use(settings, 1)
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1 does not answer") as refusal:
        _said()
    assert refusal.value.returncode == 1


def test_a_text_that_is_no_address_sends_nothing(server: MailServer) -> None:
    with pytest.raises(CommandError, match="is no address") as refusal:
        _said("exploitation")
    assert (refusal.value.returncode, server.heard) == (2, [])
