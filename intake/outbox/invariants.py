"""The invariant of deliveries that depends on the jobs that check it."""

from collections.abc import Collection

from intake.journal.invariants import Invariant


def no_dead_delivery_invariant(*, but: Collection[str]) -> Invariant:
    """Return the invariant that no delivery is DEAD, except those of the kinds `but` (at least one code).

    `but` names the jobs that check this invariant: a failed check would otherwise violate it for ever.
    """
    kinds = ", ".join(f"'{kind}'" for kind in but)
    return Invariant(
        "no_delivery_is_given_up",
        f"SELECT public_id FROM outbox_delivery WHERE state = 'DEAD' AND kind NOT IN ({kinds})",  # noqa: S608 -- only constants, no input
    )
