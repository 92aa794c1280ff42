"""Mails that follow one another use one connection to the mail server, as long as it answers."""

import smtplib
from collections.abc import Iterator

import pytest
from django.core.mail import EmailMessage

from intake.outbox import smtp
from intake.outbox.smtp import ReportedEmailBackend
from tests.outbox.mail_server import MailServer, serving


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving("DSN") as mail_server:
        yield mail_server


def _send(server: MailServer, subject: str) -> int:
    backend = ReportedEmailBackend(
        alias="default", host="127.0.0.1", port=server.server_address[1], timeout=6
    )
    return backend.send_messages(
        [EmailMessage(subject, "Bonjour", "stages@portail.invalid", ["camille@exemple.invalid"])]
    )


def _connections(server: MailServer) -> int:
    return sum(line.startswith("ehlo") for line in server.heard)


def _subjects(server: MailServer) -> list[str]:
    return [
        line.removeprefix("Subject: ")
        for letter in server.letters
        for line in letter.splitlines()
        if line.startswith("Subject: ")
    ]


def test_the_next_mails_use_the_same_connection(server: MailServer) -> None:
    assert [_send(server, subject) for subject in ("un", "deux", "trois")] == [1, 1, 1]
    assert (_subjects(server), _connections(server)) == (["un", "deux", "trois"], 1)


@pytest.mark.parametrize("answer", [None, b"421 closing\r\n", b""], ids=["closed", "refused", "mute"])
def test_a_connection_that_no_longer_answers_is_replaced(server: MailServer, answer: bytes | None) -> None:
    _send(server, "un")
    server.answers["NOOP"] = answer
    assert _send(server, "deux") == 1
    assert (_subjects(server), _connections(server)) == (["un", "deux"], 2)


def test_a_connection_without_mails_for_long_is_replaced(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _send(server, "un")
    monkeypatch.setattr(smtp, "IDLE_SECONDS", 0)
    _send(server, "deux")
    assert (_subjects(server), _connections(server)) == (["un", "deux"], 2)
    assert "noop" not in server.heard


def test_the_connection_of_a_refused_mail_is_closed(server: MailServer) -> None:
    server.answers["DATA"] = b"451 later\r\n"
    with pytest.raises(smtplib.SMTPDataError):
        _send(server, "un")
    assert server.heard[-1].upper() == "QUIT"
    server.answers.clear()
    _send(server, "deux")
    assert (_subjects(server), _connections(server)) == (["deux"], 2)


def test_a_forked_process_opens_its_own_connection(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _send(server, "un")
    monkeypatch.setattr("os.getpid", lambda: -1)
    _send(server, "deux")
    assert (_subjects(server), _connections(server)) == (["un", "deux"], 2)


def test_a_server_is_checked_without_a_mail(server: MailServer) -> None:
    backend = ReportedEmailBackend(alias="default", host="127.0.0.1", port=server.server_address[1])
    backend.ask()
    assert [line.split(" ")[0] for line in server.heard] == ["ehlo", "mail", "quit"]
    server.answers["MAIL"] = b"550 not here\r\n"
    with pytest.raises(smtplib.SMTPSenderRefused):
        backend.ask()
    server.answers["EHLO"] = server.answers["HELO"] = None
    with pytest.raises(smtplib.SMTPServerDisconnected):
        backend.ask()
