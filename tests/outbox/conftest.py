"""A registry of kinds for each test, and helpers that post and send deliveries."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, transaction

from intake.devtools.embedded import Urls
from intake.outbox import kinds, services
from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.settings.services import database

AT = datetime(2027, 9, 1, 14, 0, tzinfo=UTC)
LETTER = Letter(
    to="camille@exemple.invalid",
    subject="2027-020 : candidature déposée",
    text="Bonjour Camille,\n",
    html="<p>Bonjour Camille,</p>",
)


def application_address(urls: Urls) -> dict[str, Any]:
    """Return Django's database settings for the application's role: processes refuse to serve as another one."""
    role = database(urls.database)
    address = {key: connection.settings_dict[key] for key in ("ENGINE", "NAME", "HOST", "PORT")}
    return address | {key: role[key] for key in ("USER", "PASSWORD")}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[int]]:
    """Register TEST_MAIL and TEST_JOB for this test. Return the deliveries for which each was run."""
    monkeypatch.setattr(kinds, "_kinds", {})
    runs: dict[str, list[int]] = {"TEST_MAIL": [], "TEST_JOB": []}

    def compose(delivery: Delivery, at: datetime) -> Letter:
        del at
        runs["TEST_MAIL"].append(delivery.pk)
        return LETTER

    def run(delivery: Delivery, at: datetime) -> None:
        del at
        runs["TEST_JOB"].append(delivery.pk)

    kinds.register_mail("TEST_MAIL", compose, label="Courriel d’essai")
    kinds.register_job("TEST_JOB", run, label="Tâche d’essai")
    return runs


@dataclass
class Mailbox:
    """Handler of an SMTP server that stores what it accepts."""

    received: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd's name
        """Accept the mail, or return the response that the test prepared."""
        del server, session
        if self.refusals:
            return self.refusals.pop()
        parsed = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        self.received.append(parsed)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    """An SMTP server for this test, and its port."""
    handler = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Record wakes instead of publishing them."""
    calls: list[tuple[int, str]] = []

    def wake(*, delivery_id: int, queue: str, **options: object) -> bool:
        del options
        calls.append((delivery_id, queue))
        return True

    monkeypatch.setattr("intake.outbox.services.wake_async", calls.extend)
    monkeypatch.setattr("intake.outbox.tasks.wake", wake)
    return calls


def post(*, kind: str = "TEST_JOB", key: str = "1", at: datetime = AT, subject: str = "objet") -> Delivery:
    """Post a delivery in its own transaction."""
    with transaction.atomic():
        return services.post(kind=kind, key=key, subject=subject, at=at)
