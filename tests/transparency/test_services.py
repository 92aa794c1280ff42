"""Appending receipts to the log and publishing its root: in order, once each, also by concurrent workers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from eligibility.canonical import canonical
from intake.outbox.models import Delivery
from intake.signing.keys import Signature
from intake.signing.services import NoKeyError, known_keys, verify
from intake.transparency import merkle, selectors, services
from intake.transparency.auditing import FaultKind, audit_log
from intake.transparency.checking import ProofRefusedError, Refusal, check_inclusion
from intake.transparency.documents import inclusion_document, statement_of_root
from intake.transparency.leaves import hash_text
from intake.transparency.models import Leaf, Node, Root
from tests.database_roles import as_owner, without_triggers
from tests.transparency.conftest import FakeReceiptSource, publish, publish_new

type AppConnection = psycopg.Connection[tuple[Any, ...]]
DAY = timedelta(days=1)
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
def test_a_root_is_signed_by_the_current_key_and_dated_by_the_database(shelf: FakeReceiptSource) -> None:
    shelf.receive(5)
    before = timezone.now()
    root = publish_new()
    assert (root.rank, root.size, bytes.fromhex(root.hash)) == (1, 5, _tree().root)
    assert before - timedelta(seconds=1) < root.published_at <= timezone.now() + timedelta(seconds=1)
    assert verify(canonical(statement_of_root(root)), Signature(root.key_id, bytes(root.signature)))


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


def test_only_one_source_of_receipts_may_be_registered(
    monkeypatch: pytest.MonkeyPatch, shelf: FakeReceiptSource
) -> None:
    with pytest.raises(services.DuplicateSourceError):
        services.register_source(FakeReceiptSource())
    assert services.receipts() is shelf
    monkeypatch.setattr(services._Registered, "source", None)
    with pytest.raises(LookupError):
        services.receipts()
    services.register_source(shelf)
    assert services.receipts() is shelf


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
@pytest.mark.django_db
@pytest.mark.parametrize("position", [0, 1, 3])
def test_a_leaf_has_the_position_after_the_last_one(shelf: FakeReceiptSource, position: int) -> None:
    shelf.receive(2)
    publish()
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        Leaf.objects.bulk_create([Leaf(position=position, number="X", text="{}")])
    assert "log_leaves_follow_one_another" in _constraint(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change,constraint",
    [
        ({"rank": 3}, "log_roots_follow_one_another"),
        ({"size": 1}, "log_roots_follow_one_another"),
        ({"size": 3}, "log_roots_follow_one_another"),
        ({"published_at": timezone.now() - DAY}, "log_root_bears_the_databases_instant"),
        ({"published_at": timezone.now() + DAY}, "log_root_bears_the_databases_instant"),
        ({"hash": "A" * 64}, "log_root_is_a_sha256"),
        ({"key_id": ""}, "log_root_names_its_key"),
    ],
)
def test_a_root_has_the_next_rank_and_the_current_instant(
    shelf: FakeReceiptSource, change: dict[str, Any], constraint: str
) -> None:
    shelf.receive(2)
    first = publish_new()
    fields = {
        "rank": 2,
        "size": 2,
        "hash": first.hash,
        "published_at": _database_now(),
        "key_id": "key",
        "signature": b"s",
    }
    with transaction.atomic(), pytest.raises(IntegrityError) as refused, transaction.atomic():
        Root.objects.create(**fields | change)
    assert constraint in _constraint(refused.value)
    Root.objects.create(**fields | {"published_at": _database_now()})


@pytest.mark.django_db(transaction=True)
def test_rows_of_the_log_cannot_be_changed_or_deleted(
    shelf: FakeReceiptSource, app_connection: AppConnection
) -> None:
    shelf.receive()
    publish()
    for table, column in [("leaf", "position"), ("node", "position"), ("root", "rank")]:
        name = f"transparency_{table}"
        update, delete, empty = (
            statement.format(name, column)
            for statement in ("UPDATE {0} SET {1} = {1} + 1000", "DELETE FROM {0}", "TRUNCATE {0}")
        )
        for statement in (update, delete, empty):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app_connection.execute(statement)
        for statement in (update, delete):
            with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic(), as_owner():
                connection.cursor().execute(statement)


def _constraint(error: BaseException) -> str:
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(diagnosis.constraint_name if diagnosis else error)


def _database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
    assert isinstance(now, datetime)
    return now
