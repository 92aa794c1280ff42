"""Attempts to cancel an offer: one person asks for it, another one approves it."""

from tests.database.attempts import raises_violation, returns_answer

_ALONE = "offer_is_cancelled_by_a_second_person UPDATE"
_TWO = "an_offer_is_cancelled_by_two_people"
_CANCEL = "UPDATE offers_offer SET status = 'CANCELLED' WHERE id = {open}"


def _step(kind: str, by: str = "staff", *, of: str = "open", reason: str = "Retrait.") -> str:
    """Return a step of the cancellation of the offer `of`."""
    return (
        "INSERT INTO offers_offerchange (offer_id, kind, author_id, reason, details, at)"
        f" VALUES ({{{of}}}, '{kind}', {{{by}}}, '{reason}', '', now())"
    )


CANCELLED = (
    _step("CANCEL_ASKED"),
    _step("CANCELLED", "administrator"),
    _CANCEL,
)
"""The cancellation of an open offer by two people."""

ATTEMPTS = (
    returns_answer(_ALONE, "cancel an offer by two people", *CANCELLED, answer="done"),
    *(
        raises_violation(_ALONE, what, *steps, _CANCEL, name=_TWO)
        for what, steps in (
            ("cancel an offer without a request", ()),
            ("cancel an offer that one asked to cancel", (_step("CANCEL_ASKED"),)),
            (
                "approve one's own cancellation",
                (_step("CANCEL_ASKED"), _step("CANCELLED")),
            ),
            (
                "approve a cancellation that was refused",
                (
                    _step("CANCEL_ASKED"),
                    _step("CANCEL_REFUSED", "administrator"),
                    _step("CANCELLED", "administrator"),
                ),
            ),
            (
                "approve a cancellation for another reason",
                (
                    _step("CANCEL_ASKED"),
                    _step("CANCELLED", "administrator", reason="Autre."),
                ),
            ),
            (
                "approve the cancellation of another offer",
                (_step("CANCEL_ASKED", of="other"), _step("CANCELLED", "administrator")),
            ),
        )
    ),
    returns_answer(
        _ALONE,
        "cancel without a request, by the owner",
        _CANCEL,
        answer="done",
        by="owner",
    ),
)
