"""Posting a delivery: idempotent, inside a transaction, and independent of the broker."""

import socket
import time
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from kombu import Connection
from pytest_django import DjangoCaptureOnCommitCallbacks

from intake.accounts.models import User
from intake.journal.models import Entry
from intake.outbox import kinds, services, wake
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant
from tests.database_roles import as_owner
from tests.outbox.conftest import AT, post

pytestmark = pytest.mark.usefixtures("registry")


@pytest.mark.django_db
def test_posting_twice_writes_one_row_and_one_wake_message(
    woken: list[tuple[int, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = post(key="same")
        second = post(key="same")
    assert first == second
    assert first.public_id == second.public_id
    assert Delivery.objects.count() == 1
    assert woken == [(first.pk, "documents")]


@pytest.mark.django_db
def test_deliveries_that_are_posted_together_are_woken_by_one_message(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    messages: list[list[tuple[int, str]]] = []
    monkeypatch.setattr("intake.outbox.services.wake_async", messages.append)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            services.post_together(kinds_posted=["TEST_MAIL", "TEST_JOB"], key="1", subject="objet", at=AT)
    assert [[queue for _delivery, queue in message] for message in messages] == [["mail", "documents"]]


@pytest.mark.django_db(transaction=True)
def test_posting_outside_a_transaction_is_refused() -> None:
    with pytest.raises(services.OutsideTransactionError):
        services.post(kind="TEST_JOB", key="1", subject="objet", at=AT)
    assert not Delivery.objects.exists()


@pytest.mark.django_db
def test_a_kind_must_be_registered_once_with_a_known_queue() -> None:
    with pytest.raises(kinds.UnknownKindError):
        post(kind="NOBODY")
    with pytest.raises(kinds.DuplicateKindError):
        kinds.register_job("TEST_JOB", lambda _delivery, _at: None)
    with pytest.raises(ValueError, match="no queue"):
        kinds.register_job("OTHER", lambda _delivery, _at: None, queue="nobody")


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_removes_its_delivery(woken: list[tuple[int, str]]) -> None:
    with transaction.atomic():
        services.post(kind="TEST_JOB", key="1", subject="objet", at=AT)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert woken == []


@pytest.mark.django_db
def test_a_retried_dead_delivery_gets_all_attempts_and_a_journal_entry(
    woken: list[tuple[int, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    delivery = post()
    with as_owner():
        person = User.objects.create(email="staff@exemple.invalid", is_staff=True)
    Delivery.objects.update(state="DEAD", attempts=5, last_error="builtins.OSError")
    with django_capture_on_commit_callbacks(execute=True):
        services.retry_delivery(delivery=delivery, actor=person)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.last_error) == ("PENDING", 0, "builtins.OSError")
    assert woken == [(delivery.pk, "documents")]
    assert Entry.objects.get(action="DELIVERY_RETRIED").actor == person


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["PENDING", "DONE"])
def test_only_a_dead_delivery_may_be_retried(state: str) -> None:
    delivery = post()
    Delivery.objects.update(state=state, done_at=AT if state == "DONE" else None)
    with as_owner():
        person = User.objects.create(email="staff@exemple.invalid", is_staff=True)
    with pytest.raises(services.NotDeadError):
        services.retry_delivery(delivery=delivery, actor=person)
    assert Delivery.objects.get().state == state
    assert not Entry.objects.filter(action="DELIVERY_RETRIED").exists()


@pytest.fixture
def hung_port() -> Iterator[int]:
    """A port that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.setattr(wake, "broker_answers", lambda: False)
    wake.breaker.close()
    yield monkeypatch
    wake.breaker.close()


def _use_broker(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    connection = Connection(f"redis://127.0.0.1:{port}/0", transport_options=wake.PUBLISH_OPTIONS)
    monkeypatch.setattr(wake, "_connection", lambda: connection)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_neither_fails_nor_slows_a_request(broker: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    _use_broker(broker, port)
    began = time.monotonic()
    for key in range(20):
        post(key=str(key))
    assert time.monotonic() - began < 2
    assert Delivery.objects.filter(state="PENDING").count() == 20


@pytest.mark.django_db(transaction=True)
def test_posting_does_not_wait_for_a_broker_that_hangs(broker: pytest.MonkeyPatch, hung_port: int) -> None:
    _use_broker(broker, hung_port)
    waited = []
    for key in range(4):  # shared machine: the shortest time is that of the code
        wake.breaker.close()
        began = time.monotonic()
        post(key=str(key))
        waited.append(time.monotonic() - began)
        while not wake.breaker.is_open:
            assert time.monotonic() - began < 20, "a thread asks, and finds out"
            time.sleep(0.02)
    assert min(waited) < wake.PUBLISH_OPTIONS["socket_timeout"] / 2
    assert Delivery.objects.filter(state="PENDING").count() == 4


def test_an_error_while_waking_is_logged_without_its_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_woken: object) -> bool:
        message = "camille@exemple.invalid"
        raise ValueError(message)

    monkeypatch.setattr(wake, "publish_with_timeout", fail)
    wake._wake_or_log([(1, "mail"), (2, "receipts")])
    assert caplog.messages == ["the workers of mail, receipts could not be woken (ValueError)"]


@pytest.mark.django_db
def test_many_deliveries_are_posted_in_one_statement_without_waking(
    woken: list[tuple[int, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    first = post(key="1")
    with django_capture_on_commit_callbacks(execute=True), CaptureQueriesContext(connection) as captured:
        services.post_many(kind="TEST_JOB", subjects={str(key): "objet" for key in range(1, 6)}, at=AT)
    assert len(captured) == 1
    assert Delivery.objects.filter(kind="TEST_JOB", state="PENDING", due_at=AT).count() == 5
    assert Delivery.objects.get(key="1") == first
    assert woken == []


@pytest.mark.django_db
def test_a_delivery_posted_without_instant_is_due_by_the_database_clock() -> None:
    before = database_instant()
    with transaction.atomic():
        delivery = services.post(kind="TEST_JOB", key="at once", subject="objet")
    assert before <= delivery.due_at == delivery.created_at <= database_instant()
    delivery.refresh_from_db()
    assert before <= delivery.due_at == delivery.created_at <= database_instant()
