"""An outage is one of a server, seen within a minute and said once; what waited goes when the server answers."""

import json
import logging
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from intake.devtools.embedded import Urls
from intake.operations.metrics import read_deliveries
from intake.outbox import kinds, outages, selectors, smtp, tasks
from intake.outbox.models import Delivery, Outage
from intake.outbox.outages import Watch, end_outage, note_outage, open_outages
from intake.settings import services
from tests.outbox.conftest import Mailbox, application_address, post
from tests.outbox.mail_server import serving
from tests.outbox.worker.handlers import compose

MAIL = Outage.Server.MAIL
REFUSED = ConnectionRefusedError(111, "camille@exemple.invalid")


@pytest.fixture
def port() -> int:
    """Where no mail server listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_mails_that_find_their_server_away_wait_and_begin_one_outage(
    port: int, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MAILERS = {"default": services.mailer(f"smtp://127.0.0.1:{port}")}
    an_hour_ago = timezone.now() - timedelta(hours=1)
    for key in "abc":
        tasks.deliver(post(kind="TEST_MAIL", key=key, at=an_hour_ago).pk)
    (outage,) = open_outages()
    assert (outage.server, outage.reason) == (MAIL, "ConnectionRefusedError 111")
    errors = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert errors == ["outage of MAIL begins: ConnectionRefusedError 111"]
    samples = {(name, labels): value for name, labels, value in read_deliveries(selectors.database_instant())}
    assert samples["intake_queue_waiting", ("mail",)] == 3
    oldest = samples["intake_delivery_oldest_seconds", ("mail", "TEST_MAIL")]
    assert oldest == pytest.approx(3600, abs=60)


@pytest.mark.django_db
@pytest.mark.usefixtures("registry")
def test_what_waits_for_a_server_is_due_once_the_server_answers(
    port: int, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.MAILERS = {"default": services.mailer(f"smtp://127.0.0.1:{port}")}
    mail, later = post(kind="TEST_MAIL", at=timezone.now()), post(at=timezone.now() + timedelta(hours=1))
    Delivery.objects.filter(pk=mail.pk).update(outages=9, due_at=F("due_at") + timedelta(minutes=20))
    watch = Watch()
    watch.look()
    assert open_outages().get().server == MAIL
    mailbox = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    mailbox.start()
    try:
        watch.look()
    finally:
        mailbox.stop()
    assert not open_outages()
    assert Outage.objects.get().ended_at is not None
    due = Delivery.objects.filter(due_at__lte=selectors.database_instant())
    assert list(due) == [mail], later
    assert caplog.messages[-1] == "outage of MAIL ends: 1 deliveries that waited are due"


@pytest.mark.django_db
def test_an_outage_is_noted_at_most_every_five_seconds_and_by_its_first_reason() -> None:
    note_outage(MAIL, smtplib.SMTPAuthenticationError(535, b"camille@exemple.invalid"))
    Outage.objects.update(
        started_at=F("started_at") - timedelta(minutes=2), seen_at=F("seen_at") - timedelta(minutes=1)
    )
    before = Outage.objects.get()
    for _each in range(2):
        note_outage(MAIL, REFUSED)
    after = Outage.objects.get()
    assert (after.reason, after.started_at) == ("SMTPAuthenticationError 535", before.started_at)
    assert after.seen_at > before.seen_at


@pytest.mark.django_db
def test_a_server_that_fails_again_at_once_is_left_for_a_minute() -> None:
    note_outage(MAIL, REFUSED)
    assert end_outage(MAIL)
    note_outage(MAIL, REFUSED)
    assert not end_outage(MAIL), "it answered, and took no mail"
    Outage.objects.update(
        started_at=F("started_at") - timedelta(minutes=1),
        seen_at=F("seen_at") - timedelta(minutes=1),
        ended_at=F("ended_at") - timedelta(minutes=1),
    )
    assert end_outage(MAIL)
    assert not end_outage(MAIL), "there is none"


@pytest.mark.django_db
def test_a_server_that_is_away_is_checked_more_often(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def away() -> None:
        asked.append("mail")
        raise REFUSED

    monkeypatch.setattr(outages, "ASK", {MAIL: away, Outage.Server.CACHE: lambda: asked.append("cache")})
    seconds = [0.0]
    monkeypatch.setattr(outages, "monotonic", lambda: 1000 + seconds[0])
    watch = Watch()
    for now in (0, 2, 4, 31):
        seconds[0] = now
        watch.look()
    assert asked == ["mail", "cache", "mail", "mail", "mail", "cache"]


@pytest.mark.django_db
def test_an_outage_that_cannot_be_noted_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr(connection, "cursor", fail)
    note_outage(MAIL, REFUSED)
    assert caplog.messages == ["an outage of MAIL could not be noted (OperationalError)"]


# -- A second server --------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("mailer", ["default", "codes"])
def test_mails_leave_by_the_fallback_server_while_the_first_is_away(
    port: int, settings: Settings, mailer: str
) -> None:
    def send(subject: str) -> None:
        EmailMessage(subject, "Bonjour", to=["camille@exemple.invalid"]).send(using=mailer)

    with serving() as other:
        urls = f"smtp://127.0.0.1:{port}", f"smtp://127.0.0.1:{other.server_address[1]}"
        settings.MAILERS = {
            "default": services.mailer(urls[0], fallback=urls[1], reported=True),
            "codes": services.mailer(urls[0], fallback=urls[1]),
        }
        send("un")
        send("deux")
        assert len(other.letters) == 2
        assert open_outages().get().server == MAIL
        mailbox = Controller(Mailbox(), hostname="127.0.0.1", port=port)
        mailbox.start()
        smtp._left_until.clear()
        send("trois")
        mailbox.stop()
        assert len(other.letters) == 2, "the first one is back"
        smtp._left_until.clear()
        other.answers["MAIL"] = b"421 closing\r\n"
        with pytest.raises(smtplib.SMTPSenderRefused):
            send("quatre")
    assert {outage.server for outage in open_outages()} == {"MAIL", "FALLBACK_MAIL"}


@pytest.mark.django_db
def test_a_mail_that_the_first_server_refuses_is_not_offered_to_the_second(settings: Settings) -> None:
    with serving() as first, serving() as other:
        first.answers["RCPT"] = b"550 unknown\r\n"
        settings.MAILERS = {
            "default": services.mailer(
                f"smtp://127.0.0.1:{first.server_address[1]}",
                fallback=f"smtp://127.0.0.1:{other.server_address[1]}",
            )
        }
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            EmailMessage("un", "Bonjour", to=["camille@exemple.invalid"]).send()
        assert (other.heard, list(open_outages())) == ([], [])


@pytest.mark.django_db
def test_the_fallback_server_is_watched_too(port: int, settings: Settings) -> None:
    with serving() as first:
        settings.MAILERS = {
            "default": services.mailer(
                f"smtp://127.0.0.1:{first.server_address[1]}", fallback=f"smtp://127.0.0.1:{port}"
            )
        }
        Watch().look()
    assert open_outages().get().server == "FALLBACK_MAIL"


# -- The sweep as a process -------------------------------------------------------------------------------------
@pytest.fixture
def sweep(
    embedded_servers: Urls, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator["subprocess.Popen[bytes]"]:
    """The sweep of mails, without workers, whose mail server does not listen."""
    monkeypatch.setattr(kinds, "_kinds", {})
    kinds.register_mail("E2E_MAIL", compose)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.outbox.worker.settings",
        "E2E_DATABASE": json.dumps(application_address(embedded_servers)),
        "E2E_BROKER": embedded_servers.broker,
        "E2E_SMTP": f"smtp://127.0.0.1:{port}",
        "E2E_FOLDER": str(tmp_path),
        "DATABASE_URL": "named so that no server starts",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "sweep_outbox", "--queues", "mail"], env=environment
    )
    yield process
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def seconds_until(what: Callable[[], object], *, at_most: float) -> float:
    start = time.monotonic()
    while not what():
        assert time.monotonic() < start + at_most
        time.sleep(0.1)
    return time.monotonic() - start


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("sweep")
def test_the_sweep_finds_an_outage_and_sends_once_the_server_is_back(port: int) -> None:
    for key in "abcd":
        post(kind="E2E_MAIL", key=key, subject="camille@exemple.invalid", at=timezone.now())
    mails = Delivery.objects.filter(kind="E2E_MAIL")
    tried = mails.filter(outages__gt=0)
    seconds_until(lambda: open_outages().exists() and tried.count() == 4, at_most=60)
    mails.update(due_at=timezone.now() + timedelta(minutes=20))
    mailbox = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    mailbox.start()
    try:
        seconds_until(lambda: mails.filter(state="DONE").count() == 4, at_most=20)
    finally:
        mailbox.stop()
    assert not open_outages()
