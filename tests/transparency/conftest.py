"""A log of receipts without filings: the tree and its proofs are the same, and the tests are fast."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

import pytest
from django.utils import timezone

from intake.transparency import services
from intake.transparency.leaves import LeafContent
from intake.transparency.models import Leaf, Root


@dataclass
class FakeReceiptSource:
    """Receipts by number, in order of receipt."""

    kept: dict[str, LeafContent] = field(default_factory=dict)

    def receive(self, count: int = 1, *, at: datetime | None = None) -> list[str]:
        """Store `count` more receipts, received at `at` or now. Return their numbers."""
        numbers = []
        for _one in range(count):
            number = f"2027-020-{len(self.kept) + 1:06d}-A"
            seal = "sha256:" + sha256(number.encode()).hexdigest()
            self.kept[number] = LeafContent(number, at or timezone.now(), seal)
            numbers.append(number)
        return numbers

    def unlogged(self, *, limit: int, received_before: datetime | None = None) -> list[LeafContent]:
        """Return the receipts without a leaf."""
        logged = set(Leaf.objects.values_list("number", flat=True))
        return [
            facts
            for facts in self.kept.values()
            if facts.number not in logged and (received_before is None or facts.received_at < received_before)
        ][:limit]

    def facts_of(self, numbers: Collection[str]) -> dict[str, LeafContent]:
        """Return the stored receipts among `numbers`."""
        return {number: self.kept[number] for number in numbers if number in self.kept}


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> FakeReceiptSource:
    """Make the log read its receipts from a source of this test."""
    made = FakeReceiptSource()
    monkeypatch.setattr(services._Registered, "source", made)
    return made


def publish() -> Root | None:
    """Append the missing receipts to the log and publish its root, as the hourly job does."""
    while services.append_leaves():
        pass
    return services.publish_root()


def publish_new() -> Root:
    """Publish a root of a log that has grown."""
    root = publish()
    assert root is not None
    return root
