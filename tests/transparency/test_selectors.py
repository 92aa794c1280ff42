"""Queries on the log, with roots of equal and larger size, and leaves that no root covers yet."""

from datetime import UTC, datetime, timedelta

import pytest

from intake.transparency import merkle, selectors, services
from intake.transparency.documents import (
    consistency_document,
    inclusion_document,
    public_inclusion_document,
    root_document,
)
from intake.transparency.leaves import LeafContent, hash_text, instant_text, leaf_text, read_instant
from intake.transparency.models import Leaf, Node, Root
from tests.transparency.conftest import FakeReceiptSource, publish

pytestmark = pytest.mark.django_db


@pytest.fixture
def log(shelf: FakeReceiptSource, monkeypatch: pytest.MonkeyPatch) -> list[Root]:
    """Five roots, over 0, 3, 3, 3 and 5 leaves. No root covers the sixth leaf."""
    with monkeypatch.context() as patch:
        patch.setattr(services, "period_start", lambda at, **_every: at)  # each call is an hour later
        for count in (0, 3, 0, 0, 2):
            shelf.receive(count)
            publish()
    shelf.receive()
    services.append_leaves()
    return list(Root.objects.order_by("rank"))


def test_roots_and_leaves_are_found_by_rank_size_position_number_and_hash(
    log: list[Root], shelf: FakeReceiptSource
) -> None:
    assert [(root.rank, root.size) for root in log] == [(1, 0), (2, 3), (3, 3), (4, 3), (5, 5)]
    assert (selectors.log_size(), selectors.latest_root()) == (6, log[4])
    assert [selectors.root_before(root) for root in log] == [None, *log[:4]]
    assert [selectors.root_of_size(size) for size in (0, 2, 3, 5, 6)] == [log[0], None, log[1], log[4], None]
    over = [selectors.first_root_over(position) for position in (0, 2, 3, 4, 5)]
    assert over == [log[1], log[1], log[4], log[4], None]
    leaves = list(Leaf.objects.order_by("position"))
    logged = [selectors.log_position(number) for number in (*shelf.kept, "2027-020-999999-A")]
    assert [(one.leaf, one.since) if one else None for one in logged] == [
        *((leaves[rank], log[1]) for rank in range(3)),
        *((leaves[rank], log[4]) for rank in (3, 4)),
        (leaves[5], None),
        None,
    ]
    hashes = [hash_text(leaf.text) for leaf in leaves]
    assert [one.leaf_hash for one in logged if one] == [found.hex() for found in hashes]
    assert [selectors.leaf_by_hash(found) for found in hashes] == leaves
    above = Node.objects.get(level=1, position=0)
    assert [selectors.leaf_by_hash(bytes(above.hash)), selectors.leaf_by_hash(b"x" * 32)] == [None, None]
    assert selectors.leaf_hashes(start=1, end=4) == hashes[1:4]
    assert selectors.leaf_hashes(start=4, end=4) == []


def test_roots_over_the_same_leaves_form_one_run(log: list[Root]) -> None:
    found = selectors.runs(log[::-1])
    assert [(run.latest, run.earliest, run.count, run.others) for run in found] == [
        (log[4], log[4], 1, 0),
        (log[3], log[1], 3, 2),
        (log[0], log[0], 1, 0),
    ]
    assert selectors.runs([]) == []


def test_a_receipt_is_expected_by_a_quarter_past_the_next_hour() -> None:
    hour = datetime(2027, 9, 1, 14, tzinfo=UTC)
    tick = timedelta(microseconds=1)
    due = [selectors.expected_by(at) for at in (hour - tick, hour, hour + timedelta(minutes=59))]
    assert due == [
        hour.replace(minute=15),
        hour.replace(hour=15, minute=15),
        hour.replace(hour=15, minute=15),
    ]


def test_proof_documents_have_exactly_their_members(log: list[Root]) -> None:
    leaf, since = Leaf.objects.get(position=1), log[1]
    hashes = selectors.leaf_hashes(start=0, end=6)
    root = root_document(since)
    assert root["signed"] == {
        "type": "receipt-log-root",
        "schema": 1,
        "rank": 2,
        "size": 3,
        "hash": since.hash,
        "published_at": instant_text(since.published_at),
    }
    assert (list(root), root["key_id"]) == (["signed", "key_id", "signature"], since.key_id)
    public = {
        "schema": 1,
        "index": 1,
        "path": [hashes[0].hex(), hashes[2].hex()],
        "root": root,
        "previous": root_document(log[0]),
    }
    assert public_inclusion_document(leaf, since) == public
    assert inclusion_document(leaf, since) == public | {"leaf": leaf.text}
    assert consistency_document(log[1], log[4]) == {
        "schema": 1,
        "first": root,
        "second": root_document(log[4]),
        "path": [
            found.hex()
            for found in (
                hashes[2],
                hashes[3],
                merkle.hash_children(hashes[0], hashes[1]),
                hashes[4],
            )
        ],
    }


def test_a_leaf_is_written_in_utc_to_the_microsecond() -> None:
    quebec = datetime.fromisoformat("2027-09-01T10:00:00-04:00")
    text = leaf_text(LeafContent(number="2027-020-000123-K", received_at=quebec, seal="sha256:é"))
    assert text == (
        '{"number":"2027-020-000123-K","received_at":"2027-09-01T14:00:00.000000Z","schema":1,"seal":"sha256:é"}'
    )
    assert hash_text(text) == merkle.hash_leaf(text.encode())
    assert read_instant("2027-09-01T14:00:00.000000Z") == quebec
