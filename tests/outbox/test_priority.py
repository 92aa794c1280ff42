"""A receipt is sent before mails that are posted in thousands, however long these have been due."""

import threading
from datetime import timedelta

import pytest

from intake.outbox import fallback_workers, kinds, selectors, tasks
from intake.outbox.messages import Letter
from intake.outbox.models import Delivery
from intake.submissions.delivery_kinds import DRAFT_REMINDER_MAIL, OFFER_CHANGE_MAIL, RECEIPT_MAIL
from tests.outbox.conftest import LETTER, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent() -> list[str]:
    """The keys of the sent mails, in order."""
    return []


@pytest.fixture(autouse=True)
def rows(registry: dict[str, list[int]], sent: list[str]) -> dict[str, Delivery]:
    """Three reminders that have been due for a while, and a receipt that was just posted."""
    del registry

    def compose(delivery: Delivery, _at: object) -> Letter:
        sent.append(delivery.key)
        return LETTER

    kinds.register_mail("BY_THE_THOUSAND", compose)
    kinds.register_mail("RECEIPT", compose, comes_first=True)
    at = selectors.database_instant()
    found = {key: post(kind="BY_THE_THOUSAND", key=key, at=at - timedelta(hours=1)) for key in "abc"}
    return found | {"receipt": post(kind="RECEIPT", key="receipt", at=at)}


def test_a_wake_for_another_mail_sends_the_receipt_and_is_reposted(
    rows: dict[str, Delivery], sent: list[str], woken: list[tuple[int, str]]
) -> None:
    tasks.deliver_by_priority(rows["a"].pk)
    assert sent == ["receipt"]
    assert woken == [(rows["a"].pk, "mail")]
    for key in ("a", "receipt", "b"):  # the receipt's own wake finds it DONE
        tasks.deliver_by_priority(rows[key].pk)
    assert sent == ["receipt", "a", "b"]
    assert len(woken) == 1


def test_a_receipt_waiting_for_a_retry_delays_no_other_mail(
    rows: dict[str, Delivery], sent: list[str], woken: list[tuple[int, str]]
) -> None:
    later = selectors.database_instant() + timedelta(minutes=5)
    Delivery.objects.filter(pk=rows["receipt"].pk).update(due_at=later)
    tasks.deliver_by_priority(rows["a"].pk)
    assert (sent, woken) == (["a"], [])


@pytest.mark.usefixtures("woken")
def test_without_the_broker_the_receipt_is_sent_first_too(rows: dict[str, Delivery], sent: list[str]) -> None:
    assert fallback_workers.deliver_due(queue="mail", stop=threading.Event(), linger=0) == len(rows)
    assert sent == ["receipt", "a", "b", "c"]


def test_a_receipt_posted_meanwhile_is_sent_before_the_next_mail(
    rows: dict[str, Delivery], sent: list[str], woken: list[tuple[int, str]]
) -> None:
    tasks.deliver_by_priority(rows["receipt"].pk)
    post(kind="RECEIPT", key="newer", at=selectors.database_instant())
    tasks.deliver_by_priority(rows["b"].pk)
    assert sent == ["receipt", "newer"]
    assert woken == [(rows["b"].pk, "mail")]


def test_receipts_and_roots_are_the_kinds_with_priority(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    first = kinds.priority_kinds("mail")
    assert RECEIPT_MAIL in first
    assert not {OFFER_CHANGE_MAIL, DRAFT_REMINDER_MAIL} & set(first)
    assert kinds.priority_kinds("documents") == ["PUBLIC_LOG"]  # a root does not wait behind dossiers
