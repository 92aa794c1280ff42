"""What the schedule says of a submission, and what is due. `sql/retention_of.sql` decides; days are those of Québec."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from intake.accounts.models import User
from intake.privacy.models import LegalHold, Outcome, RetentionRule
from intake.submissions.models import Submission

_TODAY = "(transaction_timestamp() AT TIME ZONE 'America/Toronto')::date"
_KEPT = """
SELECT kept.outcome, kept.since, kept.months, kept.erased_on,
    EXISTS (SELECT FROM privacy_legalhold h WHERE h.submission_id = s.id AND h.lifted_at IS NULL),
    (SELECT e.erased_at FROM privacy_erasure e WHERE e.submission_id = s.id)
FROM submissions_submission s CROSS JOIN LATERAL retention_of(s.id) kept WHERE s.id = %s
"""
_DUE = f"""
SELECT s.id, EXISTS (SELECT FROM privacy_legalhold h WHERE h.submission_id = s.id AND h.lifted_at IS NULL)
FROM submissions_submission s CROSS JOIN LATERAL retention_of(s.id) kept
WHERE kept.erased_on <= {_TODAY}
    AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = s.id)
ORDER BY s.id
"""  # noqa: S608 -- constants of ours
_SOON = f"""
SELECT s.id, kept.erased_on
FROM submissions_submission s CROSS JOIN LATERAL retention_of(s.id) kept
WHERE kept.erased_on > {_TODAY} AND kept.erased_on <= {_TODAY} + %s
    AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = s.id)
    AND NOT EXISTS (SELECT FROM privacy_legalhold h WHERE h.submission_id = s.id AND h.lifted_at IS NULL)
ORDER BY s.id
"""  # noqa: S608 -- constants of ours
_DUE_ACCOUNTS = f"""
SELECT u.id FROM accounts_user u
WHERE NOT u.is_staff AND NOT u.is_superuser
    AND ((GREATEST(u.date_joined, u.last_login) AT TIME ZONE 'America/Toronto')::date + make_interval(months => (
        SELECT r.months FROM privacy_retentionrule r
        WHERE r.outcome = 'ACCOUNT' AND r.applies_at <= transaction_timestamp() ORDER BY r.id DESC LIMIT 1
    )) <= {_TODAY} OR EXISTS (
        SELECT FROM journal_entry j WHERE j.action = 'ACCOUNT_DELETION_ASKED'
            AND j.subject_kind = 'accounts.user' AND j.subject_id = u.public_id::text
    ))
    AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.account_id = u.id)
    AND NOT EXISTS (
        SELECT FROM submissions_submission s WHERE s.candidate_id = u.id
            AND NOT EXISTS (SELECT FROM privacy_erasure e WHERE e.submission_id = s.id)
    )
ORDER BY u.id
"""  # noqa: S608 -- constants of ours


@dataclass(frozen=True, slots=True)
class Retention:
    """What the schedule says of one submission."""

    outcome: Outcome
    since: date
    """The day on which its purpose is met: the period starts."""
    months: int | None
    day: date | None
    """The first day on which the schedule erases it. None without a rule."""
    is_held: bool
    erased_at: datetime | None

    @property
    def erased_on(self) -> date | None:
        """The day on which it will be erased. None while it is held, and once it is erased."""
        return None if self.is_held or self.erased_at is not None else self.day


def read_retention(submission: Submission) -> Retention:
    """Return what the schedule says of `submission`, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, [submission.pk])
        outcome, *rest = cursor.fetchone()
    return Retention(Outcome(outcome), *rest)


def erasure_day(submission: Submission) -> date | None:
    """Return the day on which `submission` will be erased, in Québec; None while it is held or once it is erased."""
    return read_retention(submission).erased_on


def due_submissions() -> list[tuple[int, bool]]:
    """Return the keys of the submissions that are due today and not erased, each with whether it is held."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE)
        return list(cursor.fetchall())


def soon_due_submissions(*, days: int) -> dict[int, date]:
    """Return the keys of the submissions that will be erased within `days` days and are not held, with their day."""
    with connection.cursor() as cursor:
        cursor.execute(_SOON, [days])
        return dict(cursor.fetchall())


def due_accounts() -> list[int]:
    """Return the keys of candidates' accounts with nothing left, unused for their period or deleted by their owner."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE_ACCOUNTS)
        return [key for (key,) in cursor.fetchall()]


def schedule(*, at: datetime) -> list[RetentionRule]:
    """Return the rule of each outcome that applies at `at`, in the order of the outcomes."""
    latest = Window(RowNumber(), partition_by="outcome", order_by=F("id").desc())
    rules = RetentionRule.objects.filter(applies_at__lte=at).annotate(rank=latest).filter(rank=1)
    order = {outcome: place for place, outcome in enumerate(Outcome.values)}
    return sorted(rules.select_related("author"), key=lambda rule: order[rule.outcome])


def pending_rules(*, at: datetime) -> QuerySet[RetentionRule]:
    """Return the rules that were set and apply only after `at`, the next one first."""
    return RetentionRule.objects.filter(applies_at__gt=at).order_by("applies_at", "pk")


def open_holds() -> QuerySet[LegalHold]:
    """Return the holds that are not lifted, oldest first."""
    rows = LegalHold.objects.filter(lifted_at=None).select_related(
        "submission__offer", "submission__standing_filing__receipt", "put_by"
    )
    return rows.order_by("put_at", "pk")


def kept_files(user: User) -> list[tuple[Submission, Retention]]:
    """Return the filed submissions of `user` that are not erased, with what the schedule says of them."""
    filed = Submission.objects.filter(Q(candidate=user), ~Q(standing_filing=None), erasure=None)
    return _with_retention(filed.select_related("offer", "standing_filing__receipt").order_by("pk"))


def _with_retention(rows: Iterable[Submission]) -> list[tuple[Submission, Retention]]:
    return [(row, read_retention(row)) for row in rows]
