"""The invariants of all apps, checked together by a command and by a daily job."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from django.db import transaction

from intake.documents import invariants as documents
from intake.dossiers import invariants as dossiers
from intake.journal.chain import forged_entries
from intake.journal.invariants import Invariant, StoredInvariant, invariants_in
from intake.outbox import selectors as outbox
from intake.outbox.models import Delivery
from intake.outbox.services import post
from intake.submissions.audit import invariants as submissions
from intake.submissions.delivery_kinds import DOSSIER, RECEIPT_MAIL
from intake.submissions.receipts.queries import JOBS

logger = logging.getLogger(__name__)

CHECK_INVARIANTS: Final = "CHECK_INVARIANTS"
"""Delivery kind of the daily job that posts one job per invariant."""
CHECK_INVARIANT: Final = "CHECK_INVARIANT"
"""Delivery kind of the job that checks one invariant."""
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
    """Return the condition that no delivery of these kinds has the number of receipt `r` as its key."""
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"NOT EXISTS (SELECT FROM outbox_delivery d WHERE d.kind IN ({named}) AND d.key = r.number)"


INVARIANTS: Final[tuple[Invariant, ...]] = (
    *invariants_in("journal"),
    *invariants_in("accounts"),
    *invariants_in("outbox"),
    outbox.no_dead_delivery_invariant(but=(CHECK_INVARIANTS, CHECK_INVARIANT)),
    *invariants_in("dossiers"),
    *submissions.INVARIANTS,
    *invariants_in("review"),
    *invariants_in("privacy"),
    Invariant("a_receipt_has_its_mail", f"{_RECEIPTS} AND {_without_delivery(RECEIPT_MAIL)}"),
    Invariant("a_receipt_has_its_dossier_asked_for", f"{_RECEIPTS} AND {_without_delivery(DOSSIER)}"),
    Invariant(
        "a_receipt_has_its_pdf_or_it_is_asked_for",
        # Posted later by the candidate or by `ask_for_receipts`. No PDF can be generated from an erased seal.
        f"""
        {_RECEIPTS} AND {_without_delivery(*JOBS)}
            AND NOT EXISTS (SELECT FROM dossiers_signedreceipt p WHERE p.seal_id = f.seal_id)
            AND EXISTS (SELECT FROM dossiers_seal e WHERE e.id = f.seal_id AND e.canonical IS NOT NULL)
        """,  # noqa: S608 -- only constants, no input
    ),
)
"""Invariants of rows: each is one query."""

COMPUTED: Final[tuple[StoredInvariant, ...]] = (
    StoredInvariant("a_recent_journal_entry_has_a_seal_of_the_portal", forged_entries),
)
"""Invariants of rows that need a secret, which the database does not have."""

FILES: Final[tuple[StoredInvariant, ...]] = (*documents.FILES, *dossiers.FILES)
"""Invariants of files: each reads all files."""


def checked_invariants(*, files: bool = False) -> list[Invariant | StoredInvariant]:
    """Return the invariants to check, in order; with `files`, also those that read every file."""
    return [*INVARIANTS, *COMPUTED, *(FILES if files else ())]


class InvariantViolatedError(Exception):
    """An invariant is violated: the job fails until a person has corrected the cause."""

    code = "invariant_violated"


def find_violations(*, files: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (invariant's name, violating row's name); with `files`, also read every file."""
    for invariant in checked_invariants(files=files):
        for name in invariant.violations():
            yield invariant.name, name


def post_daily_checks(delivery: Delivery, at: datetime) -> None:
    """Post one job per invariant of rows. With 100,000 submissions, one job for all would exceed its time limit."""
    with transaction.atomic():
        for invariant in checked_invariants():
            post(kind=CHECK_INVARIANT, key=f"{delivery.key}/{invariant.name}", subject=invariant.name, at=at)


def run_check(delivery: Delivery, _at: datetime) -> None:
    """Run the invariant that `delivery` names; log its violations.

    :raises InvariantViolatedError: if there is one, so that the job is retried, ends as DEAD, and staff see it.
    """
    for invariant in checked_invariants():
        # An invariant that no longer exists is skipped.
        if invariant.name != delivery.subject_id:
            continue
        found = invariant.violations()
        first = list(islice(found, _MAX_LOGGED))
        if first:
            more = sum(1 for _row in found)
            logger.error("invariant %s is broken by %s and %d more", invariant.name, ", ".join(first), more)
            raise InvariantViolatedError


@dataclass(frozen=True, slots=True)
class DailyCheck:
    """The last daily check: when it was posted, and how many invariants held, were violated, or are not known yet."""

    at: datetime
    held: int
    violated: int
    unknown: int


def last_daily_check() -> DailyCheck | None:
    """Return the last daily check, which may be under way; None if there was none. Two queries."""
    day = Delivery.objects.filter(kind=CHECK_INVARIANTS).order_by("-created_at", "-pk").first()
    if day is None:
        return None
    asked_then = Delivery.objects.filter(kind=CHECK_INVARIANT, key__startswith=f"{day.key}/")
    ended = list(asked_then.values_list("state", "last_error"))
    held = sum(state == Delivery.State.DONE for state, _error in ended)
    # Other errors, such as a stopped database, say nothing about the rows.
    violated = sum(
        state != Delivery.State.DONE and InvariantViolatedError.code in error for state, error in ended
    )
    return DailyCheck(day.created_at, held, violated, len(ended) - held - violated)


def invariants_hold() -> bool | None:
    """Return the result of the last daily check; None if it has not ended or there was none. Two queries."""
    last = last_daily_check()
    if last is not None and last.violated:
        return False
    return True if last is not None and last.held and not last.unknown else None
