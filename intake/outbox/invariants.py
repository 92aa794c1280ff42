"""Invariants of the deliveries."""

from collections.abc import Collection
from typing import Final

from intake.journal.invariants import Invariant

INVARIANTS: Final = (
    Invariant(
        "a_delivery_is_asked_for_once",
        """
        SELECT kind || ' ' || key FROM outbox_delivery GROUP BY kind, key HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a_delivery_sends_one_mail",
        """
        SELECT d.public_id FROM outbox_delivery d JOIN outbox_message m ON m.delivery_id = d.id
        GROUP BY d.id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a_delivery_that_is_done_sent_its_mail",
        # Or dropped it, if an attempt that died may have sent it.
        """
        SELECT d.public_id FROM outbox_delivery d JOIN outbox_message m ON m.delivery_id = d.id
        WHERE d.state = 'DONE' AND ((m.sent_at IS NULL AND m.let_go_at IS NULL) OR m.is_to_go_again)
        """,
    ),
)


def no_dead_delivery_invariant(*, but: Collection[str]) -> Invariant:
    """Return the invariant that no delivery is DEAD, except those of the kinds `but` (at least one code).

    `but` names the jobs that check this invariant: a failed check would otherwise violate it for ever.
    """
    kinds = ", ".join(f"'{kind}'" for kind in but)
    return Invariant(
        "no_delivery_is_given_up",
        f"SELECT public_id FROM outbox_delivery WHERE state = 'DEAD' AND kind NOT IN ({kinds})",  # noqa: S608 -- only constants, no input
    )
