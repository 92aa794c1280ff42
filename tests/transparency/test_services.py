"""Appending receipts to the log and publishing its root: in order, once each, also by concurrent workers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from intake.outbox.models import Delivery
from intake.signing.services import NoKeyError, known_keys
from intake.transparency import merkle, selectors, services
from intake.transparency.auditing import FaultKind, audit_log
from intake.transparency.checking import ProofRefusedError, Refusal, check_inclusion
from intake.transparency.documents import inclusion_document
from intake.transparency.leaves import hash_text
from intake.transparency.models import Leaf, Node, Root
from tests.database_roles import without_triggers
from tests.transparency.conftest import FakeReceiptSource, publish, publish_new

EVENING = datetime(2027, 9, 1, 19, tzinfo=UTC)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, db: None) -> Iterator[Callable[[datetime], None]]:
    """Function that sets the instant that the database returns. The triggers on roots are disabled."""
    del db
    with without_triggers("transparency_root"):
        yield lambda at: monkeypatch.setattr(services, "database_instant", lambda: at)


def _tree() -> merkle.Tree:
    tree = merkle.Tree()
    for text in Leaf.objects.order_by("position").values_list("text", flat=True):
        tree.add(hash_text(text))
    return tree


@pytest.mark.django_db
def test_receipts_enter_the_log_in_order_of_receipt_in_batches(
    shelf: FakeReceiptSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 3)
    numbers = shelf.receive(7)
    assert [services.append_leaves() for _ in range(4)] == [3, 3, 1, 0]
    numbers += shelf.receive(2)
    assert services.append_leaves() == 2
    leaves = Leaf.objects.order_by("position").values_list("position", "number")
    assert list(leaves) == list(enumerate(numbers))
    assert selectors.hashes_of_ranges([(0, 9)]) == [_tree().root]
    assert Node.objects.count() == 9 + 4 + 2 + 1


@pytest.mark.django_db
def test_a_root_is_published_every_hour_and_again_within_it_if_the_log_grew(
    shelf: FakeReceiptSource, told: Callable[[datetime], None]
) -> None:
    told(EVENING)
    empty = publish_new()
    assert (empty.size, bytes.fromhex(empty.hash)) == (0, merkle.EMPTY_ROOT)
    told(EVENING + timedelta(minutes=58))
    assert publish() is None
    shelf.receive()
    assert publish_new().rank == 2
    told(EVENING + timedelta(minutes=59))
    assert publish() is None
    told(EVENING + timedelta(hours=1))
    again = publish_new()
    assert (again.rank, again.size) == (3, 1)
    told(EVENING + timedelta(hours=1, minutes=30))
    assert publish() is None


@pytest.mark.django_db
def test_a_filing_dated_in_a_period_without_filings_is_backdated(
    shelf: FakeReceiptSource, told: Callable[[datetime], None]
) -> None:
    shelf.receive(at=EVENING - timedelta(minutes=5))
    for hours in range(14):  # from 19 h to 8 h, without a filing
        told(EVENING + timedelta(hours=hours))
        publish()
    (number,) = shelf.receive(
        at=EVENING + timedelta(hours=4.5)
    )  # written by the database's owner, the day after
    told(EVENING + timedelta(hours=14))
    root = publish_new()
    document = inclusion_document(Leaf.objects.get(number=number), root)
    with pytest.raises(ProofRefusedError) as refused:
        check_inclusion(document, known_keys(), receipt=shelf.kept[number])
    assert refused.value.code == Refusal.BACKDATED
    audit = audit_log(keys=known_keys(), at=root.published_at)
    assert [(fault.kind, fault.number) for fault in audit.faults] == [(FaultKind.BACKDATED, number)]


@pytest.mark.django_db
def test_the_job_logs_every_receipt_in_batches_and_publishes_one_root(
    shelf: FakeReceiptSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "BATCH", 2)
    shelf.receive(5)
    services.update_log(Delivery(), timezone.now())
    services.update_log(Delivery(), timezone.now())
    assert [(root.rank, root.size) for root in Root.objects.order_by("rank")] == [(1, 5)]


@pytest.mark.django_db
def test_without_a_key_leaves_are_added_and_no_root_is_published(
    shelf: FakeReceiptSource, settings: Settings
) -> None:
    shelf.receive(1)
    settings.SIGNING_KEYS = {}
    with pytest.raises(NoKeyError):
        services.update_log(Delivery(), timezone.now())
    assert (Leaf.objects.count(), Root.objects.count()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_add_each_receipt_once(shelf: FakeReceiptSource) -> None:
    shelf.receive(40)
    together = Barrier(4, timeout=60)

    def work() -> None:
        connection.ensure_connection()
        together.wait()
        publish()
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    assert Leaf.objects.count() == 40
    assert [(root.size, bytes.fromhex(root.hash)) for root in Root.objects.all()] == [(40, _tree().root)]


@pytest.mark.django_db
def test_a_proof_of_a_long_log_reads_as_little_as_of_a_short_one(shelf: FakeReceiptSource) -> None:
    shelf.receive(3)
    publish()
    shelf.receive(1_000)
    root = publish_new()
    for position in (3, 700, 1_002):
        leaf = Leaf.objects.get(position=position)
        with CaptureQueriesContext(connection) as captured:
            document = inclusion_document(leaf, root)
        assert len(captured) == 2
        assert check_inclusion(document, known_keys()).index == position
        assert len(document["path"]) <= 10


# -- What the database refuses ---------------------------------------------------------------------------------
