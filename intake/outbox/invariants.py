"""What must hold of the deliveries."""

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
        """
        SELECT d.public_id FROM outbox_delivery d JOIN outbox_message m ON m.delivery_id = d.id
        WHERE m.sent_at IS NULL AND d.state = 'DONE'
        """,
    ),
    Invariant(
        "no_delivery_is_given_up",
        "SELECT public_id FROM outbox_delivery WHERE state = 'DEAD'",
    ),
)
