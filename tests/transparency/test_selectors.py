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
from intake.transparency.models import Leaf, Root
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
            for found in (hashes[2], hashes[3], merkle.hash_children(hashes[0], hashes[1]), hashes[4])
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
