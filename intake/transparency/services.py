"""Add receipts to the log, and publish its signed root."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from intake.outbox.models import Delivery
from intake.outbox.selectors import database_instant
from intake.outbox.services import period_start
from intake.signing.services import sign

from . import merkle, selectors
from .leaves import hash_text, leaf_text
from .models import Leaf, Node, Root
from .root_statement import root_statement, signed_bytes
from .sources import receipts

BATCH: Final = 2_000  # leaves per transaction, which takes about a second


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
        rank = last.rank + 1 if last is not None else 1
        (hashed,) = selectors.hashes_of_ranges([(0, size)])
        signature = sign(
            signed_bytes(root_statement(rank=rank, size=size, root_hash=hashed.hex(), published_at=now)),
        )
        return Root.objects.create(
            rank=rank,
            size=size,
            hash=hashed.hex(),
            published_at=now,
            key_id=signature.key_id,
            signature=signature.value,
        )


def _lock() -> None:
    """Wait for other transactions that add to the log; lock until this one ends.

    An advisory lock: the application's role may not change the tables' rows, and so may not lock the tables.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["the public log"])
