"""Limits, retries, attributes of kinds, and labels, as tables."""

import errno
import os
import smtplib
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from intake.documents.inspection import WALL_SECONDS
from intake.outbox import kinds, leases, messages, policy, wake
from intake.outbox.labels import bounce_reason, delivery_label
from intake.outbox.messages import DeliveryTooLongError, Letter
from intake.outbox.models import Delivery, Message
from intake.outbox.policy import Limits, backoff, limits_of
from intake.outbox.services import post_due
from intake.outbox.smtp import ReportedEmailBackend
from tests.outbox.conftest import AT, LETTER

# -- Figures


class Middle(Random):
    """Random generator that returns the middle of the range, and checks the range."""

    def uniform(self, a: float, b: float) -> float:
        """Return the middle of the outbox's range for jitter."""
        assert (a, b) == (0.5, 1.5)
        return (a + b) / 2


def test_a_delivery_is_tried_five_times_with_growing_delays() -> None:
    waits = [backoff(attempts, jitter=Middle()).total_seconds() for attempts in range(1, 7)]
    assert waits == [2, 30, 300, 1800, 1800, 1800]
    outage = [
        backoff(attempts, jitter=Middle(), steps=policy.OUTAGE_BACKOFF_SECONDS).total_seconds()
        for attempts in range(1, 7)
    ]
    assert outage == [1, 30, 300, 1200, 1200, 1200]
    assert (policy.MAX_ATTEMPTS, policy.OUTAGE_ALERT_ATTEMPT, policy.SWEEP_BATCH) == (5, 4, 500)
    assert timedelta(hours=48) == policy.OUTAGE_RETRY_WINDOW
    assert (timedelta(seconds=5), 1, 1) == (policy.LEASE, policy.RENEW_SECONDS, policy.SWEEP_INTERVAL_SECONDS)


def test_each_queue_has_its_time_limits_and_its_patience(settings: Settings) -> None:
    settings.OUTBOX_LIMITS = {"receipts": (2, 3)}
    assert {queue: limits_of(queue) for queue in policy.QUEUES} == {
        "filings": Limits(35, 40),
        "mail": Limits(10, 15),
        "receipts": Limits(2, 3),
        "documents": Limits(35, 40),
        "exports": Limits(1800, 1830),
        "uploads": Limits(65, 70),
    }
    del settings.OUTBOX_LIMITS
    assert limits_of("receipts") == Limits(35, 40)
    assert {queue: patience.total_seconds() for queue, patience in policy.NEGLECTED_AFTER.items()} == {
        "filings": 2,
        "mail": 2,
        "receipts": 3,
        "documents": 5,
        "exports": 10,
        "uploads": 2,
    }
    assert policy.QUEUES == ("filings", "mail", "receipts", "documents", "exports", "uploads")
    assert limits_of("uploads").soft > WALL_SECONDS, "an inspection ends by its own limit"
    assert {queue: policy.places_in(queue) for queue in policy.QUEUES} == {
        **dict.fromkeys(policy.QUEUES),
        "uploads": 2,
    }
    settings.UPLOADS_INSPECTED_AT_ONCE = 5
    assert policy.places_in("uploads") == 5


@pytest.mark.parametrize(
    "soft, hard, message", [(0, 1, "0 < hard 1"), (-1, 1, "-1 < hard 1"), (3, 3, "3 < hard 3")]
)
def test_limits_that_do_not_grow_are_refused(soft: int, hard: int, message: str) -> None:
    with pytest.raises(ValueError, match=f"^limits must grow: soft {message}$"):
        Limits(soft, hard)
    assert Limits(1, 2).soft == 1


# -- Kinds


@pytest.mark.usefixtures("registry")
def test_each_kind_is_registered_with_its_attributes() -> None:
    def run(_delivery: Delivery, _at: object) -> None: ...

    def compose(_delivery: Delivery, _at: object) -> Letter:
        return LETTER

    kinds.register_job("PLAIN", run, queue="exports")
    kinds.register_mail("FIRST", compose, queue="receipts", comes_first=True)
    kinds.register_periodic(
        "DAILY", run, every=timedelta(days=1), queue="mail", label="Jour", comes_first=True
    )
    kinds.register_periodic("EACH_SECOND", run, every=timedelta(seconds=1))
    said = [
        (kind.code, kind.queue, str(kind.label), kind.every, kind.comes_first) for kind in kinds.registered()
    ]
    assert said == [
        ("TEST_MAIL", "mail", "Courriel d’essai", None, False),
        ("TEST_JOB", "documents", "Tâche d’essai", None, False),
        ("PLAIN", "exports", "PLAIN", None, False),
        ("FIRST", "receipts", "FIRST", None, True),
        ("DAILY", "mail", "Jour", timedelta(days=1), True),
        ("EACH_SECOND", "documents", "EACH_SECOND", timedelta(seconds=1), False),
    ]
    assert kinds.get("PLAIN").handler is run
    assert [kind.code for kind in kinds.registered() if kind.every] == ["DAILY", "EACH_SECOND"]
    assert [kinds.in_queue(queue) for queue in policy.QUEUES] == [
        [],
        ["TEST_MAIL", "DAILY"],
        ["FIRST"],
        ["TEST_JOB", "EACH_SECOND"],
        ["PLAIN"],
        [],
    ]
    assert [kinds.priority_kinds(queue) for queue in policy.QUEUES] == [[], ["DAILY"], ["FIRST"], [], [], []]
    assert (kinds.label_of("DAILY"), kinds.label_of("GONE")) == ("Jour", "GONE")
    assert (
        kinds.register_job("PLAIN", run, queue="exports", label="Autre").label == "Autre"
    )  # registered again by the same function


@pytest.mark.usefixtures("registry")
@pytest.mark.django_db
def test_a_periodic_job_with_nothing_to_do_is_not_posted() -> None:
    needed: list[datetime] = []
    at = datetime(2027, 9, 30, 12, tzinfo=UTC)
    kinds.register_periodic(
        "SOMETIMES",
        lambda _delivery, _at: None,
        every=timedelta(seconds=1),
        is_needed=lambda asked: asked in needed,
    )
    post_due(at=at)
    assert not Delivery.objects.exists()
    needed.append(at)
    post_due(at=at)
    assert Delivery.objects.get().kind == "SOMETIMES"


@pytest.mark.usefixtures("registry")
def test_an_invalid_or_unknown_kind_is_refused_by_name() -> None:
    def run(_delivery: Delivery, _at: object) -> None: ...

    with pytest.raises(
        ValueError, match=r"^X: no queue 'fax', only filings, mail, receipts, documents, exports, uploads$"
    ):
        kinds.register_job("X", run, queue="fax")
    with pytest.raises(kinds.DuplicateKindError, match=r"^TEST_JOB is registered already$"):
        kinds.register_job("TEST_JOB", run, queue="documents")
    with pytest.raises(ValueError, match=r"^X: every 0:00:00\.999999 is too often$"):
        kinds.register_periodic("X", run, every=timedelta(seconds=1) - timedelta(microseconds=1))
    with pytest.raises(kinds.UnknownKindError, match=r"^X$"):
        kinds.get("X")
    assert [kind.code for kind in kinds.registered()] == ["TEST_MAIL", "TEST_JOB"]


# -- Words


@pytest.mark.parametrize(
    "codes, words",
    [
        (
            "5.1.0 5.1.1 5.1.6 5.1.10 5.2.1 5.4.1 5.4.4 5.4.310",
            "l’adresse n’existe pas, ou n’existe plus",
        ),
        ("4.2.2 5.2.2", "la boîte courriel est pleine"),
        ("4.4.1 4.4.316 5.4.7 4.3.2 5.3.2", "le serveur de cette adresse n’a pas répondu"),
        ("4.2.3 5.2.3 4.3.4 5.3.4", "le courriel est trop gros pour cette boîte"),
        (
            "- 5.0.0 5.1.7 5.1.11 5.2.0 5.4.2 5.4.31 5.4.3100 4.1.1 5.2.20 5.7.1 x5.1.1 5.1.1x 5x1.1 5.4x7 2.2.2",
            "le serveur de cette adresse l’a refusé",
        ),
    ],
)
def test_the_reason_of_a_bounce_follows_from_its_code(codes: str, words: str) -> None:
    with translation.override("fr"):
        assert {str(bounce_reason(code.strip("-"))) for code in codes.split(" ")} == {words}


def _mail(**fields: object) -> Message:
    return Message(to_address="camille@exemple.invalid", **fields)


@pytest.mark.parametrize(
    "state, outages, mail, said",
    [
        ("PENDING", 0, None, ("En attente", "none")),
        ("PENDING", 1, None, ("En attente d’un serveur", "warning")),
        ("LEASED", 1, {}, ("En cours", "info")),
        ("DEAD", 0, {"returned_at": AT}, ("En échec", "error")),
        ("DONE", 0, None, ("Effectué", "success")),
        ("DONE", 0, {"sent_at": AT}, ("Envoyé", "success")),
        ("DONE", 0, {"sent_at": AT, "returned_at": AT}, ("Retourné", "error")),
        ("DONE", 0, {"sent_at": AT, "arrived_at": AT}, ("Arrivé", "success")),
        ("DONE", 0, {"let_go_at": AT}, ("Abandonné", "none")),
    ],
)
def test_each_state_of_a_delivery_has_a_label_and_a_tone(
    state: str, outages: int, mail: dict[str, object] | None, said: tuple[str, str]
) -> None:
    delivery = Delivery(state=state, outages=outages)
    if mail is not None:
        delivery.message = _mail(delivery=delivery, **mail)
    with translation.override("fr"):
        word, tone = delivery_label(delivery)
        assert (str(word), tone) == said


# -- Errors


class _NamedError(Exception):
    def __init__(self, code: object) -> None:
        super().__init__("camille")
        self.code = code


HERE = f"{__name__}._NamedError"


@pytest.mark.parametrize(
    "error, said",
    [
        (ValueError("camille"), "builtins.ValueError"),
        (OSError(errno.ENOSPC, "camille"), f"builtins.OSError · errno {errno.ENOSPC}"),
        (OSError("camille"), "builtins.OSError"),
        (
            smtplib.SMTPRecipientsRefused({"a": (550, b"x"), "b": (451, b"y"), "c": (550, b"z")}),
            "smtplib.SMTPRecipientsRefused · smtp 451,550",
        ),
        (smtplib.SMTPDataError(554, b"camille"), "smtplib.SMTPDataError · smtp 554"),
        (DeliveryTooLongError(), "intake.outbox.messages.DeliveryTooLongError · too_long"),
        (_NamedError("A_CODE_2"), f"{HERE} · A_CODE_2"),
        (_NamedError("camille@exemple"), HERE),
        (_NamedError("é"), HERE),
        (_NamedError(""), HERE),
        (_NamedError(7), HERE),
    ],
    ids=repr,
)
def test_an_error_is_described_by_class_and_code_without_its_message(error: Exception, said: str) -> None:
    assert leases.describe_error(error) == said


def test_the_description_of_an_error_names_the_line_in_our_code() -> None:
    try:
        limits_of("fax")
    except KeyError as error:
        said = leases.describe_error(error)
    assert said.startswith("builtins.KeyError · intake/outbox/policy.py:")


# -- Mail by SMTP


@pytest.mark.parametrize(
    "reports, said",
    [
        (
            True,
            [
                ("mail", ("SIZE=9", "RET=HDRS")),
                ("rcpt", ("X", "NOTIFY=SUCCESS,FAILURE")),
            ],
        ),
        (False, [("mail", ("SIZE=9",)), ("rcpt", ("X",))]),
    ],
)
def test_a_backend_requests_reports_from_a_server_that_supports_them(
    said: list[tuple[str, tuple[str, ...]]], *, reports: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[str, tuple[str, ...]]] = []

    def hear(name: str) -> Any:
        def said_to_it(_client: object, _address: str, options: Any = ()) -> tuple[int, bytes]:
            found.append((name, tuple(options)))
            return 250, b"OK"

        return said_to_it

    monkeypatch.setattr(smtplib.SMTP, "mail", hear("mail"))
    monkeypatch.setattr(smtplib.SMTP, "rcpt", hear("rcpt"))
    monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda _client, name: reports and name == "dsn")
    client = ReportedEmailBackend(alias="default", host="localhost").connection_class()
    assert client.mail("a@exemple.invalid", ["SIZE=9"]) == (250, b"OK")
    assert client.rcpt("b@exemple.invalid", ["X"]) == (250, b"OK")
    assert found == said
    secure = ReportedEmailBackend(alias="default", host="localhost", use_ssl=True).connection_class
    assert issubclass(secure, smtplib.SMTP_SSL)
    assert not issubclass(type(client), smtplib.SMTP_SSL)


def test_a_message_id_contains_the_delivery_and_the_host_of_the_site(settings: Settings) -> None:
    delivery = Delivery()
    for site, host in (
        ("https://stages.exemple.invalid:8443/x", "stages.exemple.invalid"),
        ("", "localhost"),
    ):
        settings.SITE_URL = site
        assert messages.message_id_of(delivery) == f"<{delivery.public_id}@{host}>"
    assert messages.MAILER == "default"


# -- Waking


def test_a_wake_message_names_the_task_of_its_queue_with_short_timeouts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    def publish(_producer: object, _body: object, **options: Any) -> None:
        asked.append((options["routing_key"], options["headers"]["task"], options["expiration"]))

    monkeypatch.setattr("kombu.Producer.publish", publish)
    assert wake.wake(delivery_id=7, queue="receipts", expires=3.0)
    assert asked == [("receipts", "intake.outbox.tasks.deliver_receipts", 3.0)]
    assert wake.PUBLISH_OPTIONS == {
        "socket_connect_timeout": 0.25,
        "socket_timeout": 0.25,
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
    }


def test_waking_a_worker_does_not_wait_for_the_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []
    monkeypatch.setattr(
        wake, "_sender", lambda process: SimpleNamespace(submit=lambda *what: given.append((process, *what)))
    )
    wake.wake_async([(7, "mail")])
    assert given == [(os.getpid(), wake._wake_or_log, [(7, "mail")])]
