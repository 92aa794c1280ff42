"""Add receipts to the log from their source, and publish its signed root."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Protocol

from django.db import connection, transaction

from eligibility.canonical import canonical
from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant
from intake.outbox.services import period_start
from intake.signing.services import sign

from . import merkle, selectors
from .documents import statement_of_root
from .leaves import LeafContent, hash_text, leaf_text
from .models import Leaf, Node, Root

BATCH: Final = 2_000  # leaves per transaction, which takes about a second


class Source(Protocol):
    """Interface by which the log reads receipts; `intake.wiring` connects the one source."""

    def unlogged(self, *, limit: int, received_before: datetime | None = None) -> list[LeafContent]:
        """Return the first `limit` committed receipts without a leaf, in order of receipt.

        Receipts that committed late are included: the criterion is the missing leaf, not the last leaf's instant.
        """

    def facts_of(self, numbers: Collection[str]) -> dict[str, LeafContent]:
        """Return the stored facts of these receipts, by number; missing receipts are omitted."""


class DuplicateSourceError(ValueError):
    """Two apps registered a source of receipts."""

    code = "source_taken"


class _Registered:
    source: Source | None = None


def register_source(source: Source) -> None:
    """Register the source of receipts.

    :raises DuplicateSourceError: if there is one already.
    """
    if _Registered.source is not None:
        raise DuplicateSourceError
    _Registered.source = source


def receipts() -> Source:
    """Return the registered source.

    :raises LookupError: if no app registered one.
    """
    if _Registered.source is None:
        raise LookupError
    return _Registered.source


def update_log(_delivery: Delivery, _at: datetime) -> None:
    """Add every missing receipt to the log, then publish a root, even without new ones. Instants are the database's.

    :raises NoKeyError: if there is no key to sign with.
    """
    while append_leaves():
        pass
    publish_root()


def append_leaves() -> int:
    """Add the next receipts to the log, at most `BATCH`; return their number.

    They are selected under the log's lock, by absence: a receipt that commits after others with a later number or
    instant is added the next time.
    """
    with transaction.atomic():
        _lock()
        new = receipts().unlogged(limit=BATCH)
        if not new:
            return 0
        size = selectors.log_size()
        leaves = [
            Leaf(position=position, number=facts.number, text=leaf_text(facts))
            for position, facts in enumerate(new, start=size)
        ]
        frontier = merkle.subtrees((0, size))
        kept = selectors.hashes_of_subtrees(frontier)
        tree = merkle.Tree(size, [kept[subtree] for subtree in frontier])
        Leaf.objects.bulk_create(leaves)
        Node.objects.bulk_create(
            Node(level=subtree.level, position=subtree.position, hash=hashed)
            for leaf in leaves
            for subtree, hashed in tree.add(hash_text(leaf.text))
        )
    return len(new)


def publish_root() -> Root | None:
    """Sign and publish the root of the whole log; None if the last root has the same size in the same period.

    A log that did not grow also gets a root each period: a leaf added later with an earlier instant of receipt is then
    backdated. Without roots at night, a filing could be dated at night undetected. The first root may be of an empty
    log: it proves that nothing was before.

    :raises NoKeyError: if there is no key to sign with.
    """
    with transaction.atomic():
        _lock()
        size, last = selectors.log_size(), selectors.latest_root()
        now = database_instant()  # not the transaction's start: another root may have been published since
        if (
            last is not None
            and last.size == size
            and period_start(now, every=selectors.PUBLISH_INTERVAL) <= last.published_at
        ):
            return None
        (hashed,) = selectors.hashes_of_ranges([(0, size)])
        rank = last.rank + 1 if last is not None else 1
        root = Root(rank=rank, size=size, hash=hashed.hex(), published_at=now)
        signature = sign(canonical(statement_of_root(root)))
        root.key_id, root.signature = signature.key_id, signature.value
        root.save(force_insert=True)
        return root


def _lock() -> None:
    """Wait for other transactions that add to the log; lock until this one ends.

    An advisory lock: the application's role may not change the tables' rows, and so may not lock the tables.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["the public log"])
