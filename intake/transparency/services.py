"""Putting receipts in the log, and publishing its signed root."""

from datetime import datetime
from typing import Final

from django.db import connection, transaction

from intake.outbox.models import Delivery
from intake.outbox.periodic import period_start
from intake.outbox.selectors import database_instant
from intake.signing.services import sign

from . import merkle, selectors
from .leaves import hash_text, leaf_text
from .models import Leaf, Node, Root
from .root_statement import root_statement, signed_bytes
from .sources import receipts

BATCH: Final = 2_000  # leaves per transaction: a second or so


def update_log(delivery: Delivery, at: datetime) -> None:
    """Put every receipt that is not there in the log, then publish a root, were nothing new. A job's body.

    :raises NoKeyError: when there is no key to sign with.
    """
    del delivery, at  # the instants are the database's
    while append_leaves():
        pass
    publish_root()


def append_leaves() -> int:
    """Put the next receipts in the log, at most `BATCH` of them; return how many.

    Which ones is read under the log's lock: a receipt that is committed late, after others that were numbered or
    received later, is put there the next time.
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
    """Sign and publish the root of the whole log; None when the last one says the same within the same period.

    A log that did not grow has a root each period too: whatever is put there later and says that it was received before
    that root is backdated. Were the nights without one, a filing could be dated in them unseen. The first root may be
    of an empty log: it shows that there was nothing before.

    :raises NoKeyError: when there is no key to sign with.
    """
    with transaction.atomic():
        _lock()
        size, last = selectors.log_size(), selectors.latest_root()
        now = database_instant()  # not the transaction's, which may have waited for a later root than its own
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
    """Wait for whoever else adds to the log; until the transaction ends. The tables themselves cannot be locked.

    The application's role may not change their rows, and so may not lock them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["the public log"])
