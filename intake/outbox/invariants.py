"""What must hold of the deliveries."""

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
        # Or let it go, not knowing whether an attempt that died had sent it.
        """
        SELECT d.public_id FROM outbox_delivery d JOIN outbox_message m ON m.delivery_id = d.id
        WHERE d.state = 'DONE' AND ((m.sent_at IS NULL AND m.let_go_at IS NULL) OR m.is_to_go_again)
        """,
    ),
)


def no_dead_delivery_invariant(*, but: Collection[str]) -> Invariant:
    """Return the sentence that no delivery is given up, of any kind `but` these, one or more codes of ours.

    A job that asks this very sentence and fails because it is broken would keep it broken for ever.
    """
    kinds = ", ".join(f"'{kind}'" for kind in but)
    return Invariant(
        "no_delivery_is_given_up",
        f"SELECT public_id FROM outbox_delivery WHERE state = 'DEAD' AND kind NOT IN ({kinds})",  # noqa: S608 -- codes of ours
    )
