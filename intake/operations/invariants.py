"""All that must hold, collected from the rooms below, and asked together by a command and by a daily job."""

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction

from intake.documents import invariants as documents
from intake.dossiers import invariants as dossiers
from intake.journal import invariants as journal
from intake.journal.invariants import Invariant, StoredInvariant
from intake.outbox import invariants as outbox
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.review.audit import invariants as review
from intake.submissions.audit import invariants as submissions
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL
from intake.submissions.receipts.pdf_status import JOBS

logger = logging.getLogger(__name__)

CHECK_INVARIANTS: Final = "CHECK_INVARIANTS"
"""The job that has them all asked, once a day."""
CHECK_INVARIANT: Final = "CHECK_INVARIANT"
"""The job that asks one of them."""
_MAX_LOGGED: Final = 5
"""Rows that the alert names of each invariant; the command names all of them."""
SYNTHETIC_DOMAIN: Final = "synthetique.invalid"
"""Where the mailboxes of invented people would be: loaded in bulk, they are sent nothing."""


_RECEIPTS = f"""
SELECT r.number FROM submissions_receipt r
    JOIN submissions_filing f ON f.id = r.filing_id
    JOIN submissions_submission s ON s.id = f.submission_id
    JOIN accounts_user u ON u.id = s.candidate_id
WHERE NOT u.email LIKE '%@{SYNTHETIC_DOMAIN}'
"""  # noqa: S608 -- constants of ours
"""All but those of invented people: loaded by the thousand, they are written to by nobody (`synthetic.load`)."""


def _without_delivery(*kinds: str) -> str:
    """Return the condition that no delivery of these kinds bears the number of the receipt `r`."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"NOT EXISTS (SELECT FROM outbox_delivery d WHERE d.kind IN ({named}) AND d.key = r.number)"


INVARIANTS: Final[tuple[Invariant, ...]] = (
    *journal.INVARIANTS,
    *outbox.INVARIANTS,
    outbox.no_dead_delivery_invariant(but=(CHECK_INVARIANTS, CHECK_INVARIANT)),
    *dossiers.INVARIANTS,
    *submissions.INVARIANTS,
    *review.INVARIANTS,
    Invariant("a_receipt_has_its_mail", f"{_RECEIPTS} AND {_without_delivery(RECEIPT_MAIL)}"),
    Invariant("a_receipt_has_its_dossier_asked_for", f"{_RECEIPTS} AND {_without_delivery(DOSSIER)}"),
    Invariant(
        "a_receipt_has_its_pdf_or_it_is_asked_for",
        # Asked for afterwards by its person, or by `ask_for_receipts`; of what was erased, it can be made no more.
        f"""
        {_RECEIPTS} AND {_without_delivery(*JOBS)}
            AND NOT EXISTS (SELECT FROM dossiers_signedreceipt p WHERE p.seal_id = f.seal_id)
            AND EXISTS (SELECT FROM dossiers_seal e WHERE e.id = f.seal_id AND e.canonical IS NOT NULL)
        """,  # noqa: S608 -- constants of ours
    ),
)
"""Of rows: each is one query."""

FILES: Final[tuple[StoredInvariant, ...]] = (*documents.FILES, *dossiers.FILES)
"""Of files: each reads all of them."""


def checked_invariants(*, files: bool = False) -> list[Invariant | StoredInvariant]:
    """Return what is asked, in order; with `files`, what reads every file too."""
    return [*INVARIANTS, *(FILES if files else ())]


def unsupported_invariants() -> list[Invariant]:
    """Return those that the server cannot answer as it is set: nothing is said of them."""
    return [invariant for invariant in INVARIANTS if not invariant.is_answered()]


class InvariantViolatedError(Exception):
    """Something that must hold does not: a person must look, and the job stays undone until one did."""

    code = "invariant_violated"


def find_violations(*, files: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the name of each broken invariant with that of the row that breaks it; `files` reads every file too."""
    for invariant in checked_invariants(files=files):
        for name in invariant.violations():
            yield invariant.name, name


def post_daily_checks(delivery: Delivery, at: datetime) -> None:
    """Ask for one job per invariant of rows: together they would outlast what a job may take, at a hundred thousand."""
    with transaction.atomic():
        for invariant in INVARIANTS:
            post(kind=CHECK_INVARIANT, key=f"{delivery.key}/{invariant.name}", subject=invariant.name, at=at)


def run_check(delivery: Delivery, at: datetime) -> None:
    """Ask the invariant that `delivery` names, and say aloud what breaks it: in the log, and by a job that fails.

    :raises InvariantViolatedError: so that it is tried again, then given up, and staff see it.
    """
    del at
    for invariant in INVARIANTS:
        # One that is asked no more is let go.
        if invariant.name != delivery.subject_id:
            continue
        found = invariant.violations()
        first = list(islice(found, _MAX_LOGGED))
        if first:
            more = sum(1 for _row in found)
            logger.error("invariant %s is broken by %s and %d more", invariant.name, ", ".join(first), more)
            raise InvariantViolatedError


def invariants_hold() -> bool | None:
    """Return what the last daily check found; None while it is under way, or where there was none. Two queries."""
    day = Delivery.objects.filter(kind=CHECK_INVARIANTS).order_by("-created_at", "-pk").first()
    if day is None:
        return None
    asked_then = Delivery.objects.filter(kind=CHECK_INVARIANT, key__startswith=f"{day.key}/")
    ended = list(asked_then.values_list("state", "last_error"))
    # What else went wrong, a database that stopped say, tells nothing of the rows.
    if any(state != Delivery.State.DONE and InvariantViolatedError.code in error for state, error in ended):
        return False
    return True if ended and all(state == Delivery.State.DONE for state, _error in ended) else None
